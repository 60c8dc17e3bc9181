import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { accountId } from '../../src/domain/identifiers.ts'
import { instant } from '../../src/domain/time.ts'
import { createApiApp } from '../../src/http/app.ts'
import { createOpenRequests } from '../../src/http/open-requests.ts'
import { createReporter } from '../../src/http/reporter.ts'
import { createNodeRandom } from './node-random.ts'
import { createFakeUseCases } from './fake-use-cases.ts'

export interface InMemoryRequest {
  readonly method: string
  readonly path: string
  readonly contentType: string
  readonly body: string | Uint8Array
}

/** The HTTP application without sockets and signatures, over use cases in a map: for as many requests as a fuzz wants. Everybody is its administrator. */
export function createApiInMemory() {
  const faults: unknown[] = []
  const silent = () => {}
  const fake = createFakeUseCases({ 'A-1': ['C-1'] })
  const reporter = createReporter(
    {
      clock: { now: () => instant(0) },
      random: createNodeRandom(),
      log: { debug: silent, info: silent, warn: silent, error: (fields) => void faults.push(fields) },
      metrics: { onRequest: silent },
    },
    'localhost',
  )
  const app = createApiApp({
    useCases: fake.useCases,
    verifier: {
      verify: async () => ({
        accountId: accountId('A-1'),
        clientId: 'fuzz',
        clientName: 'fuzz',
        role: 'admin' as const,
      }),
    },
    rateLimits: null,
    wire: { spelling: 'coodinate', challengeRedirectBase: null },
    serviceNames: ['localhost'],
    bodyLimitBytes: 200_000,
    sandbox: true,
    rootPage: () => '',
    reporter,
    open: createOpenRequests(),
  })
  return {
    fake,
    /** What went to the log as a fault. */
    faults,
    async send({ method, path, contentType, body }: InMemoryRequest): Promise<Response> {
      const bytes = Buffer.from(body)
      const headers = {
        host: 'localhost',
        'content-type': contentType,
        'content-length': String(bytes.length),
      }
      const incoming = Object.assign(Readable.from([bytes]), { method, url: path, headers, socket: {} })
      return app.fetch(new Request('https://localhost/', { method }), {
        incoming: incoming as unknown as IncomingMessage,
        outgoing: {} as never,
      })
    },
  }
}
