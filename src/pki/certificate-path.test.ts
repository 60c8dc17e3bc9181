import { describe, expect, it } from 'vitest'
import {
  type TestAuthority,
  testAuthority,
  testLeaf,
  testRoot,
} from '../../test/support/test-certificates.ts'
import { DAY, HOUR, instant, plus } from '../domain/time.ts'
import { verifyPath } from './certificate-path.ts'
import { PROFILES } from './profiles.ts'

const at = instant(1_795_000_000_000)
const root = testRoot({ cn: 'Root', at })
const middle = testAuthority(root, { cn: 'Middle', at })
const low = testAuthority(middle, { cn: 'Low', at, more: { profile: PROFILES['sandbox-intermediate'] } })
const leaf = testLeaf(low, { cn: 'a.example', at })

const verdict = (
  below: TestAuthority,
  between: TestAuthority[],
  roots: TestAuthority[] = [root],
  when = at,
) =>
  verifyPath(
    below.der,
    between.map(({ der }) => der),
    roots.map(({ der }) => der),
    when,
  )
const code = (result: ReturnType<typeof verdict>) => (result.ok ? 'ok' : result.code)

describe('verifying a path', () => {
  it('goes from the leaf over the intermediates, in any order, to a root', () => {
    expect(verdict(leaf, [low, middle])).toEqual({ ok: true })
    expect(verdict(leaf, [middle, low])).toEqual({ ok: true })
  })

  it('passes over the root among the intermediates and over one that is pasted twice', () => {
    expect(verdict(leaf, [low, middle, middle, root])).toEqual({ ok: true })
  })

  it('needs every link', () => {
    expect(code(verdict(leaf, [middle]))).toBe('broken-chain')
    expect(code(verdict(leaf, [low]))).toBe('unknown-root')
    expect(code(verdict(leaf, []))).toBe('unknown-root')
  })

  it('has a place for every intermediate', () => {
    const stranger = testAuthority(root, { cn: 'Stranger', at })
    expect(verdict(leaf, [low, middle, stranger])).toMatchObject({
      code: 'broken-chain',
      detail: expect.stringContaining('Stranger'),
    })
  })

  it('ends at a root that is known, not at one of the same name', () => {
    expect(code(verdict(leaf, [low, middle], [testRoot({ cn: 'Root', at })]))).toBe('unknown-root')
    expect(code(verdict(leaf, [low, middle], []))).toBe('unknown-root')
  })

  it('does not take an intermediate of the right name and another key', () => {
    expect(code(verdict(leaf, [testAuthority(middle, { cn: 'Low', at }), middle]))).toBe('broken-chain')
  })

  it('judges every date at the moment it was asked for, the last second included', () => {
    const end = plus(at, 90 * DAY - HOUR)
    expect(code(verdict(leaf, [low, middle], [root], plus(end, -1)))).toBe('ok')
    expect(code(verdict(leaf, [low, middle], [root], end))).toBe('expired')
    expect(code(verdict(leaf, [low, middle], [root], plus(at, -HOUR)))).toBe('ok')
    expect(code(verdict(leaf, [low, middle], [root], plus(at, -HOUR - 1)))).toBe('not-yet-valid')
  })

  it('uses the root of a name and key that is valid at the moment', () => {
    const old = testRoot({
      cn: 'Root',
      at: plus(at, -100 * DAY),
      key: root.key,
      more: { lifetimeMs: 50 * DAY },
    })
    expect(code(verdict(leaf, [low, middle], [old, root]))).toBe('ok')
    expect(code(verdict(leaf, [low, middle], [old]))).toBe('expired')
  })

  it('lets no leaf sign', () => {
    expect(code(verdict(testLeaf(leaf, { cn: 'b.example', at }), [leaf, low, middle]))).toBe(
      'not-an-authority',
    )
  })

  it('keeps to the path length (RFC 5280 section 4.2.1.9)', () => {
    const below = testAuthority(low, { cn: 'Below', at })
    const deep = testLeaf(below, { cn: 'b.example', at })
    expect(verdict(deep, [below, low, middle])).toMatchObject({
      code: 'not-an-authority',
      detail: expect.stringContaining('Low'),
    })
  })

  it('takes a leaf that is itself a known root', () => {
    expect(verdict(root, [], [root])).toEqual({ ok: true })
  })

  it('ends soon among many authorities of one name and key', () => {
    const twins = Array.from({ length: 11 }, () => testRoot({ cn: 'Twin', at, key: root.key }))
    const stranger = testRoot({ cn: 'Stranger', at })
    const last = testLeaf(twins[0] as TestAuthority, { cn: 'b.example', at })
    const before = performance.now()
    expect(code(verdict(last, [...twins.slice(1), stranger], [root]))).toBe('broken-chain')
    expect(performance.now() - before).toBeLessThan(2_000)
  })

  it('refuses a chain longer than any real one', () => {
    const many = Array.from({ length: 12 }, (_, n) => testAuthority(root, { cn: `${n}`, at }))
    expect(code(verdict(leaf, many))).toBe('broken-chain')
  })

  it('refuses what is no certificate', () => {
    expect(() => verifyPath(leaf.der, [Buffer.from('3000', 'hex')], [root.der], at)).toThrowError(
      expect.objectContaining({ code: 'malformed-certificate' }),
    )
  })
})
