import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createEnrollment, dvEnrollment } from '../support/enrollments.ts'
import { endOfChange, hasPebble, type Live, startLive } from '../support/live-instance.ts'
import { hasNamed, type Named, startNamed } from '../support/named.ts'
import { freePort } from '../../scripts/lib/free-port.mjs'

const ZONE = 'dns.example'
const SECRET = 'c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0'

/** Names of a user's own DNS, a real ACME server that asks it, nobody on port 80 and nobody who places anything. */
describe.skipIf(!hasPebble || !hasNamed)(
  'live mode beside a DNS server of the user’s (skipped when the program pebble or named is missing)',
  () => {
    let folder: string
    let named: Named
    let live: Live
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'certrail-live-'))
      named = await startNamed({
        keys: [{ name: 'certrail', secret: SECRET }],
        zones: {
          'tls.example': { records: ['www A 127.0.0.1'] },
          [ZONE]: { writers: ['certrail'] },
        },
      })
      const providers = join(folder, 'providers.json')
      const update = { server: `127.0.0.1:${named.port}`, keyFile: named.keyFile('certrail') }
      await writeFile(providers, JSON.stringify([{ zone: ZONE, provider: 'rfc2136', ...update }]))
      const [nobody, production] = await Promise.all([freePort(), freePort()])
      live = await startLive({
        httpPort: nobody,
        tlsPort: production,
        dnsPort: named.port,
        env: {
          CERTRAIL_PRODUCTION_PORT: String(production),
          CERTRAIL_VALIDATION_HTTP_PORT: String(nobody),
          CERTRAIL_VALIDATION_HTTPS_PORT: String(production),
          CERTRAIL_RESOLVER: `127.0.0.1:${named.port}`,
          CERTRAIL_VALIDATION_DNS_PORT: String(named.port),
          CERTRAIL_DNS_PROVIDERS: providers,
        },
      })
    })
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
  },
)
