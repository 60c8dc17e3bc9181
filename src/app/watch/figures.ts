import { SECOND, type Instant } from '../../domain/time.ts'
import type { AuthorityStanding } from '../../ports/certificate-authority.ts'
import type { ClockCheck } from '../../ports/clock-guard.ts'
import type { NameFault } from '../../domain/validation/name-standing.ts'
import type { DeliveryFigure, ServedFigure } from '../../ports/watch.ts'
import type { Dependencies } from '../dependencies.ts'

/** What alerts are written about (docs/metrics.md). Seconds, 0 where nothing is behind. */
export interface WatchFigures {
  readonly served: readonly (ServedFigure & {
    /** Of the whole lifetime, by the lifecycle clock; 0: expired. */
    readonly lifeLeft: number
  })[]
  /** Live, and not yet looked at since it was proven. */
  readonly neverLooked: number
  /** Real seconds since the longest-ago look at the others. */
  readonly oldestLookSeconds: number
  readonly oldestDueSeconds: number
  readonly renewalOverdueSeconds: { readonly free: number; readonly held: number }
  readonly deliveries: readonly DeliveryFigure[]
  /** Names that could not be proven again as they stand. */
  readonly lostNames: readonly { readonly reason: NameFault['reason']; readonly count: number }[]
  readonly authorities: readonly AuthorityStanding[]
  /** Live: of each process against the database, and whether it stops issuance. */
  readonly clockChecks: readonly ClockCheck[]
  /** The lifecycle clock ahead of the real one. */
  readonly clockOffsetSeconds: number
}

export async function watchFigures({
  store,
  clocks,
  authorityFor,
  clockGuard,
}: Pick<Dependencies, 'store' | 'clocks' | 'authorityFor' | 'clockGuard'>): Promise<WatchFigures> {
  const { watch, nameStandings } = store.read
  const now = clocks.lifecycle.now()
  const real = clocks.real.now()
  const [served, behind, deliveries, lostNames, authorities, clockChecks] = await Promise.all([
    watch.served(),
    watch.behind(now),
    watch.deliveries(),
    nameStandings.lostCounts(),
    authorityFor('dv').standings?.() ?? [],
    clockGuard.checks(),
  ])
  const since = (at: Instant | null, until: Instant = now) =>
    at === null ? 0 : Math.max(0, until - at) / SECOND
  const looks = served.flatMap(({ realLookedAt }) => (realLookedAt === null ? [] : [realLookedAt]))
  return {
    served: served.map((one) => ({ ...one, lifeLeft: lifeLeft(one, now) })),
    neverLooked: served.length - looks.length,
    oldestLookSeconds: looks.length === 0 ? 0 : since(Math.min(...looks) as Instant, real),
    oldestDueSeconds: since(behind.changeDueSince),
    renewalOverdueSeconds: {
      free: since(behind.renewalDueSince),
      held: since(behind.heldRenewalDueSince),
    },
    deliveries,
    lostNames,
    authorities,
    clockChecks,
    clockOffsetSeconds: (now - real) / SECOND,
  }
}

const lifeLeft = ({ notBefore, notAfter }: ServedFigure, now: Instant): number =>
  Math.max(0, (notAfter - now) / (notAfter - notBefore))
