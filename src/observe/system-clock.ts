import { type Instant, instant } from '../domain/time.ts'
import type { Clock } from '../ports/clock.ts'

/** The machine's clock: the only place where it is read. Stands still while the machine's goes backwards (NTP, a resumed laptop). */
export function systemClock(read: () => number = () => Date.now()): Clock {
  let latest = instant(Number.NEGATIVE_INFINITY)
  return {
    now(): Instant {
      latest = instant(Math.max(latest, read()))
      return latest
    },
  }
}
