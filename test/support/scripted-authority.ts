import type { AcmeRequest, AcmeResponse, AcmeSend } from '../../src/authority/acme/send.ts'
import type { Instant } from '../../src/domain/time.ts'
import { toPem } from '../../src/pki/pem.ts'
import { testLeaf, testRoot } from './test-certificates.ts'

/** What was asked for, the payload of its signature opened. */
export interface Asked {
  readonly method: string
  readonly path: string
  readonly payload: unknown
}

/** A body that is no text is sent as JSON. */
export interface Scripted {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly links?: readonly string[]
  readonly body?: unknown
}

/** What is answered in the place of the usual answer, which it may look at; undefined: that one. */
export type Script = (asked: Asked, usual: () => Scripted) => Scripted | undefined

export interface ScriptedAuthority {
  readonly send: AcmeSend
  /** What all of its URLs begin with. */
  readonly origin: string
  readonly directoryUrl: string
  /** PEM of what every order is issued. */
  readonly certificatePem: string
  readonly asked: Asked[]
  /** How often this path (or one below it) was asked for. */
  countOf(path: string): number
  script(script: Script | null): void
}

interface Order {
  readonly names: readonly string[]
  readonly proven: Set<number>
  isFinalized: boolean
}

/** A problem of ACME as a server sends it. */
export const refusal = (status: number, type: string, more: object = {}): Scripted => ({
  status,
  headers: { 'content-type': 'application/problem+json' },
  body: { type: `urn:ietf:params:acme:error:${type}`, detail: 'its own words', ...more },
})

/**
 * An ACME server without a network, for answers that no server here gives. It believes whatever it is told: that requests are signed as they should be is
 * Pebble's to say (test/interop/pebble-client.test.ts).
 */
export function createScriptedAuthority(origin: string, at: Instant): ScriptedAuthority {
  const root = testRoot({ cn: 'root', at })
  const certificatePem = toPem('CERTIFICATE', testLeaf(root, { cn: 'a.example', at }).der)
  const orders: Order[] = []
  const asked: Asked[] = []
  let script: Script | null = null
  let nonces = 0
  const answer = (one: Asked): Scripted => usualAnswer(one, { origin, orders, certificatePem })
  return {
    origin,
    directoryUrl: `${origin}/dir`,
    certificatePem,
    asked,
    countOf: (path) => asked.filter((one) => one.path.startsWith(path)).length,
    script(given) {
      script = given
    },
    async send(request) {
      const one = readRequest(request, origin)
      asked.push(one)
      const {
        status = 200,
        headers = {},
        links = [],
        body = '',
      } = script?.(one, () => answer(one)) ?? answer(one)
      // RFC 8555 section 6.5: answers to POST bring one; what is only read need not.
      const nonce = request.method === 'GET' ? {} : { 'replay-nonce': `nonce-${(nonces += 1)}` }
      const all: Readonly<Record<string, string>> = { ...nonce, ...headers }
      const response: AcmeResponse = {
        status,
        header: (name) => all[name] ?? null,
        links,
        body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
      }
      return response
    },
  }
}

function readRequest({ method, url, body }: AcmeRequest, origin: string): Asked {
  const text = body === undefined ? '' : Buffer.from(JSON.parse(body).payload, 'base64url').toString()
  return { method, path: url.replace(origin, ''), payload: text === '' ? null : JSON.parse(text) }
}

interface Books {
  readonly origin: string
  readonly orders: Order[]
  readonly certificatePem: string
}

function usualAnswer({ path, payload }: Asked, books: Books): Scripted {
  const { origin, orders, certificatePem } = books
  const [, resource = '', id = '', part = ''] = path.split('/')
  const order = orders[Number(id)]
  if (resource === 'dir') return { body: directory(origin) }
  if (resource === 'nonce') return { status: 204 }
  if (resource === 'account')
    return {
      headers: { location: `${origin}/account` },
      body: { status: 'valid', orders: `${origin}/orders` },
    }
  if (resource === 'orders') return { body: { orders: orders.map((_, index) => `${origin}/order/${index}`) } }
  if (resource === 'new-order') {
    const names = (payload as { identifiers: { value: string }[] }).identifiers.map(({ value }) => value)
    orders.push({ names, proven: new Set(), isFinalized: false })
    const index = orders.length - 1
    return { status: 201, headers: { location: `${origin}/order/${index}` }, body: orderBody(books, index) }
  }
  if (order === undefined) return refusal(404, 'malformed')
  if (resource === 'challenge') order.proven.add(Number(part))
  if (resource === 'finalize') order.isFinalized = true
  if (resource === 'certificate') return { body: certificatePem }
  if (resource === 'order' || resource === 'finalize') return { body: orderBody(books, Number(id)) }
  return { body: authorizationBody(order, `${origin}/challenge/${id}/${part}`) }
}

const directory = (origin: string) => ({
  newNonce: `${origin}/nonce`,
  newAccount: `${origin}/account`,
  newOrder: `${origin}/new-order`,
  renewalInfo: `${origin}/renewal`,
})

function orderBody({ origin, orders }: Books, index: number) {
  const { names, proven, isFinalized } = orders[index] as Order
  const status = isFinalized ? 'valid' : proven.size === names.length ? 'ready' : 'pending'
  return {
    status,
    identifiers: names.map((value) => ({ type: 'dns', value })),
    authorizations: names.map((_, part) => `${origin}/authorization/${index}/${part}`),
    finalize: `${origin}/finalize/${index}`,
    ...(isFinalized ? { certificate: `${origin}/certificate/${index}` } : {}),
  }
}

function authorizationBody({ names, proven }: Order, url: string) {
  const part = Number(url.split('/').at(-1))
  const name = names[part] ?? ''
  const status = proven.has(part) ? 'valid' : 'pending'
  return {
    status,
    identifier: { type: 'dns', value: name.replace('*.', '') },
    ...(name.startsWith('*.') ? { wildcard: true } : {}),
    challenges: [
      {
        type: name.startsWith('*.') ? 'dns-01' : 'http-01',
        url,
        status,
        token: `token-number-${part}-of-this-test`,
      },
    ],
  }
}
