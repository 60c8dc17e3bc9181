import { describe, expect, it } from 'vitest'
import { testLeaf, testRoot } from '../../../test/support/test-certificates.ts'
import { instant, plus, SECOND } from '../../domain/time.ts'
import { toPem } from '../../pki/pem.ts'
import { readAuthorization } from './authorization.ts'
import { readChain } from './certificate.ts'
import { readChallenges } from './challenge.ts'
import { linkTo, linksTo } from './links.ts'
import { readOrder } from './order.ts'
import { type Polled, poll } from './poll.ts'
import type { AcmeResponse } from './send.ts'

const now = instant(Date.parse('2026-11-24T08:00:00Z'))
const ORDER_URL = 'https://ca.example/acme/order/1'

const answer = (body: unknown, headers: Readonly<Record<string, string>> = {}): AcmeResponse => ({
  status: 200,
  header: (name) => headers[name] ?? null,
  links: [],
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
})

const order = {
  status: 'ready',
  identifiers: [{ type: 'dns', value: 'a.example' }],
  authorizations: ['https://ca.example/acme/authz/1'],
  finalize: 'https://ca.example/acme/order/1/finalize',
}
const token = 't'.repeat(43)

describe('what servers do differently', () => {
  it('URLs are relative to the one that was asked', () => {
    const relative = { ...order, authorizations: ['/acme/authz/1'], finalize: '1/finalize' }
    expect(readOrder(answer({ ...relative, certificate: '/acme/cert/1' }), ORDER_URL)).toMatchObject({
      url: ORDER_URL,
      authorizationUrls: ['https://ca.example/acme/authz/1'],
      finalizeUrl: 'https://ca.example/acme/order/1/finalize',
      certificateUrl: 'https://ca.example/acme/cert/1',
    })
    const challenge = { type: 'http-01', status: 'pending', token, url: '../chal/1' }
    expect(readChallenges([challenge], ORDER_URL)[0]?.url).toBe('https://ca.example/acme/chal/1')
  })

  it.each([
    {},
    { certificate: '', error: null, expires: '', profile: null },
    { notBefore: '0001-01-01T00:00:00Z', expires: '2026-12-01T08:00:00.123456789+00:00' },
  ])('what an order may lack is absent, null or empty: %j', (members) => {
    const read = readOrder(answer({ ...order, ...members }), ORDER_URL)
    expect(read).toMatchObject({ certificateUrl: null, error: null, profile: null })
  })

  it.each(['', 17, null])('a list is not filled up with what is no URL: %j', (entry) =>
    expect(() => readOrder(answer({ ...order, authorizations: [entry] }), ORDER_URL)).toThrow('https URL'),
  )

  it('an authorization with a failed challenge has ended, though the server calls it pending (section 7.1.6)', () => {
    const challenge = { type: 'http-01', url: 'https://ca.example/c', token, status: 'invalid' }
    const other = { ...challenge, type: 'dns-01', status: 'pending' }
    const body = { identifier: { type: 'dns', value: 'a.example' }, status: 'pending' }
    const read = (challenges: unknown) => readAuthorization(answer({ ...body, challenges }), ORDER_URL).status
    expect(read([challenge, other])).toBe('invalid')
    expect(read([other, { ...challenge, type: 'nobody-knows-01' }])).toBe('pending')
  })

  it('a chain has CRLF, text around its blocks, and its root', () => {
    const root = testRoot({ cn: 'root', at: now })
    const leaf = testLeaf(root, { cn: 'a.example', at: now })
    const [leafPem, rootPem] = [toPem('CERTIFICATE', leaf.der), toPem('CERTIFICATE', root.der)]
    const told = `subject=CN = a.example\n${leafPem}\n# and its issuer\n\n${rootPem}\n`.replaceAll(
      '\n',
      '\r\n',
    )
    expect(readChain(answer(told))).toEqual({ certificatePem: leafPem, chainPem: '' })
  })

  it.each([
    '<../cert/1/1>;rel="alternate"',
    '<https://ca.example/acme/cert/1/1>; title="other"; rel="up alternate"',
    '<https://ca.example/acme/cert/1/1>;REL=Alternate',
    '<https://ca.example/acme/cert/1/1> ; rel = "alternate" ; type="application/pem-certificate-chain"',
  ])('a link says its relation in any way of RFC 8288: %s', (link) =>
    expect(linkTo({ links: [link] }, 'alternate', 'https://ca.example/acme/cert/1')).toBe(
      'https://ca.example/acme/cert/1/1',
    ),
  )

  it('a link that leads nowhere, or is another one, takes nothing from the others', () => {
    const links = [
      '<http://ca.example/plain>;rel="alternate"',
      '<https://ca.example/index>;rel="index"',
      '<https://ca.example/x>;rel="alternates"',
      '<https://ca.example/1>;rel="alternate"',
    ]
    expect(linksTo({ links }, 'alternate', ORDER_URL)).toEqual(['https://ca.example/1'])
  })
})

describe('looks at what is not done', () => {
  const polled = async (waits: readonly (string | null)[]): Promise<[Polled<string>, number[]]> => {
    const slept: number[] = []
    const left = [...waits]
    const waiting = {
      clock: { now: () => now },
      pause: async (milliseconds: number) => void slept.push(milliseconds),
      signal: new AbortController().signal,
    }
    const look = async () => {
      const wait = left.shift()
      const headers = typeof wait === 'string' ? { 'retry-after': wait } : undefined
      return { value: left.length === 0 ? 'valid' : 'processing', response: answer('', headers) }
    }
    return [await poll(waiting, null, look, (value) => value === 'processing'), slept]
  }

  it('end for now where the server does not say when to come again', async () => {
    const [result, slept] = await polled(Array.from({ length: 20 }, () => null))
    expect(result).toEqual({ kind: 'pending', value: 'processing', after: null })
    expect(slept.reduce((sum, one) => sum + one)).toBeLessThan(31 * SECOND)
  })

  it('wait for the date that it names', async () => {
    const [result, slept] = await polled(['Tue, 24 Nov 2026 08:00:07 GMT', null])
    expect([result.kind, slept]).toEqual(['settled', [20, 7_000]])
    expect((await polled(['Tue, 24 Nov 2026 08:05:00 GMT', null]))[0]).toMatchObject({
      after: plus(now, 300 * SECOND),
    })
  })
})
