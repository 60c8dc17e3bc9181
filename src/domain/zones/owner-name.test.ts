import { describe, expect, it } from 'vitest'
import { isWithin, nameAndAbove, ownerName } from './owner-name.ts'

describe('the owner of a record', () => {
  it.each([
    ['_acme-challenge.WWW.Example.com.', '_acme-challenge.www.example.com'],
    ['*.example.com', '*.example.com'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
    ['a--b.example', 'a--b.example'],
    ['1.0-25.2.0.192.in-addr.arpa', '1.0-25.2.0.192.in-addr.arpa'],
    ['com', 'com'],
  ])('%s is %s', (text, name) => expect(ownerName(text)).toEqual({ ok: true, name }))

  it.each([
    '',
    '.',
    'a..example',
    '*',
    'a.*.example',
    '*a.example',
    'a b.example',
    'a/b.example',
    `${'a'.repeat(64)}.example`,
    `${'a.'.repeat(126)}example`,
    'a\u0000b.example',
    'ü.'.repeat(1_000),
  ])('%j is none', (text) => expect(ownerName(text).ok).toBe(false))

  it('lies in a zone by whole labels', () => {
    expect(isWithin('www.example.com', 'example.com')).toBe(true)
    expect(isWithin('example.com', 'example.com')).toBe(true)
    expect(isWithin('wwwexample.com', 'example.com')).toBe(false)
    expect(nameAndAbove('a.b.example')).toEqual(['a.b.example', 'b.example', 'example'])
  })
})
