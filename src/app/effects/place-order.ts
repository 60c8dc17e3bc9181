import { requestedNames } from '../../domain/enrollment/served-names.ts'
import type { Instant } from '../../domain/time.ts'
import { Problem } from '../../errors/problem.ts'
import type { Authorization, Order } from '../../ports/certificate-authority.ts'
import type { NameValidationRecord, StoredChallenge } from '../../ports/validations.ts'
import type { Change } from '../../domain/change/change.ts'
import { authorityOf, openOrder, orderRequest } from '../orders.ts'
import type { Effect } from './outcome.ts'

/** Orders at the CA, or finds the order already placed, and keeps each token so that a person can read and place it. */
export const placeOrder: Effect = async ({ deps, locked, change }) => {
  const publishes = deps.validationPolicy.publishes === 'at-once'
  const order = await openOrder(
    authorityOf(deps, change),
    await orderRequest(locked.read, change, requestedNames(change.settings)),
  )
  if (order.status === 'invalid') {
    return {
      kind: 'event',
      event: 'authority-failed',
      failure: { code: 'authority-refused', description: order.error ?? 'The order failed.' },
    }
  }
  requireChallenges(order)
  const now = deps.clocks.lifecycle.now()
  const known = new Map(
    (await locked.read.validations.currentOf(change.id)).map((record) => [record.domain, record]),
  )
  const records = order.authorizations.map((authorization) =>
    merge(change, authorization, known.get(authorization.identifier), { now, publishes }),
  )
  const allValid = order.authorizations.every((authorization) => authorization.status === 'valid')
  return {
    kind: 'event',
    event: allValid ? 'names-validated' : 'challenges-ready',
    keeps: { validations: records },
    progress: endOf(records),
  }
}

/** RFC 8555 section 8 leaves it to the CA what it offers. It is asked again: an authorization may get its challenges later. */
function requireChallenges({ authorizations }: Order): void {
  const without = authorizations.filter((one) => one.status === 'pending' && one.challenges.length === 0)
  if (without.length === 0) return
  const names = without.map(({ identifier }) => identifier).join(', ')
  throw new Problem('authority-refused', {
    detail: `The certificate authority offers no challenge that Certrail knows for ${names}.`,
  })
}

/** Of those that still wait to be proven. */
function endOf(records: readonly NameValidationRecord[]) {
  const ends = records.flatMap(({ status, expiresAt }) =>
    status === 'valid' || expiresAt === null ? [] : [expiresAt],
  )
  return ends.length === 0 ? {} : { authorizationsEnd: Math.min(...ends) as Instant }
}

/** Other tokens than the ones shown so far are a new generation; the history keeps the old one. */
function merge(
  change: Change,
  authorization: Authorization,
  before: NameValidationRecord | undefined,
  { now, publishes }: { readonly now: Instant; readonly publishes: boolean },
): NameValidationRecord {
  const known = new Map((before?.challenges ?? []).map((challenge) => [challenge.token, challenge]))
  // Of a valid authorization the CA may list the one challenge alone that proved it (RFC 8555 section 7.1.4).
  const same = before !== undefined && authorization.challenges.every(({ token }) => known.has(token))
  const listed = authorization.challenges.map((challenge) => ({
    type: challenge.type,
    token: challenge.token,
    keyAuthorization: challenge.keyAuthorization,
    status: challenge.status === 'processing' ? ('pending' as const) : challenge.status,
    error: challenge.error,
    records: known.get(challenge.token)?.records ?? [],
  }))
  return {
    changeId: change.id,
    enrollmentId: change.enrollmentId,
    accountId: change.accountId,
    domain: authorization.identifier,
    generation: same ? before.generation : (before?.generation ?? 0) + 1,
    status: authorization.status === 'valid' ? 'valid' : 'awaiting',
    error: null,
    challenges: same ? withUnlisted(listed, before.challenges) : listed,
    published: publishes || (same && before.published),
    requestedAt: same ? before.requestedAt : now,
    validatedAt: authorization.status === 'valid' ? now : null,
    expiresAt: authorization.expires,
  }
}

const withUnlisted = (
  listed: readonly StoredChallenge[],
  before: readonly StoredChallenge[],
): readonly StoredChallenge[] => before.map((one) => listed.find(({ token }) => token === one.token) ?? one)
