import type { Change, ValidationTrigger } from '../../domain/change/change.ts'
import { answersAt } from '../../domain/change/own-answer.ts'
import { recheckDelay } from '../../domain/change/recheck.ts'
import { type Instant, plus } from '../../domain/time.ts'
import type { Authorization, ChallengeType } from '../../ports/certificate-authority.ts'
import type { NameValidationRecord, StoredChallenge } from '../../ports/validations.ts'
import { authorityOf } from '../orders.ts'
import { caaRefusal } from './caa-refusal.ts'
import { type Circumstances, type Offer, offerOf } from './offer-challenge.ts'
import type { Effect, EffectContext, EffectOutcome } from './outcome.ts'

const NAMES_AT_ONCE = 8

/** Looks at the names that are still open and asks the CA to look at those that may be offered to it (`offer-challenge.ts`). */
export const checkValidation: Effect = async (context) => {
  const { deps, locked, change } = context
  const { publishes } = deps.validationPolicy
  const now = deps.clocks.lifecycle.now()
  const trigger = triggerOf(change, context, now)
  const answersItself = trigger !== null && publishes === 'on-trigger'
  if (answersItself || publishes === 'at-once') await locked.read.validations.setPublished(change.id, true)
  const records = await locked.read.validations.currentOf(change.id)
  const open = records.filter((record) => record.status !== 'valid')
  const around: Circumstances = {
    now,
    answersItself,
    acknowledgedAt: change.progress.acknowledgedAt ?? null,
    ...pastOf(context),
  }
  const checked = await inBatches(open, NAMES_AT_ONCE, (record) => checkName(context, record, around))
  const valid = records.filter((record) => record.status === 'valid')
  return outcome(context, valid, checked, { now, trigger, answersItself })
}

function triggerOf(change: Change, { deps }: EffectContext, now: Instant): ValidationTrigger | null {
  const { triggers } = deps.validationPolicy
  if (change.progress.trigger !== null && triggers.includes(change.progress.trigger))
    return change.progress.trigger
  const own = answersAt(change, deps.validationPolicy)
  return own !== null && own <= now ? 'dwell' : null
}

/** Read when the first name asks for it. */
function pastOf({ locked, change }: EffectContext): Pick<Circumstances, 'provenByHttp' | 'refusalsOf'> {
  let reading: Promise<readonly NameValidationRecord[]> | null = null
  const read = () => (reading ??= locked.read.histories.validationsOf(change.enrollmentId))
  return {
    async provenByHttp() {
      const byHttp = (await read()).filter(({ challenges }) =>
        challenges.some(({ type, status }) => type === 'http-01' && status === 'valid'),
      )
      return new Set(byHttp.map(({ domain }) => domain))
    },
    async refusalsOf(domain) {
      const isRefusal = (one: NameValidationRecord): boolean =>
        one.changeId === change.id && one.domain === domain && one.status === 'invalid'
      return (await read()).filter(isRefusal).length
    },
  }
}

interface Checked {
  readonly record: NameValidationRecord
  /** Waits without having been offered; then at the latest it is looked at again. */
  readonly waits: boolean
  readonly again: Instant | null
}

function outcome(
  { change, deps }: EffectContext,
  valid: readonly NameValidationRecord[],
  checked: readonly Checked[],
  {
    now,
    trigger,
    answersItself,
  }: { now: Instant; trigger: ValidationTrigger | null; answersItself: boolean },
): EffectOutcome {
  const open = checked.map(({ record }) => record)
  const all = [...valid, ...open]
  const isDone = all.every((record) => record.status === 'valid')
  const keeps = { validations: open, unpublishes: isDone }
  if (isDone) return { kind: 'event', event: 'names-validated', keeps }
  const lost = open.flatMap(({ domain, error, status }) =>
    status === 'invalid' || status === 'expired' ? [{ domain, error, status }] : [],
  )
  for (const { domain, error, status } of lost) {
    const { id: changeId, enrollmentId } = change
    deps.observer.authorizationLost({ changeId, enrollmentId, domain, status, error })
  }
  if (lost.length > 0)
    return { kind: 'event', event: 'names-invalidated', keeps, progress: { trigger: null, rechecks: 0 } }
  // Right after an acknowledgement looks come close together again.
  const rechecks = trigger === 'acknowledgement' && !answersItself ? 1 : change.progress.rechecks + 1
  const waits = answersItself && checked.some((one) => one.waits)
  const progress = { trigger: waits ? trigger : null, rechecks }
  const nextAt = nextLook(checked, { now, waits, rechecks })
  return { kind: 'event', event: 'names-not-yet-validated', keeps, progress, ...nextAt }
}

/** Where somebody vouched for a value, or a trigger that came is still to be carried out, looks go on in their rhythm until patience ends, under any policy. */
function nextLook(
  checked: readonly Checked[],
  { now, waits, rechecks }: { now: Instant; waits: boolean; rechecks: number },
): { nextAt?: Instant } {
  const rhythm = plus(now, recheckDelay(rechecks))
  const ends = checked.flatMap(({ again }) => (again === null || again <= now ? [] : [again]))
  return waits || ends.length > 0 ? { nextAt: earliest([rhythm, ...ends]) } : {}
}

const earliest = (moments: readonly Instant[]): Instant => Math.min(...moments) as Instant

async function checkName(
  context: EffectContext,
  record: NameValidationRecord,
  around: Circumstances,
): Promise<Checked> {
  // An authorization that ended by age is as lost as one that the CA refused: only a new order brings a new token.
  if (record.expiresAt !== null && record.expiresAt <= around.now)
    return settled({ ...record, status: 'expired', error: 'Expired authorization' })
  const offer: Offer = await offerOf(context, record, around)
  if (offer.kind === 'wait') return { record: offer.record, waits: true, again: offer.again }
  const refusal = around.answersItself ? null : await caaRefusal(context, offer.record, offer.challenge.type)
  if (refusal !== null && (refusal.until === null || refusal.until > around.now)) {
    const waiting = { ...offer.record, status: 'failed-look', error: refusal.error } as const
    return { record: waiting, waits: true, again: refusal.until }
  }
  return settled(await askAuthority(context, offer.record, offer.challenge.type))
}

const settled = (record: NameValidationRecord): Checked => ({ record, waits: false, again: null })

async function askAuthority(
  { deps, change, signal }: EffectContext,
  record: NameValidationRecord,
  type: ChallengeType,
) {
  const authorization = await authorityOf(deps, change).respond(change.id, record.domain, type, signal)
  return judged(record, authorization, deps.clocks.lifecycle.now())
}

function judged(
  record: NameValidationRecord,
  authorization: Authorization,
  now: Instant,
): NameValidationRecord {
  const verdicts = new Map(authorization.challenges.map((challenge) => [challenge.type, challenge]))
  const challenges = record.challenges.map((challenge): StoredChallenge => {
    const verdict = verdicts.get(challenge.type)
    if (verdict === undefined) return challenge
    return {
      ...challenge,
      status: verdict.status === 'processing' ? 'pending' : verdict.status,
      error: verdict.error,
    }
  })
  const error = challenges.find((challenge) => challenge.status === 'invalid')?.error ?? null
  if (authorization.status === 'valid')
    return { ...record, challenges, status: 'valid', error: null, validatedAt: now }
  if (authorization.status === 'pending') return { ...record, challenges, status: 'awaiting', error }
  return { ...record, challenges, status: authorization.status === 'expired' ? 'expired' : 'invalid', error }
}

async function inBatches<T, R>(
  items: readonly T[],
  size: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = []
  for (let start = 0; start < items.length; start += size) {
    results.push(...(await Promise.all(items.slice(start, start + size).map(work))))
  }
  return results
}
