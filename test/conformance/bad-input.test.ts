import { describe, expect, it } from 'vitest'
import { Problem } from '../../src/errors/problem.ts'
import { revocation } from '../../src/http/authority-routes.ts'
import { decodeEnrollment } from '../../src/wire/enrollment/decode.ts'
import { encodeEnrollment } from '../../src/wire/enrollment/versions.ts'
import {
  FORBIDDEN_TEXTS,
  ODD_TEXTS,
  type Path,
  pathsOf,
  pointerTo,
  replaced,
  WRONG_TYPES,
} from '../support/hostile.ts'
import { SETTINGS, viewOf } from '../support/sample-views.ts'

const VERSIONS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
/** Forty thousand bodies for all of them; the fuzz beside this draws from each. */
const THOROUGH = process.env['CERTRAIL_TEST_LONG'] === '1' ? VERSIONS : [1, 6, 12]
const context = { stored: null, serviceNames: ['localhost', 'api.certrail.example'] }

/** Ours to say, whatever a client sends back; the first part of the pointer. */
const READ_ONLY = [
  'id',
  'location',
  'pendingChanges',
  'autoRenewalStartTime',
  'assignedSlots',
  'productionSlots',
  'stagingSlots',
  'maxAllowedSanNames',
  'maxAllowedWildcardSanNames',
]
const isReadOnly = ([name]: Path): boolean => READ_ONLY.includes(String(name))

function faultsOf(version: number, body: unknown): readonly string[] {
  try {
    decodeEnrollment(version, body, context)
    return []
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'validation-error') throw error
    return error.errors.map(({ field }) => field)
  }
}

const overlaps = (one: string, other: string): boolean =>
  one === other || one.startsWith(`${other}/`) || other.startsWith(`${one}/`)

// oxlint-disable-next-line no-explicit-any -- bodies are built by path
const bodyOf = (version = 12): any => encodeEnrollment(version, viewOf(SETTINGS))
const withCsr = (csr: object, more: object = {}): unknown => ({
  ...bodyOf(),
  ...more,
  csr: { ...bodyOf().csr, ...csr },
})

describe('an enrollment in every version', () => {
  it.each(THOROUGH)(
    'names in version %i each member that has a wrong type or a hostile text, or takes it',
    (version) => {
      const body = bodyOf(version)
      const wrong: string[] = []
      for (const path of pathsOf(body)) {
        for (const value of [...WRONG_TYPES, ...FORBIDDEN_TEXTS, ...ODD_TEXTS, 'x'.repeat(100_000)]) {
          const faults = faultsOf(version, replaced(body, path, value))
          const own = faults.filter((field) => overlaps(field, pointerTo(path)))
          if (faults.length > 0 && own.length === 0)
            wrong.push(`${pointerTo(path)} ${JSON.stringify(value)?.slice(0, 40)}: ${faults.join(' ')}`)
        }
      }
      expect(wrong).toEqual([])
    },
  )

  it.each(VERSIONS)(
    'refuses in version %i every text that no text may hold, at every member that is a text',
    (version) => {
      const body = bodyOf(version)
      const texts = pathsOf(body).filter((path) => {
        const value = path.reduce((held, name) => held?.[name], body)
        return typeof value === 'string' && !isReadOnly(path)
      })
      expect(texts.length).toBeGreaterThan(20)
      for (const path of texts) {
        for (const value of [...FORBIDDEN_TEXTS, 'x'.repeat(256)])
          expect(faultsOf(version, replaced(body, path, value)), pointerTo(path)).not.toEqual([])
      }
    },
  )

  it.each(VERSIONS)('passes over whatever a client echoes of read-only members in version %i', (version) => {
    const body = bodyOf(version)
    for (const name of READ_ONLY)
      for (const value of [...WRONG_TYPES, '\u0000', null])
        expect(faultsOf(version, { ...body, [name]: value }), name).toEqual([])
  })
})

describe('a text that can be read in many ways', () => {
  const serialNumber = revocation.shape.serialNumber
  it.each(['a', 'ab:', 'a:'])(
    '%j, thousands of times, is no serial number, and that is known at once',
    (part) => {
      const begun = performance.now()
      expect(serialNumber.safeParse(`${part.repeat(5_000)}g`).success).toBe(false)
      expect(performance.now() - begun).toBeLessThan(5_000)
    },
  )

  it.each(['0', '0a1B', '0A:1B:ff', 'f'.repeat(40), 'a:b'])('%s is a serial number', (text) => {
    expect(serialNumber.safeParse(text).success).toBe(true)
  })
})

describe('lengths of a subject', () => {
  it.each([
    ['st', 128],
    ['l', 128],
    ['o', 64],
    ['ou', 64],
  ])('%s ends at %i characters (RFC 5280 appendix A)', (member, most) => {
    expect(faultsOf(12, withCsr({ [member]: 'x'.repeat(most) }))).toEqual([])
    expect(faultsOf(12, withCsr({ [member]: 'x'.repeat(most + 1) }))).toEqual([`/csr/${member}`])
    expect(faultsOf(12, withCsr({ [member]: 'e\u0301'.repeat(most) }))).toEqual([`/csr/${member}`])
  })

  it.each(['D', 'DEU', '12', 'D\u0130', '🇩🇪'])('the country is two letters: not %j', (c) => {
    expect(faultsOf(12, withCsr({ c }))).toEqual(['/csr/c'])
  })
})

describe('names', () => {
  const sans = (names: readonly unknown[]): unknown => withCsr({ sans: names })

  it.each([
    '127.0.0.1',
    '::1',
    '[2001:db8::1]',
    '0x7f.1',
    '１２７.0.0.1',
    'co.uk',
    '*.com',
    '*.co.uk',
    'com',
    'localhost',
    'api.certrail.example',
    '*.certrail.example',
    'a.*.example.com',
    '**.example.com',
    'w*.example.com',
    '*',
    'under_score.example.com',
    '-a.example.com',
    'a..example.com',
    '.example.com',
    'https://example.com',
    'example.com:443',
    'a b.example.com',
    'user@example.com',
    'xn--a.example.com',
    'xn--\u0000.example.com',
    'a\u202eb.example.com',
    '\u05d0a.example.com',
    'a\u200d.example.com',
    `${'a'.repeat(64)}.example.com`,
    `${'a.'.repeat(124)}example.com`,
    `${'ü'.repeat(60)}.example.com`,
    '\ud800.example.com',
  ])('%j is none, and is named as the SAN and the served name that it is', (name) => {
    expect(faultsOf(12, sans(['a.example.com', name]))).toEqual(['/csr/sans/1'])
    const body = bodyOf()
    const served = replaced(body, ['networkConfiguration', 'dnsNameSettings', 'dnsNames'], [name])
    expect(faultsOf(12, served)).toEqual(['/networkConfiguration/dnsNameSettings/dnsNames/0'])
    expect(faultsOf(12, withCsr({ cn: name }))).toContain('/csr/cn')
  })

  it('are each named that is bad, whatever is wrong with it, in the SANs and the served names', () => {
    const names = ['a.example.com', 7, 'no name', null, 'x'.repeat(300), '10.0.0.1', 'b.example.com']
    const bad = [1, 2, 3, 4, 5]
    expect(faultsOf(12, sans(names)).toSorted()).toEqual(bad.map((place) => `/csr/sans/${place}`))
    const served = ['networkConfiguration', 'dnsNameSettings', 'dnsNames']
    expect(faultsOf(12, replaced(bodyOf(), served, names)).toSorted()).toEqual(
      bad.map((place) => `/${served.join('/')}/${place}`),
    )
    const words = ['networkConfiguration', 'disallowedTlsVersions']
    const other = replaced(bodyOf(), ['ra'], 'third-party')
    expect(faultsOf(12, replaced(other, words, ['SSLv3', 'TLSv1', 7])).toSorted()).toEqual([
      '/networkConfiguration/disallowedTlsVersions/0',
      '/networkConfiguration/disallowedTlsVersions/2',
      '/ra',
    ])
  })

  it('are told a hundred times at most', () => {
    const bad = (count: number) => sans(Array.from({ length: count }, () => 7))
    expect(faultsOf(12, bad(1_000))).toHaveLength(100)
    expect(faultsOf(12, bad(100_000))).toEqual(['/csr/sans'])
  })

  it('count once, however they are written: U-label and A-label, case, full stops', () => {
    const ways = [
      'bücher.example.com',
      'xn--bcher-kva.example.com',
      'BÜCHER.example.com',
      'bu\u0308cher。example．com',
      'bücher.example.com.',
    ]
    const others = Array.from({ length: 98 }, (_, index) => `n${index}.example.com`)
    expect(faultsOf(12, sans([...ways, ...others]))).toEqual([])
    expect(faultsOf(12, sans([...ways, ...others, 'one-more.example.com']))).toEqual(['/csr/sans'])
    expect(faultsOf(12, sans(Array.from({ length: 1_001 }, () => 'a.example.com')))).toEqual(['/csr/sans'])
  })

  it('hold no more wildcards than their type allows, and none at all with EV', () => {
    const wildcards = (count: number) =>
      Array.from({ length: count }, (_, index) => `*.w${index}.example.com`)
    expect(faultsOf(12, sans(wildcards(25)))).toEqual([])
    expect(faultsOf(12, sans(wildcards(26)))).toEqual(['/csr/sans'])
    const ev = { ra: 'symantec', validationType: 'ev' }
    expect(faultsOf(12, withCsr({ sans: wildcards(1), preferredTrustChain: null }, ev))).toEqual([
      '/csr/sans',
    ])
    expect(faultsOf(12, withCsr({ cn: '*.example.com', sans: [], preferredTrustChain: null }, ev))).toContain(
      '/csr/cn',
    )
  })
})

describe('members that are no members', () => {
  it('__proto__ and its like change nothing, at any depth', () => {
    const text = JSON.stringify(bodyOf()).replaceAll(
      '{',
      '{"__proto__":{"ra":"x","cn":1},"constructor":{"prototype":1},',
    )
    expect(decodeEnrollment(12, JSON.parse(text), context)).toEqual(decodeEnrollment(12, bodyOf(), context))
    expect(({} as { ra?: unknown }).ra).toBeUndefined()
  })

  it.each([null, [], 'text', 7, true, [[]]])('a body that is %j is refused as a whole', (body) => {
    for (const version of VERSIONS) expect(faultsOf(version, body)).toEqual([''])
  })

  it.each(['1e400', '9007199254740993', '-1', '1.5', '123456789012345678901234567890'])(
    'orgId %s is refused',
    (number) => {
      const body = JSON.parse(`{"orgId":${number}}`) as object
      expect(faultsOf(12, { ...bodyOf(), ...body })).toEqual(['/orgId'])
    },
  )

  it.each([
    'nobody',
    '@example.com',
    'a@',
    'a@localhost',
    'a b@example.com',
    'a@b@example.com',
    'a@example..com',
    'a@*.example.com',
    'a..b@example.com',
    'A <a@example.com>',
    'mailto:a@example.com',
    `${'a'.repeat(65)}@example.com`,
  ])('an e-mail address %j of a contact is refused at its place, in every version', (email) => {
    for (const version of VERSIONS) {
      const body = bodyOf(version)
      for (const contact of ['adminContact', 'techContact'])
        expect(faultsOf(version, { ...body, [contact]: { ...body[contact], email } })).toEqual([
          `/${contact}/email`,
        ])
    }
  })

  it.each(['', null, 'a@example.com', 'A.B+c@EXAMPLE.com', "o'neill@bücher.example", 'jürgen@example.com'])(
    'an e-mail address %j of a contact is taken',
    (email) => {
      const { adminContact } = bodyOf()
      expect(faultsOf(12, { ...bodyOf(), adminContact: { ...adminContact, email } })).toEqual([])
    },
  )

  it('an e-mail address that was taken before comes back unharmed', () => {
    const stored = { ...SETTINGS, techContact: { ...SETTINGS.techContact, email: 'by pigeon' } }
    const body = encodeEnrollment(12, viewOf(stored))
    expect(decodeEnrollment(12, body, { ...context, stored }).techContact.email).toBe('by pigeon')
    expect(faultsOf(12, body)).toEqual(['/techContact/email'])
  })
})
