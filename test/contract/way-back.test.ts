import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ChangeReference } from '../../src/app/use-cases.ts'
import { contractId } from '../../src/domain/identifiers.ts'
import { HOUR } from '../../src/domain/time.ts'
import { Problem } from '../../src/errors/problem.ts'
import type { Edge } from '../../src/ports/edge.ts'
import { handshake } from '../support/edge-client.ts'
import { type InProcess, startInProcess } from '../support/in-process.ts'
import { dvSettings } from '../support/settings.ts'

const NAME = 'www.back.example'
const NO_SCHEDULE = { notBefore: null, notAfter: null }

describe('when one edge of production does not show the new certificate', () => {
  let running: InProcess
  let isBroken = false
  beforeEach(async () => {
    isBroken = false
    running = await startInProcess()
    const { edges } = running.services.deps
    const edgesOf = edges.edgesOf.bind(edges)
    Object.assign(edges, {
      edgesOf: async (network: 'staging' | 'production') => {
        const own = await edgesOf(network)
        return network === 'production' && isBroken ? [...own, broken(own[0])] : own
      },
    })
  })
  afterEach(() => running.close())

  /** Fails at once, as a host does where nobody listens. */
  const broken = (own: Edge | undefined): Edge => {
    if (own === undefined) throw new Error('no edge of our own')
    const deploy = async () => Promise.reject(new Problem('edge-unreachable', { detail: 'It is on fire.' }))
    return { ...own, id: 'burning', deploy, withdraw: async () => {} }
  }

  const load = (ref: ChangeReference) => running.services.deps.store.read.changes.load(ref.changeId)
  const serialSeen = async (): Promise<string> => {
    const [address = ''] = await running.services.deps.edges.addressesOf('production')
    const tls = await handshake({ host: '127.0.0.1', port: Number(address.split(':').at(-1)) }, NAME)
    const { serialNumber } = tls.getPeerCertificate()
    tls.destroy()
    return serialNumber.toLowerCase().replace(/^0+/, '')
  }
  const plain = (serial: string): string => serial.replace(/^0+/, '')

  async function live(): Promise<ChangeReference> {
    const { useCases, caller } = running
    const ref = await useCases.createEnrollment(caller, {
      contractId: contractId('1-SANDBOX'),
      settings: dvSettings(NAME),
      schedule: NO_SCHEDULE,
      allowDuplicateCn: false,
    })
    await useCases.acknowledgeChallenges(caller, ref, 'acknowledge')
    await expect.poll(() => load(ref), { timeout: 40_000 }).toMatchObject({ state: 'completed' })
    return ref
  }

  async function renewed(ref: ChangeReference): Promise<ChangeReference> {
    const { useCases, caller } = running
    const changeId = await useCases.updateEnrollment(caller, ref.enrollmentId, {
      settings: (stored) => stored,
      schedule: NO_SCHEDULE,
      allowCancelPendingChanges: false,
      allowStagingBypass: false,
      forceRenewal: true,
      renewalDateCheckOverride: true,
      allowMissingCertificateAddition: false,
    })
    if (changeId === null) throw new Error('nothing began')
    return { ...ref, changeId }
  }

  const inError = async (ref: ChangeReference, code: string): Promise<void> => {
    const failed = { status: 'deploy-cert-to-production', state: 'error', error: { code } }
    await expect.poll(() => load(ref), { timeout: 40_000 }).toMatchObject(failed)
  }

  it('the old one is back, as long as clients may be shown it', async () => {
    const first = await live()
    const before = await serialSeen()
    isBroken = true
    await inError(await renewed(first), 'edge-unreachable')
    await expect.poll(serialSeen, { timeout: 20_000 }).toBe(before)
  })

  it.each([
    [
      'was revoked',
      (ref: ChangeReference) =>
        running.useCases.revokeCertificate(running.caller, ref.enrollmentId, {
          reason: 'superseded',
          serialNumber: null,
          signedBy: 'account',
        }),
    ],
    [
      'has a key that was reported as compromised',
      async (ref: ChangeReference) => {
        const [certificate] = await running.services.deps.store.read.certificates.ofChange(ref.changeId)
        const pem = certificate?.certificatePem ?? ''
        return running.useCases.reportKey(running.caller, { key: { pem }, note: null })
      },
    ],
  ])(
    'the new one stays where it was seen if the old one %s; the evidence is kept, somebody is paged, and it is done once the edge is mended',
    async (why, spoil) => {
      const { useCases, caller, services } = running
      const first = await live()
      const before = await serialSeen()
      await spoil(first)
      isBroken = true
      const next = await renewed(first)
      await inError(next, 'no-way-back')
      const [certificate] = await services.deps.store.read.certificates.ofChange(next.changeId)
      expect(await serialSeen()).toBe(plain(certificate?.serialNumber ?? ''))
      expect(await serialSeen()).not.toBe(before)
      const { error } = (await load(next)) ?? {}
      expect(error?.description).toContain('burning: It is on fire.')
      expect(error?.description).toContain(`serial ${plain(before)} ${why}`)
      expect(error?.description).toMatch(/stays on the edges that showed it \(builtin-production@/)
      const { waitsFor, otherwise } = await useCases.explain(caller, next)
      expect([waitsFor, otherwise].join(' ')).toMatch(/burning: .* keep it; no other one is led back\./)
      const pages = async () =>
        (await useCases.notices(caller, 100)).filter(({ occasion }) => occasion === 'no-way-back')
      await expect.poll(pages, { timeout: 40_000 }).toHaveLength(1)
      isBroken = false
      await expect.poll(() => load(next), { timeout: 40_000 }).toMatchObject({ state: 'completed' })
      expect(await serialSeen()).toBe(plain(certificate?.serialNumber ?? ''))
    },
  )

  it('and the change is cancelled: neither the revoked one comes back, nor is the key of what serves destroyed until something newer is live', async () => {
    const { useCases, caller, services } = running
    const first = await live()
    const revocation = { reason: 'superseded', serialNumber: null, signedBy: 'account' } as const
    await useCases.revokeCertificate(caller, first.enrollmentId, revocation)
    isBroken = true
    const next = await renewed(first)
    await inError(next, 'no-way-back')
    const stays = await serialSeen()
    await useCases.cancelChange(caller, next)
    await expect.poll(() => load(next), { timeout: 20_000 }).toMatchObject({ state: 'cancelled' })
    await expect
      .poll(async () => (await load(next))?.effects[0], { timeout: 20_000 })
      .toBe('restore-production')
    const keys = async () =>
      (await services.deps.store.read.certificates.keyPairsOf(next.changeId)).map(
        ({ sealedPrivateKey }) => sealedPrivateKey !== null,
      )
    expect([await serialSeen(), await keys()]).toEqual([stays, [true]])
    isBroken = false
    const last = await renewed(first)
    await expect.poll(() => load(last), { timeout: 40_000 }).toMatchObject({ state: 'completed' })
    expect(await serialSeen()).not.toBe(stays)
    await useCases.advanceClock(caller, { by: HOUR })
    await expect.poll(keys, { timeout: 20_000 }).toEqual([false])
    expect(await serialSeen()).not.toBe(stays)
  })
})
