import { DAY, type Instant } from '../../../src/domain/time.ts'
import type { StandingLook } from '../../../src/ports/standing-look.ts'
import { digestOf } from './seeded.ts'

/** How long a name leads to the same place. */
const SPELL_MS = 2 * DAY
/** Of so many spells one leads elsewhere, and in one nobody answers. */
const SPELLS = 8

/** Names that lead to our edges, and for spells that follow from the seed somewhere else: in a third of all lives, in the others nobody looks. */
export function simulatedStandings(seed: number, now: () => Instant): StandingLook | null {
  if (seed % 3 !== 1) return null
  return async (questions) =>
    questions.map(({ name }) => {
      const spell = Number.parseInt(
        digestOf(`${seed} ${name} ${Math.floor(now() / SPELL_MS)}`).slice(0, 8),
        16,
      )
      const edges = (['gone', 'open'] as const)[spell % SPELLS] ?? 'stands'
      return { name, host: 'known', caa: null, ways: { edges }, instead: null }
    })
}
