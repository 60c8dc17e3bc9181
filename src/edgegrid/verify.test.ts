import { describe, expect, it } from 'vitest'
import { accountId } from '../domain/identifiers.ts'
import { instant, plus, SECOND } from '../domain/time.ts'
import { Problem } from '../errors/problem.ts'
import { edgegridTimestamp, signRequest } from './sign.ts'
import { type ApiCredential, type CredentialLookup, createVerifier, type SignedRequest } from './verify.ts'

const NOW = instant(Date.UTC(2026, 0, 2, 3, 4, 5))
const secrets = { clientToken: 'ct-1', accessToken: 'at-1', clientSecret: 'example-secret-0001' }
const host = 'localhost:7443'

const stored: ApiCredential = {
  accessToken: 'at-1',
  clientSecret: 'example-secret-0001',
  accountId: accountId('A-1'),
  clientId: 'client-1',
  name: 'pipeline',
  role: 'operator',
  disabled: false,
  expiresAt: null,
  switchesTo: [],
}

function createLookup(
  credential: ApiCredential = stored,
): CredentialLookup & { readonly claimed: Set<string>; readonly used: string[] } {
  const claimed = new Set<string>()
  const used: string[] = []
  return {
    claimed,
    used,
    noteUse: async (clientToken) => void used.push(clientToken),
    find: async (clientToken) => (clientToken === 'ct-1' ? credential : null),
    claimNonce: async (clientToken, nonce) => {
      const key = `${clientToken} ${nonce}`
      if (claimed.has(key)) return false
      claimed.add(key)
      return true
    },
    switchTo: async (_, key) => (key === '1-ABC:1-8BYUX' ? accountId('A-2') : null),
  }
}

interface Variation {
  readonly path?: string
  readonly method?: string
  readonly body?: string
  readonly offsetSeconds?: number
  readonly nonce?: string
  readonly credential?: Partial<typeof secrets>
}

function signed(variation: Variation = {}): SignedRequest {
  const {
    path = '/cps/v2/enrollments',
    method = 'GET',
    body = '',
    offsetSeconds = 0,
    nonce = 'n-1',
  } = variation
  const timestamp = edgegridTimestamp(plus(NOW, offsetSeconds * SECOND))
  const credential = { ...secrets, ...variation.credential }
  const authorization = signRequest({ method, url: path, host, body, credential, timestamp, nonce })
  return { method, rawPath: path, host, authorization, body: new TextEncoder().encode(body) }
}

const verifierOf = (lookup: CredentialLookup) =>
  createVerifier({ credentials: lookup, clock: { now: () => NOW } })

async function refusal(request: SignedRequest, lookup: CredentialLookup = createLookup()) {
  const outcome = await verifierOf(lookup)
    .verify(request)
    .catch((error: unknown) => error)
  if (!(outcome instanceof Problem)) throw new Error(`expected a refusal, got ${JSON.stringify(outcome)}`)
  return [outcome.code, outcome.detail]
}

describe('createVerifier', () => {
  it('accepts a genuine request and says who sent it', async () => {
    expect(await verifierOf(createLookup()).verify(signed({ method: 'POST', body: '{}' }))).toEqual({
      accountId: 'A-1',
      clientId: 'client-1',
      clientName: 'pipeline',
      role: 'operator',
    })
  })

  it.each([-30, 30])('accepts a timestamp %i s off', async (offsetSeconds) => {
    await verifierOf(createLookup()).verify(signed({ offsetSeconds }))
  })

  it('refuses with the words of EdgeGrid', async () => {
    expect(await refusal({ ...signed(), authorization: null })).toEqual([
      'bad-request',
      'Authorization header missing',
    ])
    expect(await refusal({ ...signed(), authorization: 'Basic eDp5' })).toEqual([
      'bad-request',
      'Invalid authorization header',
    ])
    expect(await refusal(signed({ credential: { clientToken: 'ct-9' } }))).toEqual([
      'bad-request',
      'Invalid client token',
    ])
    expect(await refusal(signed({ credential: { accessToken: 'at-9' } }))).toEqual([
      'not-authorized',
      'The signature does not match',
    ])
    expect(await refusal(signed({ credential: { clientSecret: 'other' } }))).toEqual([
      'not-authorized',
      'The signature does not match',
    ])
    expect(await refusal(signed({ offsetSeconds: 31 }))).toEqual(['bad-request', 'Invalid timestamp'])
    expect(await refusal(signed({ offsetSeconds: -31 }))).toEqual(['bad-request', 'Invalid timestamp'])
    expect(await refusal(signed(), createLookup({ ...stored, disabled: true }))).toEqual([
      'not-authorized',
      'Inactive client token',
    ])
  })

  it.each([
    ['method', { method: 'DELETE' }],
    ['path', { rawPath: '/cps/v2/enrollments/1' }],
    ['query', { rawPath: '/cps/v2/enrollments?contractId=x' }],
    ['host', { host: 'LOCALHOST:7443' }],
  ])('covers the %s', async (_, change) => {
    expect(await refusal({ ...signed(), ...change })).toEqual([
      'not-authorized',
      'The signature does not match',
    ])
  })

  it('covers the body of a POST and not that of a PUT', async () => {
    const other = new TextEncoder().encode('{"changed":true}')
    expect((await refusal({ ...signed({ method: 'POST', body: '{}' }), body: other }))[0]).toBe(
      'not-authorized',
    )
    await verifierOf(createLookup()).verify({ ...signed({ method: 'PUT', body: '{}' }), body: other })
  })

  it('refuses a replay, also one that comes at the same moment', async () => {
    const lookup = createLookup()
    const verifier = verifierOf(lookup)
    const outcomes = await Promise.allSettled([
      verifier.verify(signed()),
      verifier.verify(signed()),
      verifier.verify(signed()),
    ])
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1)
    expect(await refusal(signed({ path: '/cps/v2/enrollments/7' }), lookup)).toEqual([
      'bad-request',
      'Invalid nonce',
    ])
  })

  it('lets no stranger burn a nonce: a wrong signature leaves it to the genuine request', async () => {
    const lookup = createLookup()
    await refusal(signed({ credential: { clientSecret: 'guess' } }), lookup)
    expect(lookup.claimed.size).toBe(0)
    await verifierOf(lookup).verify(signed())
  })
})

describe('account switch keys', () => {
  const path = '/cps/v2/enrollments?accountSwitchKey=1-ABC%3A1-8BYUX'

  it('lead to the other account', async () => {
    const verified = await verifierOf(createLookup({ ...stored, switchesTo: 'any' })).verify(signed({ path }))
    expect(verified.accountId).toBe('A-2')
  })

  it('lead to the accounts that a client was given, and to its own', async () => {
    const given = createLookup({ ...stored, switchesTo: [accountId('A-2')] })
    expect((await verifierOf(given).verify(signed({ path }))).accountId).toBe('A-2')
    const another = createLookup({ ...stored, switchesTo: [accountId('A-3')] })
    expect(await refusal(signed({ path }), another)).toEqual([
      'forbidden',
      'The client does not have the grant needed for the request',
    ])
    const own = createLookup({ ...stored, accountId: accountId('A-2') })
    expect((await verifierOf(own).verify(signed({ path }))).accountId).toBe('A-2')
  })

  it('are refused without the right to switch, and when unknown', async () => {
    const words = ['forbidden', 'The client does not have the grant needed for the request']
    expect(await refusal(signed({ path }))).toEqual(words)
    const unknown = signed({ path: '/cps/v2/enrollments?accountSwitchKey=1-XYZ' })
    expect(await refusal(unknown, createLookup({ ...stored, switchesTo: 'any' }))).toEqual(words)
  })
})

describe('a client with an end', () => {
  it('is inactive from that moment on', async () => {
    const ending = (at: number) => createLookup({ ...stored, expiresAt: plus(NOW, at) })
    expect(await refusal(signed(), ending(0))).toEqual(['not-authorized', 'Inactive client token'])
    expect((await verifierOf(ending(1)).verify(signed())).clientId).toBe('client-1')
  })

  it('is noted as used by what it signed itself, and by nothing else', async () => {
    const lookup = createLookup()
    await refusal(signed({ credential: { clientSecret: 'guess' } }), lookup)
    await verifierOf(lookup).verify(signed({ nonce: 'once' }))
    await refusal(signed({ nonce: 'once' }), lookup)
    expect(lookup.used).toEqual(['ct-1'])
  })
})
