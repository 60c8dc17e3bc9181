import { type Change, effectiveSchedule } from '../domain/change/change.ts'
import { STATUSES } from '../domain/change/statuses.ts'
import { validityDays } from '../domain/certificate/validity.ts'
import type { Enrollment } from '../domain/enrollment/enrollment.ts'
import type { EnrollmentId } from '../domain/identifiers.ts'
import { type Conflict, renewalMoments, type RenewalMoments } from '../domain/plan/renewal-moments.ts'
import type { Instant } from '../domain/time.ts'
import type { Repositories } from '../ports/store.ts'
import type { Dependencies } from './dependencies.ts'
import { liveCertificates } from './live-certificates.ts'
import { requireEnrollment } from './read-enrollments.ts'
import type { Caller, PlanStep, PlanView } from './views.ts'

/** Own API: what will happen to the enrollment by itself, when and why; and what stands in the way of it. */
export async function planOf(deps: Dependencies, caller: Caller, id: EnrollmentId): Promise<PlanView> {
  const enrollment = await requireEnrollment(deps.store, caller, id)
  const { read } = deps.store
  const [[open], plan, moments] = await Promise.all([
    read.changes.openOf([id]),
    read.renewals.planOf(id),
    momentsOf(deps, read, enrollment),
  ])
  const steps = [
    ...(open === undefined ? [] : changeSteps(open)),
    ...(moments === null ? [] : renewalSteps(deps, enrollment, moments, plan.at)),
  ]
  return {
    enrollmentId: id,
    now: deps.clocks.lifecycle.now(),
    keepKey: plan.keepKey,
    lastSafe: moments?.lastSafe ?? null,
    steps: steps.toSorted((one, other) => one.at - other.at),
    conflicts: moments?.conflict ? [moments.conflict] : [],
  }
}

interface LiveMoments extends RenewalMoments {
  readonly expires: Instant
}

/** Null: nothing is live, so nothing is renewed. */
export async function momentsOf(
  { clocks, renewalLeadDays }: Pick<Dependencies, 'clocks' | 'renewalLeadDays'>,
  read: Repositories,
  { id, accountId, settings: { validationType, changeManagement } }: Enrollment,
): Promise<LiveMoments | null> {
  const [maintenance, certificates] = await Promise.all([
    read.maintenances.of(accountId),
    liveCertificates(read, id),
  ])
  const [live] = certificates.toSorted((one, other) => one.notAfter - other.notAfter)
  if (live === undefined) return null
  const moments = renewalMoments({
    id,
    validationType,
    changeManagement,
    live,
    leadDays: renewalLeadDays,
    maintenance,
    information: null,
    now: clocks.lifecycle.now(),
  })
  return { ...moments, expires: live.notAfter }
}

/** `at` null: the renewal has begun, and is among the changes. */
function renewalSteps(
  deps: Dependencies,
  { settings }: Enrollment,
  { begin, production, expires }: LiveMoments,
  at: Instant | null,
): readonly PlanStep[] {
  const expiry = { at: expires, what: 'expiry' as const, reason: 'What production serves now ends.' }
  if (at === null) return [expiry]
  const begins = { what: 'begin-renewal' as const, at: at > begin.at ? at : begin.at }
  const reason =
    at > begin.at
      ? 'Its usual moment has passed; it waits for another change, or was cancelled a moment ago.'
      : begin.reason
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

function changeSteps(change: Change): readonly PlanStep[] {
  const { nextAt, status, state, error, progress } = change
  if (nextAt === null) return []
  const at = nextAt
  if (state === 'error') {
    const reason = `The step failed (${error?.description ?? 'unknown'}) and is tried again by itself.`
    return [{ at, what: 'try-again', reason }]
  }
  if (status === 'wait-ack-change-management') {
    const reason = 'Nobody acknowledged it until then; what is live would expire soon after.'
    return [{ at, what: 'push-without-acknowledgement', reason }]
  }
  if (status === 'wait-deployment-schedule') {
    const reason =
      progress.heldUntil === undefined
        ? 'The deployment schedule of the change.'
        : 'The first maintenance window of the account, or the last safe moment.'
    return [{ at: effectiveSchedule(change).notBefore ?? at, what: 'deploy-to-production', reason }]
  }
  return [{ at, what: 'go-on', reason: STATUSES[status].description }]
}

/** Every enrollment of the account whose renewal finds no window in time. */
export async function renewalConflicts(
  deps: Dependencies,
  caller: Caller,
): Promise<readonly (Conflict & { readonly enrollmentId: EnrollmentId })[]> {
  const { read } = deps.store
  const planned = new Set(await read.renewals.plannedOf(caller.accountId))
  const found: (Conflict & { readonly enrollmentId: EnrollmentId })[] = []
  for (const enrollment of await read.enrollments.list(caller.accountId, null)) {
    if (!planned.has(enrollment.id)) continue
    const moments = await momentsOf(deps, read, enrollment)
    if (moments?.conflict) found.push({ ...moments.conflict, enrollmentId: enrollment.id })
  }
  return found
}
