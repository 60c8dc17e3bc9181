import { acknowledgementDeadline } from '../change/acknowledgement-deadline.ts'
import type { ValidationType } from '../enrollment/enrollment.ts'
import type { EnrollmentId } from '../identifiers.ts'
import { type LeadDays, plannedRenewal, shareOf, type Validity } from '../renewal/renewal-start.ts'
import type { RenewalWindow } from '../renewal/renewal-window.ts'
import { DAY, type Instant, instant, later, plus, toWireTime } from '../time.ts'
import { firstOpening, isUnrestricted, lastOpening, type Maintenance } from './maintenance.ts'

/** What the moments of a renewal follow from. */
export interface RenewalFacts {
  readonly id: EnrollmentId
  readonly validationType: ValidationType
  readonly changeManagement: boolean
  /** Of what production serves, the first to expire. */
  readonly live: Validity
  readonly leadDays: LeadDays
  readonly maintenance: Maintenance
  /** RFC 9773 section 4.2: when the CA would like it; null: it does not say. */
  readonly information: RenewalWindow | null
  readonly now: Instant
}

export interface Moment {
  readonly at: Instant
  /** A sentence. */
  readonly reason: string
}

/**
 * `no-window-in-time`: the windows and freezes of the account leave no moment, so it goes to production in spite of them. `change-in-the-way`: an open change
 * waits while what is live has to be renewed. `no-order-in-time`: the CA account takes the order at the last safe moment, or after it. `held-back`: a person paused deployments. `validation-lost`: a name cannot be proven as it was. Told as soon as it is known.
 */
export const CONFLICT_CODES = [
  'no-window-in-time',
  'change-in-the-way',
  'no-order-in-time',
  'held-back',
  'validation-lost',
] as const
export interface Conflict {
  readonly code: (typeof CONFLICT_CODES)[number]
  readonly text: string
  /** Until then somebody can still keep it from happening. */
  readonly until: Instant
}

export interface RenewalMoments {
  readonly begin: Moment
  /** Without anybody's doing: for what waits for an acknowledgement, the push without it. */
  readonly production: Moment
  /** Beyond it nothing is left to chance: what is live expires soon after. */
  readonly lastSafe: Instant
  readonly conflict: Conflict | null
}

/** How long before an early window a renewal begins that people look at on staging. */
const LOOK_BEFORE_MS = DAY

/** When a renewal begins and reaches production, with the reasons. Pure; the engine, the API and the reports all ask here. */
export function renewalMoments(facts: RenewalFacts): RenewalMoments {
  const wanted = wantedStart(facts)
  const lastSafe = lastSafeMoment(facts)
  const { maintenance, now } = facts
  const from = later(wanted.at, now)
  const usual = facts.changeManagement
    ? lastOpening(maintenance, from, lastSafe)
    : firstOpening(maintenance, from, lastSafe)
  if (usual !== null) {
    const production = { at: usual, reason: usualReason(facts, usual, wanted.at) }
    return { begin: beginFor(facts, wanted, production), production, lastSafe, conflict: null }
  }
  const early = lastOpening(maintenance, later(now, soonestEarly(facts)), earlier(from, lastSafe))
  if (early !== null) {
    const reason =
      'No window of the account opens between the usual start and the last safe moment, so the last one before is taken.'
    const production = { at: early, reason }
    return { begin: beginFor(facts, wanted, production), production, lastSafe, conflict: null }
  }
  const production = {
    at: later(now, lastSafe),
    reason: 'The last safe moment: what is live would expire soon after.',
  }
  const conflict = isUnrestricted(maintenance) ? null : conflictOf(facts, lastSafe)
  return { begin: beginFor(facts, wanted, production), production, lastSafe, conflict }
}

/**
 * By the first of what is live to expire; where the CA ends its window before, by that. Not for what people look at on staging: a CA's wish alone pushes nothing that
 * nobody acknowledged.
 */
function lastSafeMoment({ live, information, changeManagement }: RenewalFacts): Instant {
  const deadline = acknowledgementDeadline([live]) ?? live.notAfter
  return information === null || changeManagement ? deadline : earlier(deadline, information.end)
}

/**
 * Of its life. In the very window that a certificate came in it would be renewed again and again until the window closes, where the next one opens too late for a
 * certificate that is only a few days old then: that gains nothing, and costs the CA an order each time.
 */
const EARLY_SHARE = 1 / 10

const soonestEarly = ({ live: { notBefore, notAfter } }: RenewalFacts): Instant =>
  plus(notBefore, Math.ceil((notAfter - notBefore) * EARLY_SHARE))

function wantedStart({ id, validationType, live, leadDays, information }: RenewalFacts): Moment {
  if (information !== null) {
    const { start, end, explanationUrl } = information
    const why = explanationUrl === null ? '' : ` It explains that at ${explanationUrl}.`
    const reason = `The certificate authority would like it between ${toWireTime(start)} and ${toWireTime(end)} (RFC 9773); the moment between is this enrollment's own.${why}`
    return { at: instant(start + (end - start) * shareOf(id)), reason }
  }
  const at = plannedRenewal(id, validationType, live, leadDays)
  const days = (milliseconds: number) => `${Math.round((milliseconds / DAY) * 10) / 10} days`
  const reason = `${days(live.notAfter - at)} before what is live expires, of its ${days(live.notAfter - live.notBefore)}: a third, or half below ten days, at most ${leadDays[validationType]} days; less a share of half a day that is this enrollment's own.`
  return { at, reason }
}

/** What nobody looks at begins when production may be touched; what people look at, or bring a certificate for, begins at its usual time. */
function beginFor(facts: RenewalFacts, wanted: Moment, production: Moment): Moment {
  const { changeManagement, validationType, now } = facts
  if (production.at < wanted.at) {
    const needsPeople = changeManagement || validationType === 'third-party'
    const shown = later(soonestEarly(facts), plus(production.at, -LOOK_BEFORE_MS))
    const at = later(now, needsPeople && shown < production.at ? shown : production.at)
    return { at, reason: production.reason }
  }
  if (changeManagement || validationType === 'third-party' || production.at === wanted.at)
    return { at: later(now, wanted.at), reason: wanted.reason }
  return { at: production.at, reason: production.reason }
}

function usualReason(
  { changeManagement, maintenance, now }: RenewalFacts,
  at: Instant,
  wanted: Instant,
): string {
  if (changeManagement) {
    return isUnrestricted(maintenance)
      ? 'Nobody acknowledged it until then: the last safe moment before what is live expires.'
      : 'Nobody acknowledged it until then: the last window of the account before what is live would expire.'
  }
  return at === wanted || at === now
    ? 'As soon as it has been on staging.'
    : 'The first window of the account after the usual start.'
}

function conflictOf({ maintenance, now }: RenewalFacts, lastSafe: Instant): Conflict {
  const next = firstOpening(maintenance, now, plus(now, 400 * DAY))
  const opens =
    next === null ? 'no window opens within 400 days' : `the next window opens at ${toWireTime(next)}`
  return {
    code: 'no-window-in-time',
    until: lastSafe,
    text: `The renewal has to be in production by ${toWireTime(lastSafe)}, but ${opens}. It goes at the last safe moment in spite of windows and freezes: open a window before, end the freeze, or renew by hand.`,
  }
}
const earlier = (one: Instant, other: Instant): Instant => (one < other ? one : other)
