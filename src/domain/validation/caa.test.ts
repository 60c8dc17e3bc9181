import { describe, expect, it } from 'vitest'
import { type CaaRecord, judgeCaa } from './caa.ts'

const ACCOUNT = 'https://acme.example/acct/7'
const ask = (records: readonly CaaRecord[], more: Partial<Parameters<typeof judgeCaa>[1]> = {}) =>
  judgeCaa(records, {
    isWildcard: false,
    issuers: ['letsencrypt.org'],
    accountUri: ACCOUNT,
    methods: ['http-01', 'dns-01'],
    ...more,
  })
const record = (tag: string, value: string, flags = 0): CaaRecord => ({ flags, tag, value })
const issue = (value: string) => [record('issue', value)]

describe('CAA records (RFC 8659 section 4)', () => {
  it('allow who is named, whatever the letters’ case and the blanks around', () => {
    expect(ask(issue(' LetsEncrypt.org '))).toEqual({ outcome: 'allowed', methods: ['http-01', 'dns-01'] })
    expect(ask([record('ISSUE', 'letsencrypt.org')]).outcome).toBe('allowed')
  })

  it('allow any of several who are named, and refuse who is not', () => {
    expect(ask([...issue('pki.example'), ...issue('letsencrypt.org')]).outcome).toBe('allowed')
    expect(ask([...issue('pki.example'), ...issue(';')])).toEqual({
      outcome: 'other-issuer',
      issuers: ['pki.example'],
    })
  })

  it.each([';', '', '%%%', 'a b', ';;;', 'letsencrypt.org; broken', 'letsencrypt.org; a=1; A=2'])(
    'permit nobody by the value %j alone',
    (value) => expect(ask(issue(value))).toEqual({ outcome: 'forbidden' }),
  )

  it('restrict nothing when no property speaks of issuing', () => {
    expect(ask([record('iodef', 'mailto:security@example.com')]).outcome).toBe('allowed')
    expect(ask([record('issuewild', ';')]).outcome).toBe('allowed')
  })

  it('let issuewild take the place of issue for a wildcard alone', () => {
    const records = [record('issue', 'pki.example'), record('issuewild', 'letsencrypt.org')]
    expect(ask(records, { isWildcard: true }).outcome).toBe('allowed')
    expect(ask(records).outcome).toBe('other-issuer')
    expect(ask([record('issue', 'letsencrypt.org'), record('issuewild', ';')], { isWildcard: true })).toEqual(
      {
        outcome: 'forbidden',
      },
    )
    expect(ask(issue('letsencrypt.org'), { isWildcard: true }).outcome).toBe('allowed')
  })

  it('refuse for a critical property that nobody knows, and pass over one that is not critical', () => {
    expect(ask([...issue('letsencrypt.org'), record('tbs', 'x', 128)])).toEqual({
      outcome: 'unknown-critical',
      tag: 'tbs',
    })
    expect(ask([...issue('letsencrypt.org'), record('tbs', 'x')]).outcome).toBe('allowed')
    expect(ask([record('issue', 'letsencrypt.org', 128)]).outcome).toBe('allowed')
  })
})

describe('CAA parameters (RFC 8657)', () => {
  const bound = (text: string) => ask(issue(`letsencrypt.org; ${text}`))

  it('hold the account against accounturi', () => {
    expect(bound(`accounturi=${ACCOUNT}`).outcome).toBe('allowed')
    expect(bound('accounturi=https://acme.example/acct/8')).toEqual({
      outcome: 'other-account',
      issuers: ['letsencrypt.org'],
    })
  })

  it('refuse nothing by accounturi while the account is not known', () => {
    const records = issue('letsencrypt.org; accounturi=https://acme.example/acct/8')
    expect(ask(records, { accountUri: null }).outcome).toBe('allowed')
  })

  it('leave the methods that are named', () => {
    expect(bound('validationmethods=dns-01')).toEqual({ outcome: 'allowed', methods: ['dns-01'] })
    expect(bound('ValidationMethods = http-01,tls-alpn-01')).toEqual({
      outcome: 'allowed',
      methods: ['http-01'],
    })
    expect(bound('validationmethods=ca-special').outcome).toBe('other-method')
  })

  it('are judged together, record by record', () => {
    const records = [
      ...issue('letsencrypt.org; validationmethods=http-01; accounturi=https://acme.example/acct/8'),
      ...issue(`letsencrypt.org; validationmethods=dns-01; accounturi=${ACCOUNT}`),
    ]
    expect(ask(records)).toEqual({ outcome: 'allowed', methods: ['dns-01'] })
  })
})
