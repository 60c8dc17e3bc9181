import { createPrivateKey } from 'node:crypto'
import { dirname } from 'node:path'
import type { ConnectionOptions } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ServiceSettings } from '../../src/composition/settings.ts'
import { contractId } from '../../src/domain/identifiers.ts'
import type { Network } from '../../src/domain/network.ts'
import { getJson, handshake } from '../support/edge-client.ts'
import { hasHaproxy, placeholderPem, type TestHaproxy } from '../support/haproxy.ts'
import { closeFleet, startFleet } from '../support/haproxy-fleet.ts'
import { type InProcess, startInProcess } from '../support/in-process.ts'
import { makeTestAuthority, type TestAuthority } from '../support/self-signed.ts'
import { dvSettings } from '../support/settings.ts'

/** Client mutual authentication from the request to the networks, over a real database and real edges. */
let running: InProcess
let ours: TestAuthority
let theirs: TestAuthority
const never = new AbortController().signal

beforeAll(async () => {
  ;[ours, theirs] = await Promise.all([makeTestAuthority(), makeTestAuthority()])
})

/** What serves both networks, as settings of a process. */
interface Servers {
  readonly settings: Partial<ServiceSettings>
  close(): Promise<void>
}

async function haproxies(): Promise<Servers> {
  const fleet = await startFleet(await placeholderPem(ours))
  const edgeOf = ({ address, candidate, socketPath, places }: TestHaproxy) => ({
    kind: 'haproxy' as const,
    addresses: [address],
    candidate,
    socket: socketPath,
    masterSocket: null,
    reload: null,
    folder: dirname(places.placeholder),
  })
  return {
    settings: { edges: { staging: edgeOf(fleet.staging), production: edgeOf(fleet.production) } },
    close: () => closeFleet(fleet),
  }
}

const SERVERS: readonly (readonly [string, boolean, () => Promise<Servers>])[] = [
  ['our own edge', true, async () => ({ settings: {}, close: async () => {} })],
  ['HAProxy (skipped when the program haproxy is missing)', hasHaproxy, haproxies],
]

const settingsOf = (name: string, setId: string) => {
  const settings = dvSettings(name)
  const options = { sendCaListToClient: false, ocsp: { enabled: false } }
  const clientMutualAuthentication = { setId, authenticationOptions: options }
  return {
    ...settings,
    networkConfiguration: { ...settings.networkConfiguration, clientMutualAuthentication },
  }
}

async function deployed(name: string, setId: string) {
  const { useCases, caller } = running
  const ref = await useCases.createEnrollment(caller, {
    contractId: contractId('1-SANDBOX'),
    settings: settingsOf(name, setId),
    schedule: { notBefore: null, notAfter: null },
    allowDuplicateCn: false,
  })
  let acknowledged = false
  let change = await useCases.getChange(caller, ref)
  for (let look = 0; look < 60 && change.state !== 'completed'; look += 1) {
    expect(change.error).toBeNull()
    if (!acknowledged && change.state === 'awaiting-input') {
      acknowledged = true
      await useCases.acknowledgeChallenges(caller, ref, 'acknowledge')
    }
    change = await useCases.waitForChange(caller, ref, 1, never)
  }
  expect(change.state).toBe('completed')
  return ref
}

async function clientOf(authority: TestAuthority): Promise<ConnectionOptions> {
  const { certificatePem, privateKey } = await authority.issue(['client.example'])
  const key = createPrivateKey({ key: Buffer.from(privateKey), format: 'der', type: 'sec1' })
  return {
    cert: `${certificatePem}\n${authority.intermediatePem}`,
    key: key.export({ type: 'sec1', format: 'pem' }),
  }
}

async function enters(network: Network, name: string, options: ConnectionOptions = {}): Promise<boolean> {
  const port = running.services.edgeSide?.ports[network] ?? 0
  try {
    const tls = await handshake({ host: '127.0.0.1', port }, name, options)
    const { status } = await getJson(tls, name)
    tls.destroy()
    return status === 200
  } catch {
    return false
  }
}

describe.each(SERVERS.filter(([, isThere]) => isThere))(
  'an enrollment with a trust-chain set over %s',
  (_, __, start) => {
    let servers: Servers
    beforeAll(async () => {
      servers = await start()
      running = await startInProcess(servers.settings)
    })
    afterAll(async () => {
      await running.close()
      await servers.close()
    })

    it('is deployed, seen by the probes, and answered to whom the set lets in', async () => {
      const { useCases, caller } = running
      const set = await useCases.createTrustChainSet(caller, {
        id: null,
        name: 'Partners',
        certificates: `Comments are left out.\n${ours.intermediatePem}\n${ours.rootPem}`,
      })
      const { id } = set.set
      expect(set.revisions[0]?.certificates.map(({ subject }) => subject).toSorted()).toEqual([
        'CN=Test issuing',
        'CN=Test root',
      ])
      const ref = await deployed('www.partners.example', id)
      expect((await useCases.explain(caller, ref)).notEnforced).toEqual([])
      for (const network of ['staging', 'production'] as const) {
        expect(await enters(network, 'www.partners.example')).toBe(false)
        expect(await enters(network, 'www.partners.example', await clientOf(theirs))).toBe(false)
        expect(await enters(network, 'www.partners.example', await clientOf(ours))).toBe(true)
      }

      await useCases.reviseTrustChainSet(caller, id, theirs.rootPem)
      expect(await enters('staging', 'www.partners.example', await clientOf(ours))).toBe(true)
      await useCases.activateTrustChainSet(caller, id, { network: 'staging', revision: 2 })
      expect(await enters('staging', 'www.partners.example', await clientOf(ours))).toBe(false)
      expect(await enters('staging', 'www.partners.example', await clientOf(theirs))).toBe(true)
      expect(await enters('production', 'www.partners.example', await clientOf(ours))).toBe(true)

      await expect(useCases.removeTrustChainSet(caller, id)).rejects.toMatchObject({ code: 'set-in-use' })
      await expect(
        useCases.activateTrustChainSet(caller, id, { network: 'staging', revision: 9 }),
      ).rejects.toMatchObject({ code: 'validation-error' })
    })

    it('is open to everybody while the account has no such set, which explain says; and closed once it has', async () => {
      const { useCases, caller } = running
      const ref = await deployed('www.later.example', '4711')
      const [said] = (await useCases.explain(caller, ref)).notEnforced
      expect(said).toContain('no trust-chain set 4711')
      expect(await enters('production', 'www.later.example')).toBe(true)
      await useCases.createTrustChainSet(caller, { id: '4711', name: 'Later', certificates: ours.rootPem })
      expect((await useCases.explain(caller, ref)).notEnforced).toEqual([])
      expect(await enters('production', 'www.later.example')).toBe(false)
      expect(await enters('production', 'www.later.example', await clientOf(ours))).toBe(true)
    })

    it('is made of authorities alone, each with its root', async () => {
      const { useCases, caller } = running
      const leaf = await ours.issue(['client.example'])
      const make = (certificates: string) =>
        useCases.createTrustChainSet(caller, { id: null, name: 'Wrong', certificates })
      for (const [certificates, said] of [
        [leaf.certificatePem, /not the certificate of an authority/],
        [ours.intermediatePem, /leads to no self-signed certificate/],
        [`${ours.intermediatePem}\n${theirs.rootPem}`, /leads to no self-signed certificate/],
        ['nothing', /No PEM certificate/],
      ] as const)
        await expect(make(certificates)).rejects.toMatchObject({
          code: 'validation-error',
          errors: [{ field: '/certificates', detail: expect.stringMatching(said) }],
        })
    })
  },
)
