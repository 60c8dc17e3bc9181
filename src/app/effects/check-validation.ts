import type { Change, ValidationTrigger } from '../../domain/change/change.ts'
import { type Instant, plus } from '../../domain/time.ts'
import { Problem } from '../../errors/problem.ts'
import type { Authorization, ChallengeType } from '../../ports/certificate-authority.ts'
import type { LookResult } from '../../ports/challenge-look.ts'
import type { NameValidationRecord, StoredChallenge } from '../../ports/store.ts'
import { authorityOf } from '../orders.ts'
import type { Effect, EffectContext, EffectOutcome } from './outcome.ts'

const NAMES_AT_ONCE = 8

/**
 * Asks the CA to look at the names that may be looked at: all of them once a trigger has come and our own edges answer, else those whose value
 * our own look has found where it belongs. A challenge that nobody has seen is not offered, since a failed look of the CA is final (RFC 8555 section 7.1.6).
 */
export const checkValidation: Effect = async (context) => {
  const { deps, locked, change } = context
  const now = deps.clocks.lifecycle.now()
  const trigger = triggerOf(change, context, now)
  const answersItself = trigger !== null && deps.validationPolicy.publishes
  if (answersItself) await locked.read.validations.setPublished(change.id, true)
  const records = await locked.read.validations.currentOf(change.id)
  const open = records.filter((record) => record.status !== 'valid')
  const checked = await inBatches(open, NAMES_AT_ONCE, (record) => checkName(context, record, answersItself))
  return outcome(change, [...records.filter((record) => record.status === 'valid'), ...checked], checked)
}

function triggerOf(change: Change, { deps }: EffectContext, now: Instant): ValidationTrigger | null {
  const { triggers, dwellMs } = deps.validationPolicy
  if (change.progress.trigger !== null && triggers.includes(change.progress.trigger))
    return change.progress.trigger
  return triggers.includes('dwell') && plus(change.enteredAt, dwellMs) <= now ? 'dwell' : null
}

function outcome(
  change: Change,
  all: readonly NameValidationRecord[],
  checked: readonly NameValidationRecord[],
): EffectOutcome {
  const valid = all.every((record) => record.status === 'valid')
  const keeps = { validations: checked, unpublishes: valid }
  if (valid) return { kind: 'event', event: 'names-validated', keeps }
  const progress = { trigger: null, rechecks: change.progress.rechecks + 1 }
  const lost = all.some((record) => record.status === 'invalid' || record.status === 'expired')
  return { kind: 'event', event: lost ? 'names-invalidated' : 'names-not-yet-validated', keeps, progress }
}

async function checkName(
  context: EffectContext,
  record: NameValidationRecord,
  answersItself: boolean,
): Promise<NameValidationRecord> {
  if (answersItself) return askAuthority(context, record, preferredChallenge(record).type)
  const looked = await lookAtAll(context, record)
  const seen = looked.challenges.find((challenge) => looked.found.has(challenge.type))
  if (seen === undefined)
    return { ...record, status: 'failed-look', challenges: looked.challenges, error: looked.error }
  return askAuthority(context, { ...record, challenges: looked.challenges }, seen.type)
}

/** http-01 where there is one: it goes through our own HTTP port; a wildcard has dns-01 alone. */
function preferredChallenge(record: NameValidationRecord): StoredChallenge {
  const challenge = record.challenges.find(({ type }) => type === 'http-01') ?? record.challenges[0]
  if (challenge === undefined) {
    throw new Problem('authority-refused', {
      detail: `The certificate authority offers no challenge that Certrail knows for ${record.domain}.`,
    })
  }
  return challenge
}

async function lookAtAll({ deps, signal }: EffectContext, record: NameValidationRecord) {
  const looks = await Promise.all(
    record.challenges.map(async (challenge) => ({
      challenge,
      result: await deps.look.look({ ...challenge, identifier: record.domain }, signal),
    })),
  )
  const found = new Set(looks.filter(({ result }) => result.found).map(({ challenge }) => challenge.type))
  const challenges = looks.map(({ challenge, result }) => withLook(challenge, result))
  return { found, challenges, error: found.size > 0 ? null : (looks[0]?.result.error ?? null) }
}

const withLook = (challenge: StoredChallenge, result: LookResult): StoredChallenge => ({
  ...challenge,
  error: result.error,
  records: [...challenge.records, ...result.records].slice(-10),
})

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
