import { describe, expect, it } from 'vitest'
import { createRecentCache } from './recent-cache.ts'

describe('the cache of what was used last', () => {
  it('keeps the limit and lets the one longest unused go', () => {
    const gone: string[] = []
    const built: string[] = []
    const cache = createRecentCache<string, string>(2, (key) => gone.push(key))
    const use = (key: string): string =>
      cache.obtain(key, () => {
        built.push(key)
        return key.toUpperCase()
      })
    expect([use('a'), use('b'), use('a'), use('c'), use('a'), use('b')]).toEqual([
      'A',
      'B',
      'A',
      'C',
      'A',
      'B',
    ])
    expect(built).toEqual(['a', 'b', 'c', 'b'])
    expect(gone).toEqual(['b', 'c'])
    expect(cache.size()).toBe(2)
  })

  it('keeps nothing of a failed build, and lets nothing go for it', () => {
    const gone: string[] = []
    const cache = createRecentCache<string, string>(1, (key) => gone.push(key))
    cache.obtain('a', () => 'A')
    expect(() =>
      cache.obtain('b', () => {
        throw new Error('no key')
      }),
    ).toThrow('no key')
    expect(cache.obtain('a', () => 'again')).toBe('A')
    expect(gone).toEqual([])
  })

  it('builds again what was forgotten', () => {
    const cache = createRecentCache<string, number>(5, () => {})
    cache.obtain('a', () => 1)
    cache.forget('a')
    expect(cache.obtain('a', () => 2)).toBe(2)
    cache.clear()
    expect(cache.size()).toBe(0)
  })
})
