import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { ProxiedAnswer } from '../support/acme-proxy.ts'
import { AUTHORITY_KINDS, liveOptionsOf } from '../support/authority-kinds.ts'
import {
  acknowledgeChallenges,
  createEnrollment,
  dvEnrollment,
  followChange,
} from '../support/enrollments.ts'
import { endOfChange, hasPebble, type Live, productionOf, startLive } from '../support/live-instance.ts'
import { hasNamed, type Named, startNamed } from '../support/named.ts'
import { sampled } from '../support/sampled.ts'
import { freePort } from '../../scripts/lib/free-port.mjs'

const ZONE = 'dns.example'
const SECRET = 'c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0'

/** As its directory says it (RFC 8555 section 9.7.6); the installed server does not. */
const IDENTITY = 'ca.example'
const CAA = 'caa.example'
/** Whose CAA records name an account. */
const BOUND = 'bound.example'
const boundTo = (account: string): readonly string[] => [
  'www A 127.0.0.1',
  `@ CAA 0 issue "${IDENTITY}; accounturi=${account}; validationmethods=tls-alpn-01"`,
]
/** On a machine that does much else. */
const START_MS = 300_000
const PATIENCE = { timeout: 60_000, interval: 100 }

function withIdentity({ path, body }: ProxiedAnswer): Partial<ProxiedAnswer> | undefined {
  if (path !== '/dir') return undefined
  const directory = JSON.parse(body.toString())
  const meta = { ...directory.meta, caaIdentities: [IDENTITY] }
  return { body: Buffer.from(JSON.stringify({ ...directory, meta })) }
}

/** Names of a user's own DNS, a real ACME server that asks it, nobody on port 80 and nobody who places anything. */
describe.skipIf(!hasPebble || !hasNamed).each(sampled(AUTHORITY_KINDS, 1))(
  'live mode beside a DNS server of the user’s, at a CA that uses proofs again: $reuses, wants an external account: $binds (skipped when the program pebble or named is missing)',
  (kind) => {
    let folder: string
    let named: Named
    let live: Live
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'certrail-live-'))
      named = await startNamed({
        keys: [{ name: 'certrail', secret: SECRET }],
        zones: {
          // Where CAA records are climbed to: the root of these names.
          example: {},
          'tls.example': { records: ['www A 127.0.0.1'] },
          [BOUND]: { records: boundTo('https://elsewhere.example/account/1') },
          [ZONE]: { writers: ['certrail'] },
          [CAA]: {
            writers: ['certrail'],
            records: [
              `@ CAA 0 issue "${IDENTITY}; accounturi=https://elsewhere.example/account/1"`,
              `other CAA 0 issue "other.example"`,
              `http CAA 0 issue "${IDENTITY}; validationmethods=http-01"`,
              `dns CAA 0 issue "${IDENTITY}; validationmethods=dns-01"`,
            ],
          },
        },
      })
      const providers = join(folder, 'providers.json')
      const update = { server: `127.0.0.1:${named.port}`, keyFile: named.keyFile('certrail') }
      const rows = [ZONE, CAA].map((zone) => ({ zone, provider: 'rfc2136', ...update }))
      await writeFile(providers, JSON.stringify(rows))
      const [nobody, production] = await Promise.all([freePort(), freePort()])
      const options = liveOptionsOf(kind)
      live = await startLive({
        httpPort: nobody,
        tlsPort: production,
        ...options,
        nonceReject: 50,
        dnsPort: named.port,
        prepare: async (parts) => {
          parts.proxy.tamper(withIdentity)
          return (await options.prepare?.(parts)) ?? {}
        },
        env: {
          CERTRAIL_PRODUCTION_PORT: String(production),
          CERTRAIL_VALIDATION_HTTP_PORT: String(nobody),
          CERTRAIL_VALIDATION_HTTPS_PORT: String(production),
          CERTRAIL_RESOLVER: `127.0.0.1:${named.port}`,
          CERTRAIL_VALIDATION_DNS_PORT: String(named.port),
          CERTRAIL_DNS_PROVIDERS: providers,
        },
      })
    }, START_MS)
    afterAll(async () => {
      await live?.close()
      await named?.close()
      await rm(folder, { recursive: true, force: true })
    })

    it('proves one name by tls-alpn-01 at our edge, and apex and wildcard by dynamic updates', async () => {
      const { client, ready, output } = live.instance()
      const body = dvEnrollment('www.tls.example', [ZONE, `*.${ZONE}`])
      const { enrollment, change } = await createEnrollment(client, ready.contract, body)
      expect(await endOfChange(live, change), output()).toMatchObject({ state: 'completed' })
      const history = await client.call('GET', `${enrollment}/dv-history`, {
        accept: 'application/vnd.akamai.cps.dv-history.v1+json',
      })
      expect(history.text).not.toContain('tls-alpn-01')
      await vi.waitFor(async () => expect(await named.texts(`_acme-challenge.${ZONE}`)).toEqual([]), {
        timeout: 20_000,
        interval: 50,
      })
    })

    it('offers a name to the CA as soon as its CAA records name the very account that has the order (RFC 8657)', async () => {
      const { client, ready, output } = live.instance()
      const name = `www.${BOUND}`
      const { change, enrollment } = await createEnrollment(client, ready.contract, dvEnrollment(name))
      const own = `${change.replace('/cps/v2/', '/certrail/v1/')}/explain`
      const told = async (): Promise<unknown> => (await client.call('GET', own)).body.validations[0]?.error
      await expect
        .poll(told, PATIENCE)
        .toBe(`The CAA records of ${BOUND} allow ${IDENTITY} for another account (accounturi).`)
      const looks = live.pebble.log().match(/Pulled a task/g)?.length
      const { body } = await client.call('GET', '/certrail/v1/authorities')
      const account = body.authorities.find((one: { validationTypes: readonly string[] }) =>
        one.validationTypes.includes('dv'),
      )?.account
      expect(account).toMatch(/^https:/)
      await named.rewrite(BOUND, boundTo(account))
      await acknowledgeChallenges(client, change)
      await followChange(client, change, ({ state }) => state === 'completed' || state === 'error')
      expect(await endOfChange(live, change), output().slice(-4_000)).toMatchObject({ state: 'completed' })
      expect(live.pebble.log().match(/Pulled a task/g)?.length).toBe((looks ?? 0) + 1)
      expect(await productionOf(live, enrollment)).not.toBeNull()
    })

    it('offers to the CA what its CAA records let it prove in this way for this account, and says of the rest why not (RFC 8659, RFC 8657)', async () => {
      const { client, ready } = live.instance()
      const names = ['deep.below', 'www.other', 'www.http', 'www.dns'].map((label) => `${label}.${CAA}`)
      const [cn = '', ...sans] = names
      const { change } = await createEnrollment(client, ready.contract, dvEnrollment(cn, sans))
      const explained = async () => {
        const { body } = await client.call('GET', `${change.replace('/cps/v2/', '/certrail/v1/')}/explain`)
        return names.map((name): { validationStatus: string; error: string | null } =>
          body.validations.find(({ domain }: { domain: string }) => domain === name),
        )
      }
      await expect
        .poll(async () => (await explained()).map((one) => one?.validationStatus), PATIENCE)
        .toEqual(['RESPONSE_ERROR', 'RESPONSE_ERROR', 'RESPONSE_ERROR', 'VALIDATED'])
      expect((await explained()).map(({ error }) => error)).toEqual([
        `The CAA records of ${CAA} allow ${IDENTITY} for another account (accounturi).`,
        `The CAA records of other.${CAA} allow other.example, not ${IDENTITY}.`,
        `The CAA records of http.${CAA} allow ${IDENTITY} by other methods alone (validationmethods).`,
        null,
      ])
      expect(
        (await client.call('DELETE', change, { accept: 'application/vnd.akamai.cps.change-id.v1+json' }))
          .status,
      ).toBe(200)
    })
  },
)
