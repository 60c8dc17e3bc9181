import { beforeEach, describe, expect, it } from 'vitest'
import { CPS_RATE_LIMITS } from '../../src/domain/rate-limits/rate-limits.ts'
import { type AccountId, accountId } from '../../src/domain/identifiers.ts'
import { type Instant, instant, MINUTE, plus, SECOND } from '../../src/domain/time.ts'
import type { Clock } from '../../src/ports/clock.ts'
import type { RateLimits } from '../../src/ports/rate-limits.ts'

const T0 = instant(1_795_000_000_000)

/** What every adapter of the port keeps. `make` once for each process that counts. */
export function rateLimitsContract(make: (limits: typeof CPS_RATE_LIMITS, real: Clock) => RateLimits): void {
  let now: Instant
  let made = 0
  let account: AccountId
  const real: Clock = { now: () => now }
  beforeEach(() => {
    now = T0
    account = accountId(`A-${(made += 1)}`)
  })
  const admittedOf = async (calls: readonly Promise<{ readonly admitted: boolean }>[]) =>
    (await Promise.all(calls)).filter(({ admitted }) => admitted).length

  describe('rate limits', () => {
    it('let 20 calls through at once, count what remains, and say when the next is let through', async () => {
      const limits = make(CPS_RATE_LIMITS, real)
      const first = await limits.take(account, ['calls'])
      expect(first).toEqual({ admitted: true, limit: 20, remaining: 19, nextAt: T0, at: T0 })
      expect(await admittedOf(Array.from({ length: 40 }, () => limits.take(account, ['calls'])))).toBe(19)
      now = plus(T0, SECOND)
      expect(await limits.take(account, ['calls'])).toEqual({
        admitted: false,
        limit: 20,
        remaining: 0,
        nextAt: plus(T0, 2 * SECOND),
        at: now,
      })
      now = plus(T0, 2 * SECOND)
      expect((await limits.take(account, ['calls'])).admitted).toBe(true)
    })

    it('let no more than 35 through in a minute', async () => {
      const limits = make(CPS_RATE_LIMITS, real)
      let through = 0
      for (let second = 0; second < 60; second += 1) {
        now = plus(T0, second * SECOND)
        through += await admittedOf([limits.take(account, ['calls']), limits.take(account, ['calls'])])
      }
      expect(through).toBe(35)
      now = plus(T0, MINUTE)
      expect((await limits.take(account, ['calls'])).admitted).toBe(true)
    })

    it('count each account by itself', async () => {
      const limits = make(CPS_RATE_LIMITS, real)
      await admittedOf(Array.from({ length: 20 }, () => limits.take(account, ['calls'])))
      const other = await limits.take(accountId(`${account}-other`), ['calls'])
      expect([other.admitted, other.remaining]).toEqual([true, 19])
    })

    it('a call that one of two counts refuses is counted by none', async () => {
      const limits = make(CPS_RATE_LIMITS, real)
      const list = () => limits.take(account, ['calls', 'active-certificates'])
      expect(await admittedOf(Array.from({ length: 15 }, list))).toBe(10)
      expect(await list()).toMatchObject({ admitted: false, limit: 10, nextAt: plus(T0, MINUTE) })
      expect(await limits.take(account, ['calls'])).toMatchObject({ admitted: true, remaining: 9 })
    })
  })
}
