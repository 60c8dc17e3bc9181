import { describe, expect, it } from 'vitest'
import { dvSettings } from '../../../test/support/settings.ts'
import type { KeyAlgorithm } from '../certificate/certificate.ts'
import type { NetworkConfiguration } from '../enrollment/enrollment.ts'
import { tlsPolicy } from '../tls-policy/tls-policy.ts'
import { CLIENT_KIND_IDS, type ClientKindId, clientKind } from './client-kinds.ts'
import { expectedOf, type Promised, unexpectedOf } from './expectation.ts'
import type { Observation, Outcome } from './observation.ts'

const SETTINGS = dvSettings('www.example').networkConfiguration
const promised = (settings: Partial<NetworkConfiguration>, ...keys: readonly KeyAlgorithm[]): Promised => ({
  policy: tlsPolicy({ ...SETTINGS, ...settings }),
  sniOnly: settings.sniOnly ?? true,
  certificates: keys.map((keyAlgorithm) => ({ keyAlgorithm, sent: [`${keyAlgorithm} leaf`, 'CA'] })),
})
const BROAD = { mustHaveCiphers: 'ak-soft-errors', preferredCiphers: 'ak-soft-errors' }
const MODERN = { mustHaveCiphers: 'ak-akamai-2020q1', preferredCiphers: 'ak-akamai-2020q1' }

const NAMED = CLIENT_KIND_IDS.filter((id) => id !== 'no-name')
const without = (...gone: readonly ClientKindId[]) => NAMED.filter((id) => !gone.includes(id))
const OLD: readonly ClientKindId[] = ['cbc-sha2', 'cbc-sha1', 'rsa-key-exchange']

describe('which kinds of client a deployment promises to answer', () => {
  it.each<[string, Promised, readonly ClientKindId[]]>([
    ['both keys and every cipher: all that say a name', promised(BROAD, 'RSA', 'ECDSA'), NAMED],
    ['RSA alone: none that knows ECDSA alone', promised(BROAD, 'RSA'), without('tls-1.2-ecdsa')],
    [
      'ECDSA alone: none that needs RSA',
      promised(BROAD, 'ECDSA'),
      without('tls-1.2-rsa', 'rsa-key-exchange'),
    ],
    ['modern ciphers: none with older ones', promised(MODERN, 'RSA', 'ECDSA'), without(...OLD)],
    [
      'TLS 1.2 disallowed: TLS 1.3 alone',
      promised({ ...BROAD, disallowedTlsVersions: ['TLSv1_2'] }, 'RSA', 'ECDSA'),
      ['tls-1.3', 'h2'],
    ],
    [
      'TLS 1.3 disallowed: none that needs it',
      promised({ ...BROAD, disallowedTlsVersions: ['TLSv1_3'] }, 'RSA', 'ECDSA'),
      without('tls-1.3'),
    ],
    [
      'sniOnly false: those that say no name too',
      promised({ ...BROAD, sniOnly: false }, 'RSA', 'ECDSA'),
      CLIENT_KIND_IDS,
    ],
    [
      'FIPS mode: no CBC, no key exchange by RSA',
      promised({ ...BROAD, fipsMode: true }, 'RSA', 'ECDSA'),
      without(...OLD),
    ],
  ])('%s', (_what, given, answered) => {
    expect(CLIENT_KIND_IDS.filter((id) => expectedOf(clientKind(id).offer, given) !== null)).toEqual(answered)
  })

  it('with both keys either is right for whom takes either, and one alone for the others', () => {
    const both = promised(BROAD, 'RSA', 'ECDSA')
    const keysFor = (id: ClientKindId) =>
      expectedOf(clientKind(id).offer, both)
        ?.certificates.map(({ keyAlgorithm }) => keyAlgorithm)
        .join()
    expect(NAMED.filter((id) => keysFor(id) === 'RSA')).toEqual(['tls-1.2-rsa', 'rsa-key-exchange'])
    expect(NAMED.filter((id) => keysFor(id) === 'ECDSA')).toEqual(['tls-1.2-ecdsa'])
  })
})

describe('what staging does that was not promised', () => {
  const answered: Outcome = {
    seen: 'answered',
    protocol: 'TLSv1.2',
    cipher: '-',
    alpn: null,
    sent: ['RSA leaf', 'CA'],
    certificateOctets: 1,
  }
  const met = (client: ClientKindId, ...outcomes: readonly Outcome[]): Observation => ({
    servedNames: [],
    meetings: [{ client, outcomes }],
    certificates: [],
  })
  const rsa = promised(BROAD, 'RSA')
  const tls13 = promised({ ...BROAD, disallowedTlsVersions: ['TLSv1_2'] }, 'RSA')

  it.each<[string, Observation, Promised, RegExp | null]>([
    ['answered as promised', met('tls-1.2-rsa', answered), rsa, null],
    ['refused as promised', met('tls-1.2-rsa', { seen: 'refused' }), tls13, null],
    ['no place for such clients', met('no-name'), rsa, null],
    ['answered past the settings', met('tls-1.2-rsa', answered), tls13, /is answered, although/],
    ['refused past the settings', met('tls-1.2-rsa', { seen: 'refused' }), rsa, /is refused, although/],
    ['an address away', met('tls-1.2-rsa', answered, { seen: 'unreachable' }), rsa, /could not be tried/],
    [
      'another certificate',
      met('tls-1.2-rsa', { ...answered, sent: ['other', 'CA'] }),
      rsa,
      /another certificate than this change/,
    ],
    [
      'one that nobody can read',
      met('tls-1.2-rsa', { seen: 'unreadable' }),
      rsa,
      /another certificate than this change/,
    ],
    ['another chain', met('tls-1.2-rsa', { ...answered, sent: ['RSA leaf'] }), rsa, /another chain/],
    ['an older version', met('h2', answered), rsa, /TLSv1.2 instead of TLSv1.3/],
  ])('%s', (_what, staging, given, told) => {
    const sentences = unexpectedOf(staging, given)
    if (told === null) expect(sentences).toEqual([])
    else expect(sentences).toEqual([expect.stringMatching(told)])
  })
})
