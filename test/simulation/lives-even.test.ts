import { it } from 'vitest'
import { LIVES_TIMEOUT_MS, liveThrough, seedsOf } from '../support/simulation/lives.ts'

const seeds = seedsOf(0, 2)

it.skipIf(seeds.length === 0)(
  `no rule of design.md section 5 is broken in ${seeds.length} lives of a small fleet, whatever its CA, edges and people do`,
  () => liveThrough(seeds),
  LIVES_TIMEOUT_MS,
)
