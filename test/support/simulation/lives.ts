import { expect } from 'vitest'
import { simulate } from './simulation.ts'

const LONG = process.env['CERTRAIL_TEST_LONG'] === '1'
const SEEDS = LONG ? 20_000 : 200
/** At small counts always the same, so that what a seed finds is found by whoever brought it in. */
const FIRST = LONG ? Number(process.env['CERTRAIL_TEST_SEED'] ?? 1) : 1
/** One seed alone: what a failure prints. */
const ONLY = process.env['CERTRAIL_TEST_SIMULATION']

/** In one life of so many people also pin, and go back to what was served before. */
const PINS_IN = 4

export const FLEET = { enrollments: 2, days: 120 }
export const LIVES_TIMEOUT_MS = LONG ? 36_000_000 : 300_000

/** The seeds of one of `parts` test files, which run at once. */
export function seedsOf(part: number, parts: number): readonly number[] {
  if (ONLY !== undefined) return part === 0 ? [Number(ONLY)] : []
  return Array.from({ length: SEEDS }, (_, index) => (FIRST + index) % 2 ** 31).filter(
    (_, index) => index % parts === part,
  )
}

/** Lives through them; the first rule that is broken is told with the command that lives through the same again. */
export async function liveThrough(seeds: readonly number[]): Promise<void> {
  let deployed = 0
  for (const seed of seeds) {
    const { history } = await lived(seed)
    deployed += history.filter((line) => line.includes('production-deployed')).length
  }
  // Lives in which nothing is deployed would keep every rule.
  expect(deployed).toBeGreaterThan(seeds.length * FLEET.enrollments)
}

async function lived(seed: number) {
  try {
    return await simulate({ seed, ...FLEET, pins: seed % PINS_IN === 0 })
  } catch (error) {
    const replay = `CERTRAIL_TEST_SIMULATION=${seed} npx vitest run test/simulation/lives-even.test.ts`
    throw new Error(`seed ${seed}: ${(error as Error).message}\nto replay it: ${replay}`, { cause: error })
  }
}
