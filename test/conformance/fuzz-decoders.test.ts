import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Problem } from '../../src/errors/problem.ts'
import { acknowledgementVersions } from '../../src/wire/acknowledgement.ts'
import { certificateUploadVersions } from '../../src/wire/certificate-upload.ts'
import { deploymentScheduleVersions } from '../../src/wire/deployment-schedule.ts'
import { encodeEnrollment, enrollmentVersions } from '../../src/wire/enrollment/versions.ts'
import { mediaTypeOf } from '../../src/wire/row.ts'
import { createApiInMemory } from '../support/api-in-memory.ts'
import { mutated } from '../support/hostile.ts'
import { SETTINGS, viewOf } from '../support/sample-views.ts'

const LONG = process.env['CERTRAIL_TEST_LONG'] === '1'
/** Of each of the two fuzzes: the decoders alone, and the application over HTTP, there also with bodies that are no JSON. */
const CASES = LONG ? 1_000_000 : 5_000
const TIMEOUT_MS = LONG ? 14_400_000 : 120_000

/** NUL and lone surrogates cannot be stored, control characters and turned writing mislead whoever reads. */
const UNSTORABLE = /[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u

const context = { stored: null, serviceNames: ['localhost'] }
const enrollmentBodies = enrollmentVersions.map(({ version }) => ({
  version,
  body: encodeEnrollment(version, viewOf(SETTINGS)),
}))
const ACKNOWLEDGEMENT = { acknowledgement: 'acknowledge', hash: 'da39a3ee5e6b4b0d3255bfef95601890afd80709' }
const SCHEDULE = { notBefore: '2027-01-02T03:04:05Z', notAfter: '2027-02-02' }
const ENTRY = { keyAlgorithm: 'RSA', certificate: 'c', trustChain: 't' }
const UPLOAD = { certificatesAndTrustChains: [ENTRY, { ...ENTRY, keyAlgorithm: 'ECDSA' }] }

interface Decoder {
  readonly name: string
  readonly sample: unknown
  readonly decode: (body: unknown) => unknown
}

const DECODERS: readonly Decoder[] = [
  ...enrollmentVersions.flatMap(({ version, decode }) => {
    const sample = enrollmentBodies.find((each) => each.version === version)?.body
    const named = { sample, name: `enrollment.v${version}` }
    return [
      { ...named, decode: (body: unknown) => decode(body, context) },
      { ...named, decode: (body: unknown) => decode(body, { ...context, stored: SETTINGS }) },
    ]
  }),
  ...[...acknowledgementVersions, ...deploymentScheduleVersions, ...certificateUploadVersions].map((row) => ({
    name: `${row.resource}.v${row.version}`,
    sample: row.resource.startsWith('ack')
      ? ACKNOWLEDGEMENT
      : row.resource.startsWith('dep')
        ? SCHEDULE
        : row.version === 1
          ? ENTRY
          : UPLOAD,
    decode: (body: unknown) => row.decode(body, null),
  })),
]

const textsIn = (value: unknown): readonly string[] => {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}

const decoderCase = fc.oneof(
  ...DECODERS.map((decoder) => mutated(decoder.sample).map((body) => ({ decoder, body }))),
)

interface Call {
  readonly method: string
  readonly path: string
  readonly contentType: string
  readonly sample: unknown
}

function callsTo(enrollment: number, change: number): readonly Call[] {
  const e = `/cps/v2/enrollments/${enrollment}`
  const c = `${e}/changes/${change}`
  const type = (resource: string, version: number) => mediaTypeOf(resource, version)
  const post = (path: string, contentType: string, sample: unknown): Call => ({
    method: 'POST',
    path,
    contentType,
    sample,
  })
  const own = (path: string, sample: unknown) => post(`/certrail/v1${path}`, 'application/json', sample)
  return [
    ...enrollmentBodies.flatMap(({ version, body }) => [
      post('/cps/v2/enrollments?contractId=C-1', type('enrollment', version), body),
      { ...post(e, type('enrollment', version), body), method: 'PUT' },
    ]),
    ...[
      'lets-encrypt-challenges-completed',
      'pre-verification-warnings-ack',
      'post-verification-warnings-ack',
      'change-management-ack',
    ].map((update) =>
      post(`${c}/input/update/${update}`, type('acknowledgement-with-hash', 1), ACKNOWLEDGEMENT),
    ),
    post(
      `${c}/input/update/third-party-cert-and-trust-chain`,
      type('certificate-and-trust-chain', 2),
      UPLOAD,
    ),
    post(`${c}/input/update/third-party-cert-and-trust-chain`, type('certificate-and-trust-chain', 1), ENTRY),
    { ...post(`${c}/deployment-schedule`, type('deployment-schedule', 1), SCHEDULE), method: 'PUT' },
    own('/accounts', { name: 'Another', switchKey: '1-ABC:1-8BYUX' }),
    own('/accounts/A-1/contracts', { id: 'ctr_C-7' }),
    own('/accounts/A-1/clients', { role: 'operator', name: 'pipeline', section: 'default' }),
    own('/clock/advance', { by: 'P30D' }),
    own('/clock/advance', { to: '2027-01-01T00:00:00Z' }),
    own(`/enrollments/${enrollment}/changes/${change}/vetting`, { decision: 'reject', reason: 'no' }),
    own(`/enrollments/${enrollment}/revocations`, { reason: 'superseded', serialNumber: '0a:1b' }),
    put(own(`/enrollments/${enrollment}/renewal`, { keepKey: true })),
    put(
      own('/accounts/A-1/clients/client-1', {
        name: 'other',
        disabled: false,
        expiresAt: SCHEDULE.notBefore,
      }),
    ),
    own('/accounts/A-1/clients/client-1/credentials', { section: 'default', expiresAt: SCHEDULE.notAfter }),
    put(own('/maintenance', MAINTENANCE)),
    own('/webhooks', { url: 'https://hooks.example.com/a?b=c' }),
    own('/reported-keys', { sha256: 'ab'.repeat(32), note: 'found' }),
    own('/trust-chain-sets', { id: 'set', name: 'Set', certificates: 'PEM' }),
    own('/trust-chain-sets/set/revisions', { certificates: 'PEM' }),
    own('/trust-chain-sets/set/activations', { network: 'staging', revision: 1 }),
    ...edgeDnsCalls(),
  ]
}

const put = (call: Call): Call => ({ ...call, method: 'PUT' })

const MAINTENANCE = {
  windows: [{ cron: '0 3 * * 2', timeZone: 'Europe/Berlin', durationMinutes: 120 }],
  freezes: [{ from: SCHEDULE.notBefore, until: SCHEDULE.notAfter, reason: 'sales' }],
}
const ZONE = 'fuzz.example'
const ZONE_BODY = { zone: ZONE, type: 'PRIMARY', comment: 'c', endCustomerId: '1', signAndServe: false }

function edgeDnsCalls(): readonly Call[] {
  const zones = '/config-dns/v2/zones'
  const call = (method: string, path: string, sample: unknown): Call => ({
    method,
    path,
    contentType: 'application/json',
    sample,
  })
  const set = (type: string, rdata: readonly string[]) => ({ name: `a.${ZONE}`, type, ttl: 300, rdata })
  const sets = [
    set('A', ['192.0.2.1', '192.0.2.2']),
    set('AAAA', ['2001:db8::1']),
    set('CAA', ['0 issue "ca.example"']),
    set('CNAME', ['b.example.']),
    set('MX', ['10 mail.example.']),
    set('SRV', ['1 2 443 host.example.']),
    set('TXT', ['"one" "two"']),
  ]
  return [
    call('POST', `${zones}?contractId=C-1`, ZONE_BODY),
    call('PUT', `${zones}/${ZONE}`, ZONE_BODY),
    call('POST', `${zones}/delete-requests`, { zones: ['gone.example'] }),
    ...sets.flatMap((each) => [
      call('POST', `${zones}/${ZONE}/names/a.${ZONE}/types/${each.type}`, each),
      call('PUT', `${zones}/${ZONE}/names/a.${ZONE}/types/${each.type}`, each),
    ]),
    call('POST', `${zones}/${ZONE}/recordsets`, { recordsets: sets.slice(0, 2) }),
    call('PUT', `${zones}/${ZONE}/recordsets`, { recordsets: sets }),
  ]
}

/** What is no JSON, hardly JSON, or JSON of a kind that parsers trip over. */
const octets = fc.oneof(
  fc.constantFrom(
    '',
    '{',
    'nul',
    '{"a":1,}',
    '\ufeff{}',
    '[['.repeat(50_000),
    '{"a":'.repeat(20_000),
    `{"csr":${'{"cn":'.repeat(5_000)}`,
    '1e999',
    '"\\ud800"',
  ),
  fc.uint8Array({ maxLength: 40 }),
  fc.constant('{"ra":"a","ra":"lets-encrypt","__proto__":{"ra":"x"},"constructor":null}'),
)

describe(`request decoders, ${CASES} hostile bodies`, () => {
  it('read a body or refuse it by its fields, and let nothing through that no text may hold', {
    timeout: TIMEOUT_MS,
  }, () => {
    let accepted = 0
    fc.assert(
      fc.property(decoderCase, ({ decoder, body }) => {
        try {
          const read = decoder.decode(body)
          accepted += 1
          // A PEM text has line breaks; that it is PEM is seen when it is read.
          if (!decoder.name.startsWith('certificate'))
            expect(textsIn(read).filter((text) => UNSTORABLE.test(text))).toEqual([])
        } catch (error) {
          if (!(error instanceof Problem)) throw error
          expect([error.code, error.errors.length > 0]).toEqual(['validation-error', true])
          for (const { field } of error.errors) expect(field).toMatch(/^(\/.*)?$/s)
        }
      }),
      { numRuns: CASES, endOnFailure: true },
    )
    expect(accepted).toBeGreaterThan(CASES / 50)
    if (LONG) console.log(`fuzz of decoders: ${CASES} bodies, ${accepted} accepted`)
  })

  it('answer over HTTP with anything but 5xx', { timeout: TIMEOUT_MS }, async () => {
    const api = createApiInMemory()
    const [first] = enrollmentBodies
    const made = await api.send({
      method: 'POST',
      path: '/cps/v2/enrollments?contractId=C-1',
      contentType: mediaTypeOf('enrollment', 12),
      body: JSON.stringify(first?.body),
    })
    expect(made.status).toBe(202)
    const [, e, c] = /(\d+)\/changes\/(\d+)/.exec(await made.text()) ?? []
    const calls = callsTo(Number(e), Number(c))
    for (const [path, body] of [
      ['/config-dns/v2/zones?contractId=C-1', ZONE_BODY],
      ['/certrail/v1/trust-chain-sets', { id: 'set', name: 'Set', certificates: 'PEM' }],
    ] as const) {
      const kept = { method: 'POST', path, contentType: 'application/json', body: JSON.stringify(body) }
      expect((await api.send(kept)).status).toBe(201)
    }
    const request = fc.oneof(
      ...calls.map((call) => {
        const json = mutated(call.sample).map((body) => JSON.stringify(body) ?? '')
        const either = fc.oneof<fc.MaybeWeightedArbitrary<string | Uint8Array>[]>(
          { weight: 9, arbitrary: json },
          { weight: 1, arbitrary: octets },
        )
        return either.map((body) => ({ ...call, body }))
      }),
    )
    const statuses = new Map<number, number>()
    await fc.assert(
      fc.asyncProperty(request, async (sent) => {
        const answer = await api.send(sent)
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
        expect(answer.status, await answer.text()).toBeLessThan(500)
      }),
      { numRuns: CASES, endOnFailure: true },
    )
    expect(api.faults).toEqual([])
    expect(statuses.get(400)).toBeGreaterThan(CASES / 4)
    if (LONG) console.log('fuzz over HTTP:', Object.fromEntries(statuses))
  })
})
