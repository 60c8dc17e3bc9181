import {
  afterOrder,
  filled,
  fullBucket,
  type OrderBucket,
  type OrderLimit,
} from '../../../src/domain/renewal/order-limit.ts'
import type { IssuingProfile } from '../../../src/domain/policy/rules.ts'
import { DAY, HOUR, type Instant, instant, plus, SECOND } from '../../../src/domain/time.ts'
import { Problem } from '../../../src/errors/problem.ts'
import type { OrderAllowance, RenewalInformation } from '../../../src/ports/certificate-authority.ts'
import type { OrderAccount, SpendOrder } from '../../../src/ports/order-budgets.ts'
import { readPaper } from './papers.ts'
import type { Draws } from './seeded.ts'
import { isIn, type Trouble } from './troubles.ts'

/** The one account that everybody orders by. */
const ORDERED_BY: OrderAccount = { name: 'simulated', directoryUrl: 'https://ca.example/directory' }

/** Null, for half of all CAs: it takes as many as anybody likes. Else so few that two renewals can be too many. */
export function drawOrderLimit(draws: Draws, profile: IssuingProfile): OrderLimit | null {
  const most = profile === 'shortlived' ? 12 : 72
  const limit = { orders: draws.pick([1, 1, 2]), periodMs: (1 + draws.below(most)) * HOUR }
  return draws.chance(0.5) ? limit : null
}

export interface OrderCounter {
  /** The next order. @throws Problem 'authority-unavailable' with the wait */
  count(isCounted: boolean): Promise<void>
  /** It asked to be left alone. */
  limited(seconds: number): void
  allowance(): OrderAllowance | null
}

/** The CA counts for itself, and takes twice what it publishes; what Certrail counts of it stands in its own budget. */
export function createOrderCounter(
  limit: OrderLimit | null,
  now: () => Instant,
  spend: SpendOrder,
): OrderCounter {
  let bucket: OrderBucket | null = null
  let limitedUntil: Instant | null = null
  const limited = (seconds: number) => (limitedUntil = plus(now(), seconds * SECOND))
  return {
    limited,
    async count(isCounted) {
      if (limit === null) return
      if (!isCounted) await spend(ORDERED_BY, limit)
      const own = { ...limit, orders: 2 * limit.orders }
      bucket ??= fullBucket(own, now())
      const { tokens } = filled(bucket, own, now())
      if (tokens < 1) {
        const seconds = Math.ceil(((1 - tokens) * own.periodMs) / own.orders / SECOND)
        limited(seconds)
        throw new Problem('authority-unavailable', { retryAfterSeconds: seconds })
      }
      bucket = afterOrder(bucket, own, now())
    },
    allowance: () => (limit === null ? null : { account: ORDERED_BY, limit, limitedUntil }),
  }
}

type Window = Pick<RenewalInformation, 'start' | 'end'>

/**
 * When it would like each certificate to be replaced: at two thirds of its life, until it says something else: sooner, because it is about to revoke, or later.
 * `impatient`: it wants each new one replaced at once, by mistake.
 */
export function createRenewalWindows(draws: Draws, now: () => Instant, impatient: readonly Trouble[]) {
  const windows = new Map<string, Window>()
  const around = (at: number, length: number): Window => ({
    start: instant(Math.floor(at)),
    end: instant(Math.floor(at + length)),
  })
  return (certificatePem: string): RenewalInformation => {
    const { serial, notBefore, notAfter } = readPaper(certificatePem)
    const life = notAfter - notBefore
    const stands = windows.get(serial) ?? around(notBefore + 0.62 * life, life / 10)
    const word = isIn(impatient, now()) ? 0 : draws.below(32)
    const window =
      word === 0
        ? around(now() - HOUR, 2 * HOUR)
        : word === 1
          ? around(stands.start + (draws.share() * life) / 12, life / 12)
          : stands
    windows.set(serial, window)
    const asks = draws.chance(0.2) ? null : plus(now(), HOUR * (1 + draws.below(life < 10 * DAY ? 12 : 24)))
    return {
      ...window,
      explanationUrl: word === 0 ? 'https://ca.example/incident' : null,
      askAgainAt: asks,
    }
  }
}
