import EdgeGrid from 'akamai-edgegrid'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { instant } from '../domain/time.ts'
import {
  contentHash,
  edgegridTimestamp,
  parseAuthorization,
  parseTimestamp,
  signingKeyOf,
  signRequest,
} from './sign.ts'

/** spec: behaviour F5 */
const credential = { clientToken: 'ct-1', accessToken: 'at-1', clientSecret: 'example-secret-0001' }
const host = 'host.luna.akamaiapis.net'
const timestamp = '20260102T03:04:05+0000'
const nonce = '11111111-2222-3333-4444-555555555555'

/** The vendor's own client, as an oracle. It chooses nonce and timestamp by itself; we sign again with those. */
function vendorHeader(path: string, method: string, body: string): string {
  const client = new EdgeGrid(credential.clientToken, credential.clientSecret, credential.accessToken, host)
  client.auth({ path, method, headers: {}, body })
  return (client as unknown as { request: { headers: { Authorization: string } } }).request.headers
    .Authorization
}

describe('EdgeGrid signing', () => {
  it('gives the published vector of a POST', () => {
    const body = '{"acknowledgement":"acknowledge"}'
    const url = '/cps/v2/enrollments/123/changes/456/input/update/pre-verification-warnings-ack'
    const header = signRequest({ method: 'POST', url, host, body, credential, timestamp, nonce })
    expect(signingKeyOf(credential.clientSecret, timestamp)).toBe(
      'H68IzY2TEmCTV+QCyA1608M4PXUwG8lIfx2cWqf+A6g=',
    )
    expect(contentHash('POST', new TextEncoder().encode(body))).toBe(
      'qEOLwU52Sw9C3w1QIjX0sxl/+oE0aXfHvzQ+003QlT8=',
    )
    expect(parseAuthorization(header)?.signature).toBe('vtcEaf2xqMS/qlLqIEVgXLXp2QkBOUwg7EMezU1Yb7c=')
  })

  it('gives the published vector of a GET with a query', () => {
    const url = 'https://host.luna.akamaiapis.net/cps/v2/enrollments?contractId=C-1'
    const header = signRequest({ method: 'GET', url, host, body: null, credential, timestamp, nonce })
    expect(parseAuthorization(header)?.signature).toBe('/Wyw0ZHhXuwDgeYcFl2EgsshBuK7yRQE65K3Q/+g9fE=')
  })

  it('agrees with the vendor client on any path, method and body', () => {
    const path = fc
      .stringMatching(/^[A-Za-z0-9/._~-]{1,30}$/)
      .map((text) => `/x/${text.replaceAll(/\.+|\/+/g, 'a')}`)
    fc.assert(
      fc.property(path, fc.constantFrom('GET', 'POST', 'PUT', 'DELETE'), fc.string(), (url, method, body) => {
        const sent = method === 'POST' || method === 'PUT' ? body : ''
        const theirs = vendorHeader(url, method, sent)
        const fields = parseAuthorization(theirs)
        if (fields === null) throw new Error(`unreadable: ${theirs}`)
        const { timestamp, nonce } = fields
        expect(signRequest({ method, url, host, body: sent, credential, timestamp, nonce })).toBe(theirs)
      }),
    )
  })

  it('hashes only the first 131,072 octets of a body, and only of a POST', () => {
    const long = new Uint8Array(200_000).fill(65)
    expect(contentHash('POST', long)).toBe(contentHash('POST', long.subarray(0, 131_072)))
    expect(contentHash('POST', long)).not.toBe(contentHash('POST', long.subarray(0, 131_071)))
    expect(contentHash('PUT', long)).toBe('')
  })
})

describe('the timestamp', () => {
  it('reads back what it wrote, to the second', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), (seconds) => {
        expect(parseTimestamp(edgegridTimestamp(instant(seconds * 1000)))).toBe(seconds * 1000)
      }),
    )
  })

  it.each([
    '20260231T00:00:00+0000',
    '2026-01-02T03:04:05Z',
    '20260102T03:04:05+0100',
    '',
    '20261301T00:00:00+0000',
  ])('refuses %j', (text) => {
    expect(parseTimestamp(text)).toBeNull()
  })
})

describe('the Authorization header', () => {
  const good = `EG1-HMAC-SHA256 client_token=c;access_token=a;timestamp=${timestamp};nonce=n;signature=aaaa`

  it('keeps the signed part as it was sent', () => {
    expect(parseAuthorization(good)?.unsigned).toBe(good.slice(0, good.indexOf('signature=')))
  })

  it.each([
    ['another scheme', good.replace('EG1-HMAC-SHA256', 'Basic')],
    ['a missing field', good.replace('nonce=n;', '')],
    ['another order', good.replace('client_token=c;access_token=a;', 'access_token=a;client_token=c;')],
    ['a signature that is not Base64', `${good}!`],
    ['an endless nonce', good.replace('nonce=n', `nonce=${'n'.repeat(300)}`)],
  ])('refuses %s', (_, header) => {
    expect(parseAuthorization(header)).toBeNull()
  })
})
