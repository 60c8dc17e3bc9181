import type { Change } from '../../../src/domain/change/change.ts'
import { isOpen } from '../../../src/domain/change/vocabulary.ts'
import type { EnrollmentId } from '../../../src/domain/identifiers.ts'
import { RENEWAL_ENGINE } from '../../../src/domain/renewal/renewal-start.ts'
import { type Instant, toWireTime } from '../../../src/domain/time.ts'
import type { EdgeGeneration } from '../../../src/ports/edge.ts'
import { openChange } from './memory/tables.ts'
import { readPaper } from './papers.ts'
import { pausesOf } from './pausing.ts'
import { lastSafeOf } from './live-papers.ts'
import { latestBegin } from './rules-of-time.ts'
import { hadTime } from './troubles.ts'
import { Violation } from './violation.ts'
import type { World } from './world.ts'

/** Its names are being taken away. */
export const isRemoved = (open: Change | undefined): boolean =>
  open?.action === 'removal' && open.status !== 'wait-deployment-schedule'

/** Production shows nothing that has expired. */
export function requireUnexpired(
  world: World,
  id: EnrollmentId,
  generation: EdgeGeneration,
  now: Instant,
): void {
  const expires = Math.min(
    ...generation.certificates.map(({ certificatePem }) => readPaper(certificatePem).notAfter),
  ) as Instant
  if (expires > now || isExcused(world, id, generation, expires)) return
  const open = openChange(world.store.tables, id)
  const where =
    open === undefined
      ? 'no change is open'
      : `${open.action} ${open.status} ${open.state} (${open.error?.description ?? ''})`
  throw new Violation(`production shows what expired at ${toWireTime(expires)}; ${where}`)
}

/**
 * Nobody but the outside, or a person who said no at the very end, can be why something expires: from the moment at which nothing more was left to people, or to a
 * date of theirs, the outside did not work for long enough.
 */
function isExcused(world: World, id: EnrollmentId, generation: EdgeGeneration, expires: Instant): boolean {
  const { store, hands, troubles } = world
  const open = openChange(store.tables, id)
  // A certificate that nobody brings or reads.
  if (open?.settings.validationType === 'third-party' && /upload|review/.test(open.status)) return true
  if (open !== undefined && isRemoved(open)) return true
  const date = open?.notBefore ?? 0
  const begins = [
    leftToItself(world, id, generation, expires),
    hands.get(id) ?? 0,
    // A date behind the expiry is passed over.
    date < expires ? date : 0,
  ]
  return !hadTime([...troubles, ...pausesOf(world, id)], Math.max(...begins) as Instant, expires)
}

/**
 * What nobody looks at, and no window binds, had all the time since its renewal began, or since a change that somebody asked for had ended; everything else goes
 * at the last safe moment at the latest.
 */
function leftToItself(world: World, id: EnrollmentId, generation: EdgeGeneration, expires: Instant): Instant {
  const papers = generation.certificates.map(({ certificatePem }) => readPaper(certificatePem))
  const lastSafe = Math.max(...papers.filter((one) => one.notAfter === expires).map(lastSafeOf)) as Instant
  const latest = latestBegin(world, id)
  if (latest === null || isLookedAt(world, id)) return lastSafe
  const asked = [...world.store.tables.changes.at('enrollment', id)].filter(
    ({ createdBy }) => createdBy !== RENEWAL_ENGINE,
  )
  if (asked.some(isOpen)) return lastSafe
  return earlier(
    lastSafe,
    Math.max(latest, ...world.windowsSet, ...asked.map(({ updatedAt }) => updatedAt)) as Instant,
  )
}

/** On staging, or because somebody wants to read what was found, or has to say that challenges were placed. */
function isLookedAt({ store, deps }: World, id: EnrollmentId): boolean {
  const settings = store.tables.enrollments.get(id)?.settled
  const open = openChange(store.tables, id)
  const events = open === undefined ? [] : [...store.tables.events.at('change', open.id)]
  return (
    settings?.changeManagement === true ||
    !deps.validationPolicy.triggers.includes('dwell') ||
    settings?.validationType === 'third-party' ||
    events.some(({ status }) => status.startsWith('wait-review'))
  )
}

const earlier = (one: Instant, other: Instant): Instant => (one < other ? one : other)
