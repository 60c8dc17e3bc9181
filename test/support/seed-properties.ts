import { readFileSync } from 'node:fs'
import { expect } from 'vitest'

/** A long run draws this many times as many examples per property. */
const LONG_FACTOR = 20
const SMALL_RUNS = 100

/** The seed that scripts/test.mjs prints rules every property. Loaded before each test file; one without properties pays nothing for it. */
const { testPath } = expect.getState()
if (testPath !== undefined && /from 'fast-check'/.test(readFileSync(testPath, 'utf8'))) {
  const { configureGlobal } = await import('fast-check')
  const seed = process.env['CERTRAIL_TEST_SEED']
  configureGlobal({
    ...(seed && { seed: Number(seed) }),
    ...(process.env['CERTRAIL_TEST_LONG'] === '1' && { numRuns: SMALL_RUNS * LONG_FACTOR }),
  })
}
