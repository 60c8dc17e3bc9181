import type { Instant } from '../../domain/time.ts'
import {
  type Claimed,
  offeredAgainAt,
  offeredUnseenAt,
  type Preflight,
  preflightOf,
} from '../../domain/validation/preflight.ts'
import { withAttempt } from '../../domain/validation/attempts.ts'
import { Problem } from '../../errors/problem.ts'
import type { EdgeConfirmation } from '../../ports/challenge-edges.ts'
import type { LookResult } from '../../ports/challenge-look.ts'
import type { NameValidationRecord, StoredChallenge } from '../../ports/validations.ts'
import type { EffectContext } from './outcome.ts'
import { placeRecord, type Placement } from './place-record.ts'

/** What is done with one name now: one of its challenges is offered to the CA, or it waits and says why. */
export type Offer =
  | { readonly kind: 'offer'; readonly record: NameValidationRecord; readonly challenge: StoredChallenge }
  /** `again`: looked at then, if not before by the ordinary rhythm. */
  | { readonly kind: 'wait'; readonly record: NameValidationRecord; readonly again: Instant | null }

/** What is the same for all names of one check. */
export interface Circumstances {
  readonly now: Instant
  /** Our edges answer and a trigger has come: no look through DNS, that would be asking ourselves. */
  readonly answersItself: boolean
  /** When somebody said that the values stand; null: nobody did. */
  readonly acknowledgedAt: Instant | null
  /** Names that the CA has validated for this enrollment before, over HTTP. */
  readonly provenByHttp: () => Promise<ReadonlySet<string>>
  /** How often the CA has looked at this name for this change and refused it. */
  readonly refusalsOf: (domain: string) => Promise<number>
}

interface Looked {
  readonly challenge: StoredChallenge
  readonly result: LookResult
}

/**
 * A challenge that nobody has seen is not offered, since a failed look of the CA is final (RFC 8555 section 7.1.6), unless somebody vouches for it and our
 * patience is over (domain/validation/preflight.ts). What our own edges have to answer is offered only when each of them does.
 */
export async function offerOf(
  context: EffectContext,
  record: NameValidationRecord,
  around: Circumstances,
): Promise<Offer> {
  const acknowledged = claimOf(record, around)
  const refusals = record.generation === 1 ? 0 : await around.refusalsOf(record.domain)
  const again = offeredAgainAt(refusals, record.requestedAt)
  if (again > around.now && acknowledged === null) return { kind: 'wait', record, again }
  if (around.answersItself) return ifEdgesAnswer(context, record, preferredChallenge(record))
  const preflight = preflightOf(context.deps.validationPolicy.preflight, record.accountId)
  const placement = await placeRecord(context, record)
  const isPlaced = placement !== null && placement.error === null
  if (preflight === 'off' && (isPlaced || acknowledged !== null))
    return {
      kind: 'offer',
      record,
      challenge: isPlaced ? placement.challenge : preferredChallenge(record),
    }
  const looks = await lookAtAll(context, record)
  const looked = { ...record, challenges: looks.map(withLook) }
  const seen = looks.find(({ result }) => result.found)
  if (seen === undefined)
    return unseen(context, looked, looks, { preflight, placement, acknowledged, ...around })
  // Nobody else answers a TLS handshake with a challenge.
  const isOurs = seen.challenge.type === 'tls-alpn-01' || (seen.result.edges ?? []).length > 0
  return isOurs
    ? ifEdgesAnswer(context, looked, withLook(seen))
    : { kind: 'offer', record: looked, challenge: withLook(seen) }
}

/** The acknowledgement was of the tokens that stood there then. */
const claimOf = ({ requestedAt }: NameValidationRecord, { acknowledgedAt }: Circumstances): Claimed | null =>
  acknowledgedAt !== null && acknowledgedAt >= requestedAt
    ? { claim: 'acknowledged', at: acknowledgedAt }
    : null

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

async function ifEdgesAnswer(
  { deps, signal }: EffectContext,
  record: NameValidationRecord,
  challenge: StoredChallenge,
): Promise<Offer> {
  if (challenge.type === 'dns-01') return { kind: 'offer', record, challenge }
  const answers = await deps.challengeEdges.confirm({ ...challenge, identifier: record.domain }, signal)
  const silent = answers.filter(({ error }) => error !== null)
  if (silent.length === 0) return { kind: 'offer', record, challenge }
  const error = `Not offered to the certificate authority, which may reach any edge: ${silent.map(shown).join('; ')}.`
  return { kind: 'wait', record: { ...record, status: 'failed-look', error }, again: null }
}

const shown = ({ edge, address, error }: EdgeConfirmation): string =>
  `edge ${edge} at ${address} does not answer with the token (${error})`

async function unseen(
  context: EffectContext,
  record: NameValidationRecord,
  looked: readonly Looked[],
  around: Unseen,
): Promise<Offer> {
  const { placement } = around
  // That no edge of ours answers over TLS says nothing of what people and providers have placed.
  const looks = looked.filter(({ challenge }) => challenge.type !== 'tls-alpn-01')
  const unclear = looks.find(({ result }) => result.isUnclear === true)
  const failed = { ...record, status: 'failed-look' as const, error: toldOf(looks, placement) }
  const claimed =
    placedClaim(placement) ?? around.acknowledged ?? (await standingClaim(context, record, unclear, around))
  const judged = claimed?.claim === 'placed' ? placedLook(looks) : unclear
  const at = offeredUnseenAt(
    around.preflight,
    claimed,
    judged?.result.isUnclear === true ? 'unclear' : 'other',
  )
  if (at === null || at > around.now) return { kind: 'wait', record: failed, again: at }
  const challenge = judged === undefined ? preferredChallenge(record) : withLook(judged)
  // The user vouched for what the user placed; what stands by itself stands on our own edges.
  return claimed?.claim === 'standing'
    ? ifEdgesAnswer(context, record, challenge)
    : { kind: 'offer', record, challenge }
}

interface Unseen extends Circumstances {
  readonly preflight: Preflight
  readonly placement: Placement | null
  readonly acknowledged: Claimed | null
}

/** What kept the value from being there comes before what is there instead. */
function toldOf(looks: readonly Looked[], placement: Placement | null): string | null {
  if (placement === null) return looks[0]?.result.error ?? null
  return placement.error ?? placedLook(looks)?.result.error ?? null
}

const placedLook = (looks: readonly Looked[]): Looked | undefined =>
  looks.find(({ challenge }) => challenge.type === 'dns-01')

const placedClaim = (placement: Placement | null): Claimed | null =>
  placement === null || placement.error !== null ? null : { claim: 'placed', at: placement.at }

async function standingClaim(
  { deps }: EffectContext,
  record: NameValidationRecord,
  unclear: Looked | undefined,
  { provenByHttp }: Circumstances,
): Promise<Claimed | null> {
  const isOurs = unclear?.challenge.type === 'http-01' && deps.validationPolicy.publishes === 'at-once'
  if (!isOurs || !(await provenByHttp()).has(record.domain)) return null
  return { claim: 'standing', at: record.requestedAt }
}

/** What is seen first in this order is offered. */
const PREFERENCE = ['http-01', 'dns-01', 'tls-alpn-01']

async function lookAtAll(
  { deps, signal }: EffectContext,
  record: NameValidationRecord,
): Promise<readonly Looked[]> {
  const inOrder = record.challenges.toSorted(
    (one, other) => PREFERENCE.indexOf(one.type) - PREFERENCE.indexOf(other.type),
  )
  return Promise.all(
    inOrder.map(async (challenge) => ({
      challenge,
      result: await deps.look.look({ ...challenge, identifier: record.domain }, signal),
    })),
  )
}

const withLook = ({ challenge, result }: Looked): StoredChallenge => ({
  ...challenge,
  error: result.error,
  records: withAttempt(challenge.records, result.records),
})
