import { describe, expect, it } from 'vitest'
import { instant } from '../../domain/time.ts'
import { generateEcKey } from '../../pki/key-material.ts'
import { openPrivateKey } from '../../pki/private-key.ts'
import { createJwsKey } from './jws.ts'
import { AcmeRefusal } from './problem.ts'
import type { AcmeResponse } from './send.ts'
import { createAcmeServer } from './server.ts'

const { signal } = new AbortController()
const PROBLEM = { 'content-type': 'application/problem+json' }
const url = 'https://ca.example/order/1'

/** What comes of a request that the server answers so. */
async function answered(
  payload: unknown,
  status: number,
  { headers = {}, body = '' }: { readonly headers?: Record<string, string>; readonly body?: string } = {},
): Promise<unknown> {
  const response: AcmeResponse = {
    status,
    header: (name) => ({ 'replay-nonce': 'nonce', ...headers })[name] ?? null,
    links: [],
    body: Buffer.from(body),
  }
  const directory = JSON.stringify({ newNonce: url, newAccount: url, newOrder: url })
  const server = createAcmeServer({
    directoryUrl: 'https://ca.example/dir',
    clock: { now: () => instant(1) },
    send: async ({ method }) =>
      method === 'POST' ? response : { ...response, status: 200, body: Buffer.from(directory) },
  })
  const signer = { key: createJwsKey(openPrivateKey(generateEcKey())), accountUrl: 'https://ca.example/1' }
  return server.post(signer, { url, payload }, signal).catch((error: unknown) => error)
}

describe('what a server says no with', () => {
  it.each([404, 410])(
    'a bare %i to a POST-as-GET is an answer: what is asked for is gone',
    async (status) => {
      const refusal = await answered(null, status)
      expect(refusal).toBeInstanceOf(AcmeRefusal)
      expect(refusal).toMatchObject({ problem: { status, type: 'about:blank' } })
    },
  )

  it.each([
    ['a bare 404 to a request that would do something', {}, 404],
    ['a 503 in HTML', {}, 503],
    ['a problem without a body', PROBLEM, 503],
    ['a bare 302', {}, 302],
  ])('%s is no answer of the CA', async (_, headers, status) =>
    expect(await answered({ csr: '' }, status, { headers, body: '' })).toMatchObject({
      code: 'authority-unavailable',
    }),
  )

  it('a problem that can be read is a refusal, with the time to come again', async () => {
    const body = JSON.stringify({ type: 'urn:ietf:params:acme:error:orderNotReady', detail: 'no' })
    const headers = { ...PROBLEM, 'retry-after': '5' }
    expect(await answered({ csr: '' }, 403, { headers, body })).toMatchObject({
      problem: { type: 'orderNotReady', status: 403 },
      retryAfterSeconds: 5,
    })
  })
})
