import { describe, expect, it } from 'vitest'
import { createRecentCache } from './recent-cache.ts'

describe('the cache of what was used last', () => {
  function used(limit: number) {
    const gone: string[] = []
    const built: string[] = []
    const cache = createRecentCache<string, string>(limit, (key) => gone.push(key))
    const use = (...keys: string[]): string[] =>
      keys.map((key) =>
        cache.obtain(key, () => {
          built.push(key)
          return key.toUpperCase()
        }),
      )
    return { gone, built, cache, use }
  }

  it('keeps the limit, and lets the one longest unused go for one that is asked for again', () => {
    const { gone, built, cache, use } = used(2)
    expect(use('a', 'b', 'a', 'c', 'c', 'c', 'a', 'b')).toEqual(['A', 'B', 'A', 'C', 'C', 'C', 'A', 'B'])
    expect(built).toEqual(['a', 'b', 'c', 'c', 'b'])
    expect(gone).toEqual(['b'])
    expect(cache.size()).toBe(2)
  })

  it('lets nothing go for those that are asked for once', () => {
    const { gone, built, use } = used(2)
    use('a', 'b', 'c', 'd', 'e', 'a', 'b')
    expect(built).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(gone).toEqual([])
  })

  it('has forgotten who asked before as many others did as it keeps', () => {
    const { gone, use } = used(2)
    use('a', 'b', 'c', 'd', 'e', 'c')
    expect(gone).toEqual([])
    use('e')
    expect(gone).toEqual(['a'])
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
