import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CLIENT_KIND_IDS } from './client-kinds.ts'
import { comparisonOf } from './comparison.ts'
import { DIFFERENCE_IDS, type DifferenceId, differencesOf } from './differences.ts'
import type { Answer, Observation, Outcome, SeenCertificate } from './observation.ts'

const LEAF: SeenCertificate = {
  fingerprint: 'a'.repeat(64),
  serialNumber: '0a',
  subject: 'CN=www.example',
  issuer: 'CN=Example CA',
  keyAlgorithm: 'RSA',
  keyBits: 2048,
  names: ['www.example'],
  extendedKeyUsages: ['1.3.6.1.5.5.7.3.1'],
}
const CA: SeenCertificate = { ...LEAF, fingerprint: 'c'.repeat(64), subject: 'CN=Example CA', names: [] }
const ANSWER: Answer = {
  seen: 'answered',
  protocol: 'TLSv1.2',
  cipher: 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
  alpn: 'http/1.1',
  sent: [LEAF.fingerprint, CA.fingerprint],
  certificateOctets: 2_000,
}
const answering = (answer: Partial<Answer>, leaf: Partial<SeenCertificate> = {}): Observation => ({
  servedNames: ['www.example'],
  meetings: [
    { client: 'tls-1.2-rsa', outcomes: [{ ...ANSWER, ...answer }] },
    { client: 'tls-1.3', outcomes: [{ seen: 'refused' }] },
  ],
  certificates: [{ ...LEAF, ...leaf }, CA],
})
const BEFORE = answering({})
const withTls13 = (observation: Observation): Observation => ({
  ...observation,
  meetings: observation.meetings.map((meeting) => ({ ...meeting, outcomes: [ANSWER] })),
})

/** One for each row of the table: what is different, and every id that it is told by. */
const ROWS: readonly (readonly [DifferenceId, Observation, Observation, readonly DifferenceId[]])[] = [
  ['names-gained', { ...BEFORE, servedNames: ['api.example', 'www.example'] }, BEFORE, ['names-gained']],
  ['names-lost', BEFORE, { ...BEFORE, servedNames: ['api.example', 'www.example'] }, ['names-lost']],
  [
    'certificate-names-gained',
    answering({}, { names: ['api.example', 'www.example'] }),
    BEFORE,
    ['certificate-names-gained'],
  ],
  [
    'certificate-names-lost',
    BEFORE,
    answering({}, { names: ['api.example', 'www.example'] }),
    ['certificate-names-lost'],
  ],
  ['certificate', answering({}, { serialNumber: '0b' }), BEFORE, ['certificate']],
  ['issuer', answering({}, { issuer: 'CN=Other CA' }), BEFORE, ['issuer']],
  ['chain', answering({ sent: [LEAF.fingerprint] }), BEFORE, ['chain']],
  ['key-type', answering({}, { keyBits: 3072 }), BEFORE, ['key-type']],
  ['extended-key-usage', answering({}, { extendedKeyUsages: [] }), BEFORE, ['extended-key-usage']],
  ['clients-gained', withTls13(BEFORE), BEFORE, ['clients-gained']],
  ['clients-lost', BEFORE, withTls13(BEFORE), ['clients-lost']],
  [
    'versions-gained',
    answering({ protocol: 'TLSv1.3' }),
    BEFORE,
    ['versions-gained', 'versions-lost', 'version'],
  ],
  [
    'versions-lost',
    BEFORE,
    answering({ protocol: 'TLSv1.3' }),
    ['versions-gained', 'versions-lost', 'version'],
  ],
  ['version', answering({ protocol: 'TLSv1.3' }), BEFORE, ['versions-gained', 'versions-lost', 'version']],
  ['cipher', answering({ cipher: 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256' }), BEFORE, ['cipher']],
  ['application-protocol', answering({ alpn: null }), BEFORE, ['application-protocol']],
  ['certificate-octets', answering({ certificateOctets: 1_000 }), BEFORE, ['certificate-octets']],
]

describe('a row of the comparison', () => {
  it.each(ROWS)('%s', (_row, staging, production, told) => {
    expect(differencesOf(staging, production).map(({ id }) => id)).toEqual(told)
    expect(differencesOf(production, production)).toEqual([])
  })

  it('stands here, each one', () => {
    expect(ROWS.map(([id]) => id)).toEqual(DIFFERENCE_IDS)
  })
})

const fingerprint = fc.constantFrom('1'.repeat(64), '2'.repeat(64), '3'.repeat(64))
const certificate: fc.Arbitrary<SeenCertificate> = fc.record({
  fingerprint,
  serialNumber: fc.constantFrom('01', '02'),
  subject: fc.constantFrom('CN=a', 'CN=b'),
  issuer: fc.constantFrom('CN=ca', 'CN=cb'),
  keyAlgorithm: fc.constantFrom('RSA', 'ECDSA'),
  keyBits: fc.constantFrom(256, 2048),
  names: fc.subarray(['a.example', 'b.example', 'c.example']),
  extendedKeyUsages: fc.subarray(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']),
})
const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  fc.record({ seen: fc.constantFrom('refused' as const, 'unreachable' as const, 'unreadable' as const) }),
  fc.record({
    seen: fc.constant('answered' as const),
    protocol: fc.constantFrom('TLSv1.2', 'TLSv1.3'),
    cipher: fc.constantFrom('', 'X', 'Y'),
    alpn: fc.constantFrom(null, 'h2'),
    sent: fc.array(fingerprint, { minLength: 1, maxLength: 3 }),
    certificateOctets: fc.integer({ min: 1, max: 3 }),
  }),
)
const observation: fc.Arbitrary<Observation> = fc.record({
  servedNames: fc.subarray(['a.example', 'b.example', 'c.example']),
  meetings: fc
    .array(fc.array(outcome, { maxLength: 2 }), {
      minLength: CLIENT_KIND_IDS.length,
      maxLength: CLIENT_KIND_IDS.length,
    })
    .map((all) =>
      all.flatMap((outcomes, place) => {
        const client = CLIENT_KIND_IDS[place]
        return client === undefined ? [] : [{ client, outcomes }]
      }),
    ),
  certificates: fc.uniqueArray(certificate, { selector: (one) => one.fingerprint }),
})

/** What is told of a loss from one side is told of a gain from the other; everything else is told from both. */
const MIRRORED = (id: DifferenceId): string =>
  id.replace(/gained$|lost$/, (end) => (end === 'lost' ? 'gained' : 'lost'))

describe('a comparison', () => {
  it('of a network with itself tells nothing', () => {
    fc.assert(
      fc.property(observation, (same) => {
        expect(differencesOf(same, same)).toEqual([])
      }),
    )
  })

  it('tells from either side the same, what is gained from one being lost from the other', () => {
    fc.assert(
      fc.property(observation, observation, (one, other) => {
        const there = differencesOf(one, other).map(({ id }) => id)
        const back = differencesOf(other, one).map(({ id }) => MIRRORED(id))
        expect(there.toSorted()).toEqual(back.toSorted())
      }),
    )
  })

  it('says nothing of clients that one side keeps no address for, or could not be asked as', () => {
    const nowhere = { ...BEFORE, meetings: BEFORE.meetings.map((met) => ({ ...met, outcomes: [] })) }
    const away = { seen: 'unreachable' as const }
    const silent = { ...BEFORE, meetings: BEFORE.meetings.map((met) => ({ ...met, outcomes: [away] })) }
    for (const other of [nowhere, silent])
      for (const [staging, production] of [
        [BEFORE, other],
        [other, BEFORE],
      ] as const) {
        const told = differencesOf(staging, production).filter(({ id }) => id.startsWith('clients-'))
        expect(told).toEqual([])
      }
  })

  it('names in a gain exactly what the other side has not', () => {
    fc.assert(
      fc.property(observation, observation, (staging, production) => {
        const [gain] = differencesOf(staging, production).filter(({ id }) => id === 'names-gained')
        const expected = staging.servedNames.filter((name) => !production.servedNames.includes(name))
        expect(gain?.text.match(/[abc]\.example/g) ?? []).toEqual(expected)
      }),
    )
  })

  it('with a production that answers nobody, or cannot be seen, has no differences and says so', () => {
    const met = (seen: 'refused' | 'unreachable'): Observation => ({
      servedNames: [],
      meetings: [{ client: 'h2', outcomes: [{ seen }] }],
      certificates: [],
    })
    expect(comparisonOf(BEFORE, met('refused'))).toMatchObject({
      standing: 'silent',
      production: null,
      differences: [],
    })
    expect(comparisonOf(BEFORE, met('unreachable'))).toMatchObject({
      standing: 'unreachable',
      production: null,
    })
    expect(comparisonOf(BEFORE, BEFORE)).toMatchObject({ standing: 'answers', production: BEFORE })
  })
})
