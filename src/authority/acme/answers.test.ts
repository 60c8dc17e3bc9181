import { createPublicKey, verify } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { DAY, HOUR, instant, plus } from '../../domain/time.ts'
import { generateEcKey, generateRsaKey } from '../../pki/key-material.ts'
import { keyIdentifierOf } from '../../pki/extensions.ts'
import { openPrivateKey } from '../../pki/private-key.ts'
import { testLeaf, testRoot } from '../../../test/support/test-certificates.ts'
import { readAuthorization } from './authorization.ts'
import { readChain } from './certificate.ts'
import { readDirectory, serverUrl } from './directory.ts'
import { bindExternalAccount, createJwsKey, signJws } from './jws.ts'
import { createNoncePool } from './nonce-pool.ts'
import { linksTo } from './links.ts'
import { orderPayload, readOrder } from './order.ts'
import { poll } from './poll.ts'
import { readProblem, sentenceOf } from './problem.ts'
import { certificateIdentifier, readRenewalInformation } from './renewal-information.ts'
import { retryAfter } from './retry-after.ts'
import type { AcmeResponse } from './send.ts'

const now = instant(Date.parse('2026-11-24T08:00:00Z'))
const decoded = (text: string): unknown => JSON.parse(Buffer.from(text, 'base64url').toString())

const answer = (body: unknown, headers: Record<string, string> = {}, status = 200): AcmeResponse => ({
  status,
  header: (name) => headers[name] ?? null,
  links: [],
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
})

describe('requests are signed (RFC 8555 section 6.2)', () => {
  it.each(['ES256', 'RS256'] as const)('with %s, the payload empty for a POST-as-GET', async (algorithm) => {
    const generated = algorithm === 'ES256' ? generateEcKey() : await generateRsaKey()
    const key = createJwsKey(openPrivateKey(generated))
    const jws = signJws(key, { nonce: 'n', url: 'https://ca.example/x', kid: 'https://ca.example/1' }, null)
    expect(decoded(jws.protected)).toEqual({
      alg: algorithm,
      nonce: 'n',
      url: 'https://ca.example/x',
      kid: 'https://ca.example/1',
    })
    expect(jws.payload).toBe('')
    const publicKey = createPublicKey({ key: Buffer.from(generated.publicKey), format: 'der', type: 'spki' })
    const message = Buffer.from(`${jws.protected}.`)
    const signature = Buffer.from(jws.signature, 'base64url')
    expect(verify('sha256', message, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature)).toBe(true)
  })

  it('an external account binding carries no nonce and the bare key (section 7.3.4)', () => {
    const key = createJwsKey(openPrivateKey(generateEcKey()))
    const jws = bindExternalAccount(key, { kid: 'k', hmacKey: 'AAAA' }, 'https://ca.example/new')
    expect(decoded(jws.protected)).toEqual({ alg: 'HS256', kid: 'k', url: 'https://ca.example/new' })
    expect(decoded(jws.payload)).toEqual(key.jwk)
  })

  it('an order names profile and predecessor only where there are any', () => {
    expect(orderPayload({ identifiers: ['a.example'], profile: null, replaces: null })).toEqual({
      identifiers: [{ type: 'dns', value: 'a.example' }],
    })
    expect(orderPayload({ identifiers: [], profile: 'p', replaces: 'r' })).toMatchObject({
      profile: 'p',
      replaces: 'r',
    })
  })
})

describe('what a CA answers is read with care', () => {
  const challenge = { type: 'http-01', url: 'https://ca.example/c', token: 't'.repeat(43), status: 'pending' }
  const authorization = { identifier: { type: 'dns', value: 'A.example' }, status: 'pending' }

  it('passes over challenge types nobody knows, tokens of other letters, and no challenges at all (section 8)', () => {
    const strange = [
      { ...challenge, type: 'dns-account-99' },
      { ...challenge, token: '../../etc/passwd-and-more' },
      { type: 'dns-01' },
      null,
      'text',
    ]
    const read = (challenges: unknown) =>
      readAuthorization(answer({ ...authorization, challenges }), 'https://ca.example/a')
    expect(read([...strange, challenge]).challenges.map(({ type }) => type)).toEqual(['http-01'])
    expect(read([]).challenges).toEqual([])
    expect(read(undefined).challenges).toEqual([])
    expect(read([]).identifier).toBe('a.example')
  })

  it('gives a wildcard its asterisk back (section 7.1.4)', () => {
    const read = readAuthorization(answer({ ...authorization, wildcard: true }), 'https://ca.example/a')
    expect(read.identifier).toBe('*.a.example')
  })

  it.each([
    'http://ca.example/x',
    'https://user:pw@ca.example/',
    'file:///etc/passwd',
    '',
    'x'.repeat(3_000),
  ])('takes no URL like %.40s from a CA', (url) =>
    expect(() => serverUrl(url, 'an order')).toThrow('https URL'),
  )

  it.each([
    ['no JSON', '<html>'],
    ['no status', {}],
    ['a status of its own', { status: 'fine', finalize: 'https://ca.example/f' }],
    ['lists that are none', { status: 'ready', finalize: 'https://ca.example/f', identifiers: 1 }],
  ])('refuses an order with %s', (_, body) =>
    expect(() => readOrder(answer(body), 'https://ca.example/o')).toThrow('RFC 8555'),
  )

  it('reads a directory with and without what is optional', () => {
    const urls = {
      newNonce: 'https://ca.example/n',
      newAccount: 'https://ca.example/a',
      newOrder: 'https://ca.example/o',
    }
    expect(readDirectory(answer(urls))).toMatchObject({ renewalInfo: null, externalAccountRequired: false })
    const meta = { profiles: { shortlived: 'six days' }, externalAccountRequired: true }
    const full = readDirectory(answer({ ...urls, renewalInfo: 'https://ca.example/r', meta }))
    expect([...full.profiles]).toEqual([['shortlived', 'six days']])
    expect(() => readDirectory(answer({}))).toThrow('newNonce')
  })

  it('keeps type, detail and subproblems, and says them in one sentence (section 6.7.1)', () => {
    const read = readProblem({
      type: 'urn:ietf:params:acme:error:rejectedIdentifier',
      detail: 'no',
      subproblems: [
        { type: 'urn:ietf:params:acme:error:caa', detail: 'CAA forbids', identifier: { value: 'a.example' } },
        17,
      ],
    })
    expect(read?.subproblems[0]).toEqual({ type: 'caa', detail: 'CAA forbids', identifier: 'a.example' })
    expect(read && sentenceOf(read)).toBe(
      'no (rejectedIdentifier); a.example: CAA forbids; a name: about:blank',
    )
  })

  it('leaves a root out of the chain, and takes nothing but certificates', () => {
    const root = testRoot({ cn: 'root', at: now })
    const leaf = testLeaf(root, { cn: 'a.example', at: now })
    const pem = (der: Buffer) =>
      `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`
    expect(readChain(answer(pem(leaf.der) + pem(root.der))).chainPem).toBe('')
    expect(() => readChain(answer(''))).toThrow('none')
    expect(() => readChain(answer(pem(leaf.der).replaceAll('CERTIFICATE', 'PRIVATE KEY')))).toThrow(
      'PRIVATE KEY',
    )
    expect(() => readChain(answer(pem(leaf.der).repeat(13)))).toThrow('12')
  })

  it('finds links by their relation (RFC 8288)', () => {
    const links = ['</1>;rel="alternate"', '<https://ca.example/2>; rel=alternate', '</i>;rel="index"']
    const response = { ...answer(''), links }
    expect(linksTo(response, 'alternate', 'https://ca.example/c')).toEqual([
      'https://ca.example/1',
      'https://ca.example/2',
    ])
  })
})

describe('waits (RFC 9110 section 10.2.3)', () => {
  it.each([
    ['120', plus(now, 120_000)],
    ['Tue, 24 Nov 2026 08:00:05 GMT', plus(now, 5_000)],
    ['Mon, 23 Nov 2026 08:00:05 GMT', now],
    ['99999999', plus(now, DAY)],
    ['soon', null],
  ])('Retry-After: %s', (value, expected) =>
    expect(retryAfter(answer('', { 'retry-after': value }), now)).toBe(expected),
  )

  it('a look is not repeated before the CA’s own time, and a long one ends the step', async () => {
    const slept: number[] = []
    const waiting = {
      clock: { now: () => now },
      pause: async (milliseconds: number) => void slept.push(milliseconds),
      signal: new AbortController().signal,
    }
    const waits = ['3', '3600']
    const polled = await poll(
      waiting,
      plus(now, 2_000),
      async () => ({ value: 'processing', response: answer('', { 'retry-after': waits.shift() ?? '' }) }),
      (value) => value === 'processing',
    )
    expect(slept).toEqual([2_000, 3_000])
    expect(polled).toEqual({ kind: 'pending', value: 'processing', after: plus(now, HOUR) })
  })
})

describe('nonces (section 6.5)', () => {
  it('are used once, the youngest first; what is not base64url is none', () => {
    const pool = createNoncePool()
    for (const nonce of ['one', 'two', 'no nonce!']) pool.keepFrom({ header: () => nonce })
    expect([pool.take(), pool.take(), pool.take()]).toEqual(['two', 'one', null])
  })
})

describe('renewal information (RFC 9773)', () => {
  it('names a certificate by key identifier and serial number, leading zero and all', () => {
    const root = testRoot({ cn: 'root', at: now })
    const leaf = testLeaf(root, { cn: 'a.example', at: now })
    const [keyIdentifier, serial = ''] = certificateIdentifier(leaf.der)?.split('.') ?? []
    expect(keyIdentifier).toBe(Buffer.from(keyIdentifierOf(root.key.publicKey)).toString('base64url'))
    expect(
      leaf.der.includes(
        Buffer.concat([
          Buffer.from([2, Buffer.from(serial, 'base64url').length]),
          Buffer.from(serial, 'base64url'),
        ]),
      ),
    ).toBe(true)
  })

  it('reads a window, and refuses one without extent', () => {
    const body = { suggestedWindow: { start: '2026-12-01T00:00:00Z', end: '2026-12-02T00:00:00Z' } }
    expect(readRenewalInformation(answer(body, { 'retry-after': '21600' }), now)).toEqual({
      start: instant(Date.parse('2026-12-01')),
      end: instant(Date.parse('2026-12-02')),
      explanationUrl: null,
      askAgainAt: plus(now, 6 * HOUR),
    })
    const turned = { suggestedWindow: { start: body.suggestedWindow.end, end: body.suggestedWindow.start } }
    expect(() => readRenewalInformation(answer(turned), now)).toThrow('no extent')
  })
})
