import type { EnrollmentId } from '../../../src/domain/identifiers.ts'
import type { Network } from '../../../src/domain/network.ts'
import type { Instant } from '../../../src/domain/time.ts'
import type { Trouble } from './troubles.ts'
import type { LivedPause, World } from './world.ts'

/** A chance for each day. */
const PAUSES = 1 / 60
const RESUMES = 1 / 3

/** Somebody keeps an enrollment, or the whole account, from one network or both, and somebody ends it some days later. */
export async function pauseAndResume(world: World, ids: readonly EnrollmentId[]): Promise<void> {
  const { draws, useCases, caller, now, pauses } = world
  for (const pause of pauses.filter(({ until }) => until === null)) {
    if (!draws.chance(RESUMES)) continue
    if (!isGone(world, pause)) await useCases.resumeDeployments(caller, pause)
    pause.until = now()
  }
  if (!draws.chance(PAUSES)) return
  const wish = {
    of: draws.pick<EnrollmentId | 'account'>([...ids, 'account']),
    network: draws.pick<Network | null>(['staging', 'production', null]),
  }
  await useCases.pauseDeployments(caller, { ...wish, reason: 'simulated' })
  const isKnown = pauses.some(
    (one) => one.until === null && one.of === wish.of && one.network === wish.network,
  )
  if (!isKnown) pauses.push({ ...wish, from: now(), until: null })
}

/** With the enrollment its pauses have ended. */
const isGone = ({ store }: World, { of }: LivedPause): boolean =>
  of !== 'account' && (store.tables.enrollments.get(of)?.removedAt ?? null) !== null

const concerns = ({ of }: LivedPause, id: EnrollmentId): boolean => of === 'account' || of === id

/** While they lasted nothing new could be where it has to be, since production comes after staging. */
export const pausesOf = ({ pauses }: World, id: EnrollmentId): readonly Trouble[] =>
  pauses
    .filter((one) => concerns(one, id))
    .map(({ from, until }) => ({ from, until: until ?? (Number.POSITIVE_INFINITY as Instant) }))

/** Since when the enrollment is kept from the network; null: it is not. */
export function pausedSince({ pauses }: World, id: EnrollmentId, network: Network): Instant | null {
  const inForce = pauses.filter(
    (one) => one.until === null && concerns(one, id) && (one.network ?? network) === network,
  )
  return inForce.length === 0 ? null : (Math.min(...inForce.map(({ from }) => from)) as Instant)
}
