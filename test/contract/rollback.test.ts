import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ChangeReference } from '../../src/app/use-cases.ts'
import { contractId } from '../../src/domain/identifiers.ts'
import { MINUTE, plus } from '../../src/domain/time.ts'
import { handshake } from '../support/edge-client.ts'
import { type InProcess, startInProcess, VALIDATES_BY_TIME } from '../support/in-process.ts'
import { dvSettings } from '../support/settings.ts'

const NO_SCHEDULE = { notBefore: null, notAfter: null }
const AS_IS = { generation: null, reason: '' }

describe('a rollback of production', () => {
  let running: InProcess
  beforeAll(async () => {
    running = await startInProcess({ validation: VALIDATES_BY_TIME })
  })
  afterAll(() => running.close())

  const load = (ref: ChangeReference) => running.services.deps.store.read.changes.load(ref.changeId)
  const rests = async (ref: ChangeReference, status: string, state: string): Promise<void> => {
    await expect.poll(() => load(ref), { timeout: 60_000 }).toMatchObject({ status, state })
  }

  async function live(name: string): Promise<ChangeReference> {
    const { useCases, caller } = running
    const ref = await useCases.createEnrollment(caller, {
      contractId: contractId('1-SANDBOX'),
      settings: dvSettings(name),
      schedule: NO_SCHEDULE,
      allowDuplicateCn: false,
    })
    await rests(ref, 'coordinate-domain-validation', 'awaiting-input')
    await useCases.acknowledgeChallenges(caller, ref, 'acknowledge')
    await rests(ref, 'complete', 'completed')
    return ref
  }

  async function renewed({ enrollmentId }: ChangeReference): Promise<ChangeReference> {
    const changeId = await running.useCases.updateEnrollment(running.caller, enrollmentId, {
      settings: (stored) => stored,
      schedule: NO_SCHEDULE,
      allowCancelPendingChanges: false,
      allowStagingBypass: false,
      forceRenewal: true,
      renewalDateCheckOverride: true,
      allowMissingCertificateAddition: false,
    })
    if (changeId === null) throw new Error('nothing began')
    return { enrollmentId, changeId }
  }

  async function serialAt(name: string): Promise<string> {
    const [address = ''] = await running.services.deps.edges.addressesOf('production')
    const tls = await handshake({ host: '127.0.0.1', port: Number(address.split(':').at(-1)) }, name)
    const { serialNumber } = tls.getPeerCertificate()
    tls.destroy()
    return serialNumber
  }
  const generations = (ref: ChangeReference) => running.useCases.generations(running.caller, ref.enrollmentId)
  const told = async (ref: ChangeReference) =>
    (await running.useCases.notices(running.caller, 200))
      .filter(({ enrollmentId }) => enrollmentId === ref.enrollmentId)
      .map(({ occasion }) => occasion)

  it('shows clients the old certificate again, holds what is newer, and lets it go when it is unpinned', async () => {
    const { useCases, caller } = running
    const name = 'one.rollback.example'
    const ref = await live(name)
    const first = await serialAt(name)
    await rests(await renewed(ref), 'complete', 'completed')
    const second = await serialAt(name)
    expect(second).not.toBe(first)

    await useCases.rollBack(caller, ref.enrollmentId, { generation: null, reason: 'it breaks a client' })
    await expect.poll(() => serialAt(name), { timeout: 30_000 }).toBe(first)
    await expect.poll(async () => (await generations(ref)).live, { timeout: 30_000 }).toBe(1)
    const after = await generations(ref)
    expect(after.pin).toMatchObject({ generation: 1, reason: 'it breaks a client' })
    expect(after.generations.map(({ number, isLive }) => [number, isLive])).toEqual([
      [2, false],
      [1, true],
    ])

    const third = await renewed(ref)
    await rests(third, 'wait-deployment-schedule', 'suspended')
    expect((await useCases.explain(caller, third)).waitsFor).toMatch(
      /^Production is pinned to generation 1 .*\(it breaks a client\).*the pin gives way/,
    )
    expect((await useCases.plan(caller, ref.enrollmentId)).holds.map(({ kind }) => kind)).toEqual(['pin'])
    expect(await serialAt(name)).toBe(first)

    expect((await useCases.unpinGeneration(caller, ref.enrollmentId)).pin).toBeNull()
    await rests(third, 'complete', 'completed')
    expect([first, second]).not.toContain(await serialAt(name))
    expect((await generations(ref)).live).toBe(3)

    await useCases.rollBack(caller, ref.enrollmentId, { generation: 2, reason: '' })
    await expect.poll(() => serialAt(name), { timeout: 30_000 }).toBe(second)
    await useCases.rollBack(caller, ref.enrollmentId, { generation: 3, reason: '' })
    await expect.poll(async () => (await generations(ref)).live, { timeout: 30_000 }).toBe(3)
    await useCases.unpinGeneration(caller, ref.enrollmentId)
  })

  it('is refused where there is nothing to go to, and says why', async () => {
    const { useCases, caller } = running
    const ref = await live('two.rollback.example')
    const roll = (generation: number | null) =>
      useCases.rollBack(caller, ref.enrollmentId, { generation, reason: '' })
    await expect(roll(null)).rejects.toMatchObject({ code: 'cannot-return' })
    await expect(roll(7)).rejects.toMatchObject({
      code: 'validation-error',
      errors: [{ field: '/generation', detail: 'production never served a generation 7' }],
    })
    const first = (await generations(ref)).generations[0]?.certificates[0]?.serialNumber ?? ''
    await rests(await renewed(ref), 'complete', 'completed')
    await useCases.revokeCertificate(caller, ref.enrollmentId, {
      reason: 'superseded',
      serialNumber: first,
      signedBy: 'account',
    })
    await expect(roll(null)).rejects.toThrow(
      `Generation 1 may not be served again: the certificate with serial ${first} was revoked.`,
    )
    const pin = { generation: 1, reason: '' }
    await expect(useCases.pinGeneration(caller, ref.enrollmentId, pin)).rejects.toThrow(
      `certrail rollback ${ref.enrollmentId} --generation 1`,
    )
    expect(await generations(ref)).toMatchObject({ live: 2, pin: null })
  })

  it('and a pin end with their enrollment, whose removal they do not hold', async () => {
    const { useCases, caller } = running
    const ref = await live('three.rollback.example')
    await useCases.pinGeneration(caller, ref.enrollmentId, AS_IS)
    await useCases.removeEnrollment(caller, ref.enrollmentId, {
      schedule: NO_SCHEDULE,
      allowCancelPendingChanges: false,
    })
    const isGone = () =>
      generations(ref).then(
        () => false,
        ({ code }: { code: string }) => code === 'not-found',
      )
    await expect.poll(isGone, { timeout: 40_000 }).toBe(true)
    expect(await running.services.deps.store.read.pins.of(ref.enrollmentId)).toBeNull()
    await expect(serialAt('three.rollback.example')).rejects.toThrow()
  })

  it('is pinned no longer than what it serves is safe: then the renewal that waited goes to production, and that is told', async () => {
    const { useCases, caller } = running
    const name = 'four.rollback.example'
    const ref = await live(name)
    const first = await serialAt(name)
    const { pin } = await useCases.pinGeneration(caller, ref.enrollmentId, AS_IS)
    const { lastSafe, conflicts } = await useCases.plan(caller, ref.enrollmentId)
    if (lastSafe === null) throw new Error('nothing is live')
    expect([pin?.givesWayAt, conflicts]).toEqual([lastSafe, []])
    await useCases.advanceClock(caller, { to: plus(lastSafe, -MINUTE) })
    expect(await serialAt(name)).toBe(first)
    const { conflicts: late } = await useCases.plan(caller, ref.enrollmentId)
    expect(late.find(({ code }) => code === 'held-back')?.text).toContain('before that')
    await expect.poll(() => told(ref), { timeout: 40_000 }).toContain('held')
    await useCases.advanceClock(caller, { to: plus(lastSafe, MINUTE) })
    await expect.poll(() => serialAt(name), { timeout: 40_000 }).not.toBe(first)
    expect(await generations(ref)).toMatchObject({ live: 2, pin: null })
    await expect.poll(() => told(ref), { timeout: 40_000 }).toContain('pin-ended')
    await expect(useCases.rollBack(caller, ref.enrollmentId, { generation: 1, reason: '' })).rejects.toThrow(
      'it should have been replaced by',
    )
  })
})
