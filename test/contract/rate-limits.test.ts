import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accountId } from '../../src/domain/identifiers.ts'
import { CPS_RATE_LIMITS } from '../../src/domain/rate-limits/rate-limits.ts'
import { createRateLimits } from '../../src/store/rate-limits.ts'
import { createMemoryRateLimits } from '../support/memory-rate-limits.ts'
import { openStore, type StoreUnderTest, T0 } from '../support/store-under-test.ts'
import { rateLimitsContract } from './rate-limits-contract.ts'

let under: StoreUnderTest
beforeAll(async () => {
  under = await openStore()
})
afterAll(() => under.close())

describe('counted in memory', () => {
  rateLimitsContract(createMemoryRateLimits)
})

describe('counted in the database', () => {
  rateLimitsContract((limits, real) => createRateLimits(under.db, { limits, real }))

  it('processes that count at the same time let through as many as one would', async () => {
    const account = accountId('A-shared')
    const options = { limits: CPS_RATE_LIMITS, real: { now: () => T0 } }
    const processes = [under.db, under.anotherProcess('second').db, under.anotherProcess('third').db].map(
      (db) => createRateLimits(db, options),
    )
    const verdicts = await Promise.all(
      processes.flatMap((one) => Array.from({ length: 30 }, () => one.take(account, ['calls']))),
    )
    const remaining = verdicts.filter(({ admitted }) => admitted).map((verdict) => verdict.remaining)
    expect(remaining.toSorted((one, other) => one - other)).toEqual(
      Array.from({ length: 20 }, (_, left) => left),
    )
  })
})
