import { get } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { createPlainHttp } from '../../src/http/plain.ts'
import type { PublishedNames } from '../../src/ports/published-names.ts'
import { createChallengeLook } from '../../src/validation/look.ts'
import {
  type FrontProxyOptions,
  hasHaproxy,
  hasNginx,
  startHaproxy,
  startNginx,
} from '../support/front-proxies.ts'

const NAME = 'www.site.example'
const TOKEN = 'token-1'
const PATH = `/.well-known/acme-challenge/${TOKEN}`
const never = new AbortController().signal

const names: PublishedNames = {
  httpChallenge: async (host, token) => (host === NAME && token === TOKEN ? 'token-1.thumb' : null),
  textRecords: async () => [],
  isAboveEnrolled: async () => false,
  enrolledAmong: async () => new Set(),
}

const opened: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close()
})

async function startCertrail(edgeId: string): Promise<number> {
  const plain = await createPlainHttp({
    listen: { hosts: ['127.0.0.1'], port: 0 },
    names,
    authorityFiles: async () => null,
    productionPort: () => 443,
    edgeId,
    log: { warn: () => undefined },
  })
  opened.push(plain)
  return plain.port
}

const ask = (port: number, path: string, host = NAME) =>
  new Promise<{ status: number; location: string | undefined; body: string }>((resolve, reject) => {
    const sent = get({ host: '127.0.0.1', port, path, headers: { host }, agent: false }, (response) => {
      let body = ''
      response.on('data', (chunk: Buffer) => (body += chunk.toString()))
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, location: response.headers.location, body }),
      )
    })
    sent.on('error', reject)
  })

const PROXIES = [
  {
    program: 'haproxy',
    isThere: hasHaproxy,
    start: startHaproxy,
    // What a user has after our lines.
    addRules: (text: string) =>
      text.replace('    http-request redirect', '    http-request deny if { path_beg /.well-known/ }\n$&'),
    trap: (text: string) => text.replace('    http-request redirect', '    redirect'),
  },
  {
    program: 'nginx',
    isThere: hasNginx,
    start: startNginx,
    addRules: (text: string) =>
      text.replace('    location / {', '    location ~ /\\.well-known/ { deny all; }\n$&'),
    trap: (text: string) => text.replace('    location ^~', '    return 301 https://$host$request_uri;\n$&'),
  },
] as const

for (const { program, isThere, start, addRules, trap } of PROXIES) {
  describe.skipIf(!isThere)(
    `the challenge path through ${program}, as examples/ has it (skipped when the program ${program} is missing)`,
    () => {
      const open = async (options: FrontProxyOptions) => {
        const proxy = await start(options)
        opened.push(proxy)
        return proxy.port
      }

      it('leads to Certrail before any redirect, and everything else to https', async () => {
        const port = await open({ backends: [await startCertrail('edge-1')] })
        expect(await ask(port, PATH)).toMatchObject({ status: 200, body: 'token-1.thumb' })
        expect(await ask(port, PATH, `${NAME}:80`)).toMatchObject({ status: 200, body: 'token-1.thumb' })
        expect(await ask(port, `${PATH}-other`)).toMatchObject({ status: 404 })
        expect(await ask(port, PATH, 'other.example')).toMatchObject({ status: 404 })
        expect(await ask(port, '/index.html?a=b')).toMatchObject({
          status: 308,
          location: `https://${NAME}/index.html?a=b`,
        })
      })

      it('is not stopped by what comes after it in the configuration', async () => {
        const port = await open({ backends: [await startCertrail('edge-1')], edit: addRules })
        expect((await ask(port, PATH)).status).toBe(200)
        expect((await ask(port, '/.well-known/other')).status).toBe(403)
      })

      it('is answered by another Certrail process when one is gone', async () => {
        const port = await open({ backends: [1, await startCertrail('edge-2')] })
        const answers = [await ask(port, PATH), await ask(port, PATH), await ask(port, PATH)]
        expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
      })

      it('is seen by our own look, which knows that an edge of ours answered', async () => {
        const port = await open({ backends: [await startCertrail('edge-1')] })
        const resolver = {
          servers: [],
          query: async (name: string, type: string) =>
            type === 'A' ? { outcome: 'records', name, records: ['127.0.0.1'] } : { outcome: 'nodata', name },
        } as never
        const look = createChallengeLook({
          resolver,
          resolverAt: () => resolver,
          targets: 'loopback',
          httpPort: port,
          timeoutMs: 5_000,
        })
        const target = {
          type: 'http-01',
          identifier: NAME,
          token: TOKEN,
          keyAuthorization: 'token-1.thumb',
        } as const
        expect(await look.look(target, never)).toMatchObject({ found: true, edges: ['edge-1'] })
      })

      it('is lost where the examples warn of it', async () => {
        const port = await open({ backends: [await startCertrail('edge-1')], edit: trap })
        expect((await ask(port, PATH)).location).toContain('https://')
      })
    },
  )
}
