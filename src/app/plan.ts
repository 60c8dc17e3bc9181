import { firstToExpire } from '../domain/certificate/first-to-expire.ts'
import type { Change } from '../domain/change/change.ts'
import { validityDays } from '../domain/certificate/validity.ts'
import type { Enrollment } from '../domain/enrollment/enrollment.ts'
import type { EnrollmentId } from '../domain/identifiers.ts'
import { conflictsOf, type PlanFacts } from '../domain/plan/conflicts.ts'
import type { Hold } from '../domain/plan/hold.ts'
import { renewalAfter, stepsOfChange } from '../domain/plan/open-change.ts'
import { type HeldRenewal, heldReason } from '../domain/plan/held-renewal.ts'
import { type Moment, renewalMoments, type RenewalMoments } from '../domain/plan/renewal-moments.ts'
import type { Instant } from '../domain/time.ts'
import type { KnownName } from '../domain/validation/name-standing.ts'
import { RENEWAL_ENGINE } from '../domain/renewal/renewal-start.ts'
import { heededWindow } from '../domain/renewal/renewal-window.ts'
import type { CertificateRecord } from '../ports/certificates.ts'
import type { RenewalPlan } from '../ports/renewals.ts'
import type { Repositories } from '../ports/store.ts'
import type { Dependencies } from './dependencies.ts'
import { allHoldsOf } from './holds.ts'
import { liveCertificates } from './live-certificates.ts'
import { accountName } from './release.ts'
import { requireEnrollment } from './read-enrollments.ts'
import type { Caller, PlanStep, PlanView } from './views.ts'

/** Own API: what will happen to the enrollment by itself, when and why; and what stands in the way of it. */
export async function planOf(deps: Dependencies, caller: Caller, id: EnrollmentId): Promise<PlanView> {
  const enrollment = await requireEnrollment(deps.store, caller, id)
  const { read } = deps.store
  const [[open], plan, moments, holds, names] = await Promise.all([
    read.changes.openOf([id]),
    read.renewals.planOf(id),
    momentsOf(deps, read, enrollment),
    allHoldsOf(read, { accountId: enrollment.accountId, enrollmentId: id }, deps.clocks.lifecycle.now()),
    read.nameStandings.of(id),
  ])
  const steps = [
    ...(open === undefined ? [] : stepsOfChange(open)),
    ...(moments === null ? [] : renewalSteps(deps, enrollment, behind(open, moments), plan)),
  ]
  return {
    enrollmentId: id,
    now: deps.clocks.lifecycle.now(),
    keepKey: plan.keepKey,
    lastSafe: moments?.lastSafe ?? null,
    steps: steps.toSorted((one, other) => one.at - other.at),
    holds: holds.map(({ kind, text }) => ({ kind, text })),
    conflicts: moments === null ? [] : conflictsOf(planFacts(deps, { open, plan, moments, holds, names })),
  }
}

/** A renewal begins when the open change has ended, which is known where that ends by the clock; what brings a certificate itself leaves nothing to renew yet. */
function behind(open: Change | undefined, moments: LiveMoments): LiveMoments {
  if (open === undefined) return moments
  const begin = renewalAfter(open, moments.begin)
  return begin === null
    ? { ...moments, isReplaced: true }
    : { ...moments, begin, production: later(begin, moments.production) }
}

const later = (one: Moment, other: Moment): Moment => (one.at > other.at ? one : other)

/** What conflicts follow from. */
export const planFacts = (
  { clocks }: Pick<Dependencies, 'clocks'>,
  {
    open,
    plan,
    moments,
    holds,
    names,
  }: {
    readonly open: Change | undefined
    readonly plan: RenewalPlan
    readonly moments: LiveMoments
    readonly holds: readonly Hold[]
    readonly names: readonly KnownName[]
  },
): PlanFacts => ({
  open,
  moments,
  planned: plan.at,
  held: heldOf(plan),
  holds,
  names,
  now: clocks.lifecycle.now(),
})

const heldOf = ({ at, held }: RenewalPlan): HeldRenewal | null =>
  at === null || held === null ? null : { account: accountName(held.account), since: held.since, at }

interface LiveMoments extends RenewalMoments {
  readonly expires: Instant
  /** The open change brings another certificate. */
  readonly isReplaced?: boolean
}

/** Null: nothing is live, so nothing is renewed. */
export async function momentsOf(
  { clocks, renewalLeadDays }: Pick<Dependencies, 'clocks' | 'renewalLeadDays'>,
  read: Repositories,
  { id, accountId, settings: { validationType, changeManagement } }: Enrollment,
): Promise<LiveMoments | null> {
  const [maintenance, certificates, information] = await Promise.all([
    read.maintenances.of(accountId),
    liveCertificates(read, id),
    read.renewals.informationOf(id),
  ])
  const live = firstToExpire(certificates)
  if (live === undefined) return null
  const moments = renewalMoments({
    id,
    validationType,
    changeManagement,
    live,
    leadDays: renewalLeadDays,
    maintenance,
    information: information === null ? null : heededWindow(information, await renewedAt(read, live)),
    now: clocks.lifecycle.now(),
  })
  return { ...moments, expires: live.notAfter }
}

/** When the engine made what is live; null: it did not. */
async function renewedAt(read: Repositories, live: CertificateRecord): Promise<Instant | null> {
  const change = await read.changes.load(live.changeId)
  return change?.createdBy === RENEWAL_ENGINE ? live.createdAt : null
}

/** `at` null: the renewal has begun, and is among the changes. */
function renewalSteps(
  deps: Dependencies,
  { settings }: Enrollment,
  { begin, production, expires, isReplaced = false }: LiveMoments,
  plan: RenewalPlan,
): readonly PlanStep[] {
  const { at } = plan
  const expiry = { at: expires, what: 'expiry' as const, reason: 'What production serves now ends.' }
  if (at === null || isReplaced) return [expiry]
  const begins = { what: 'begin-renewal' as const, at: at > begin.at ? at : begin.at }
  const held = heldOf(plan)
  const late = 'Its usual moment has passed; it waits for another change, or was cancelled a moment ago.'
  const reason = held !== null ? heldReason(held) : at > begin.at ? late : begin.reason
  const steps = [{ ...begins, reason: reason + nextLifetime(deps, settings, begins.at) }, expiry]
  if (settings.validationType === 'third-party') {
    const brings =
      'A signing request waits for your certificate from then on; it has to be in production by then.'
    return [...steps, { at: production.at, what: 'upload-needed', reason: brings }]
  }
  const what = settings.changeManagement ? 'push-without-acknowledgement' : 'deploy-to-production'
  const goes = production.at < begins.at ? begins.at : production.at
  return [...steps, { at: goes, what, reason: production.reason }]
}

/** In the sandbox it is known how long the next certificate will live. */
function nextLifetime(
  { mode, sandboxProfile }: Dependencies,
  settings: Enrollment['settings'],
  at: Instant,
): string {
  const { validationType } = settings
  if (mode !== 'sandbox' || validationType === 'third-party') return ''
  const days = Math.round(validityDays(validationType, at, sandboxProfile) * 10) / 10
  return ` The next certificate will live about ${days} days (docs/policy.md).`
}
