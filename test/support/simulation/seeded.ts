import { createHash } from 'node:crypto'
import type { Random } from '../../../src/ports/random.ts'

/** Draws that follow from a seed alone (mulberry32). */
export interface Draws extends Random {
  /** In [0, 1). */
  share(): number
  chance(of: number): boolean
  pick<T>(all: readonly T[]): T
}

export function createDraws(seed: number): Draws {
  let state = seed >>> 0
  function share(): number {
    state = (state + 0x6d2b79f5) >>> 0
    let word = Math.imul(state ^ (state >>> 15), 1 | state)
    word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number) => Math.floor(share() * limit)
  return {
    share,
    below,
    chance: (of) => share() < of,
    pick: (all) => all[below(all.length)] as (typeof all)[number],
    bytes: (length) => Uint8Array.from({ length }, () => below(256)),
    uuid: () =>
      Array.from({ length: 4 }, () =>
        below(2 ** 32)
          .toString(16)
          .padStart(8, '0'),
      ).join('-'),
  }
}

export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')
