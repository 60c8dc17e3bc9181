import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalName, covers, isServiceName, isWildcard, wildcardOf } from './names.ts'

const LABEL_63 = 'a'.repeat(63)
/** 253 characters. */
const LONGEST = [LABEL_63, LABEL_63, LABEL_63, 'b'.repeat(57), 'org'].join('.')

describe('canonicalName', () => {
  it.each([
    ['example.com', 'example.com'],
    ['WWW.Example.COM', 'www.example.com'],
    ['example.com.', 'example.com'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['XN--BCHER-KVA.example', 'xn--bcher-kva.example'],
    ['BÜCHER.example', 'xn--bcher-kva.example'],
    ['straße.example', 'xn--strae-oqa.example'],
    ['例え。テスト', 'xn--r8jz45g.xn--zckzah'],
    ['*.example.com', '*.example.com'],
    ['*.BÜCHER.example', '*.xn--bcher-kva.example'],
    ['1.2.3.example', '1.2.3.example'],
    ['a-b.c1.io', 'a-b.c1.io'],
    [LONGEST, LONGEST],
  ])('of %s is %s', (text, name) => {
    expect(canonicalName(text)).toEqual({ ok: true, name })
  })

  it.each([
    ['', 'is empty'],
    ['*.', 'is empty'],
    ['.', 'has an empty label'],
    ['a..example.com', 'has an empty label'],
    ['.example.com', 'has an empty label'],
    ['example.com..', 'has an empty label'],
    ['com', 'has fewer than two labels'],
    ['localhost', 'has fewer than two labels'],
    ['*.com', 'is a wildcard with fewer than two labels behind it'],
    ['*', 'has a wildcard that is not the whole leftmost label, as in *.example.com'],
    ['*.*.example.com', 'has a wildcard that is not the whole leftmost label, as in *.example.com'],
    ['www.*.example.com', 'has a wildcard that is not the whole leftmost label, as in *.example.com'],
    ['w*.example.com', 'has a wildcard that is not the whole leftmost label, as in *.example.com'],
    ['a_b.example.com', 'has an underscore, which no certificate may name'],
    ['192.0.2.1', 'is an IP address or ends in a number'],
    ['*.0.2.1', 'is an IP address or ends in a number'],
    ['example.123', 'is an IP address or ends in a number'],
    ['2001:db8::1', 'must be a bare DNS name, without scheme, port, path or spaces'],
    ['https://example.com', 'must be a bare DNS name, without scheme, port, path or spaces'],
    ['example.com:443', 'must be a bare DNS name, without scheme, port, path or spaces'],
    [' example.com', 'must be a bare DNS name, without scheme, port, path or spaces'],
    ['example.com\n', 'must be a bare DNS name, without scheme, port, path or spaces'],
    ['ada@example.com', 'must be a bare DNS name, without scheme, port, path or spaces'],
    [`${LABEL_63}a.example.com`, 'has a label longer than 63 characters'],
    [`x${LONGEST}`, 'has a label longer than 63 characters'],
    [`${LONGEST.replace('.org', 'b.org')}`, 'is longer than 253 characters'],
    [`*.${LONGEST}`, 'is longer than 253 characters'],
  ])('refuses %j: %s', (text, reason) => {
    expect(canonicalName(text)).toEqual({ ok: false, reason })
  })

  it.each([
    '-a.example.com',
    'a-.example.com',
    'ab--c.example.com',
    'xn--.example.com',
    'a\u0000.example.com',
    'a,b.example.com',
    'a\u200d.example.com',
  ])('refuses %j', (text) => {
    expect(canonicalName(text).ok).toBe(false)
  })

  it('is a fixed point: what is canonical stays as it is, in any case', () => {
    fc.assert(
      fc.property(fc.oneof(fc.domain(), fc.string({ unit: 'grapheme' }), fc.string()), (text) => {
        const once = canonicalName(text)
        if (!once.ok) return
        expect(canonicalName(once.name)).toEqual(once)
        expect(canonicalName(once.name.toUpperCase())).toEqual(once)
        expect(once.name).toMatch(/^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+$/)
        expect(once.name.length).toBeLessThanOrEqual(253)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('wildcards (RFC 6125 section 6.4.3)', () => {
  it('stand over exactly one label', () => {
    expect(wildcardOf('www.example.com')).toBe('*.example.com')
    expect(wildcardOf('a.b.example.com')).toBe('*.b.example.com')
    expect(wildcardOf('example.com')).toBeNull()
    expect(wildcardOf('*.example.com')).toBeNull()
  })

  it.each([
    ['*.example.com', 'www.example.com', true],
    ['*.example.com', 'a.b.example.com', false],
    ['*.example.com', 'example.com', false],
    ['*.example.com', '*.example.com', true],
    ['*.example.com', '*.b.example.com', false],
    ['*.example.com', 'www.badexample.com', false],
    ['www.example.com', 'www.example.com', true],
    ['example.com', 'www.example.com', false],
  ])('%s covers %s: %s', (pattern, name, expected) => {
    expect(covers(pattern, name)).toBe(expected)
  })

  it('are told from names', () => {
    expect(isWildcard('*.example.com')).toBe(true)
    expect(isWildcard('www.example.com')).toBe(false)
  })
})

describe('isServiceName', () => {
  const apiNames = ['localhost', 'CPS.example.com', '127.0.0.1', '::1']
  it.each([
    ['localhost', true],
    ['a.localhost', true],
    ['*.localhost', true],
    ['cps.example.com', true],
    ['*.example.com', true],
    ['www.example.com', false],
    ['a.cps.example.com', false],
    ['*.cps.example.com', false],
    ['notlocalhost.example', false],
    ['localhost.example', false],
  ])('%s: %s', (name, expected) => {
    expect(isServiceName(name, apiNames)).toBe(expected)
  })
})
