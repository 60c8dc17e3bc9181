import { describe, expect, it } from 'vitest'
import { systemRandom } from './system-random.ts'

describe('systemRandom', () => {
  const random = systemRandom()

  it('gives as many bytes as asked for, never the same sixteen twice', () => {
    expect(random.bytes(0)).toHaveLength(0)
    const first = random.bytes(16)
    expect(first).toHaveLength(16)
    expect(random.bytes(16)).not.toEqual(first)
  })

  it('gives version 4 UUIDs (RFC 9562 section 5.4)', () => {
    expect(random.uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(random.uuid()).not.toBe(random.uuid())
  })

  it('stays below the limit and reaches every number under it', () => {
    const seen = new Set(Array.from({ length: 400 }, () => random.below(4)))
    expect(seen).toEqual(new Set([0, 1, 2, 3]))
    expect(random.below(1)).toBe(0)
  })
})
