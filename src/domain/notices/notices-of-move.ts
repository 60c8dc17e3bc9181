import { type Change, effectiveSchedule } from '../change/change.ts'
import { isLeftToPeople, lastResort } from '../change/last-resort.ts'
import { RETRY_WAITS } from '../change/retry.ts'
import { STATUSES } from '../change/statuses.ts'
import { RENEWAL_ENGINE } from '../renewal/renewal-start.ts'
import { DAY, type Instant, plus, toWireTime } from '../time.ts'
import type { Occasion } from './occasions.ts'

/** What is written into the outbox. */
export interface NewNotice {
  readonly occasion: Occasion
  /** Sentences that stand by themselves; no key, no token. */
  readonly text: string
  /** Lifecycle clock: not to be told before. */
  readonly dueAt: Instant
}

/** Trouble shorter than this heals by itself more often than not, and is told of only when it lasts. */
const TELLS_AT_ATTEMPT = RETRY_WAITS.findIndex(({ totalMs }) => totalMs >= 600_000) + 1

const DEADLINE_NOTICE_MS = DAY

/** Whom a person would want to hear of after this move. Pure; a change that somebody is following by hand is told of no less. */
export function noticesOfMove(moved: Change, event: string, now: Instant): readonly NewNotice[] {
  const text = (sentence: string) =>
    `${moved.settings.csr.cn} (enrollment ${moved.enrollmentId}, change ${moved.id}): ${sentence}`
  const tell = (occasion: Occasion, sentence: string, dueAt: Instant = now): NewNotice => ({
    occasion,
    text: text(sentence),
    dueAt,
  })
  if (event === 'production-deployed')
    return [tell('deployed', 'production serves it, as seen in full handshakes.')]
  if (event === 'superseded') return [tell('superseded', SUPERSEDED)]
  if (moved.state === 'error') return failureTold(moved, now) ? [tell('failure', failureText(moved))] : []
  if (event === 'freeze-content' || hasGoneBack(moved, event)) return deadlineNotice(moved, now, tell)
  return [...inputNotices(moved, event, tell), ...lastResortNotice(moved, now, tell)]
}

/** What waits for an acknowledgement then has another deadline. */
const hasGoneBack = ({ status, effects }: Change, event: string): boolean =>
  event === 'serve-pinned' && status === 'wait-ack-change-management' && effects[0] !== 'serve-pinned'

type Tell = (occasion: Occasion, sentence: string, dueAt?: Instant) => NewNotice

function inputNotices(moved: Change, event: string, tell: Tell): readonly NewNotice[] {
  if (moved.state !== 'awaiting-input') return []
  if (moved.status === 'coordinate-domain-validation')
    return event === 'challenges-ready' ? [tell('challenges-to-place', CHALLENGES)] : []
  return [
    tell(
      'input-needed',
      `${STATUSES[moved.status].description} certrail explain ${moved.enrollmentId} says how.`,
    ),
  ]
}

const SUPERSEDED =
  'it still waited when what is live had to be renewed, so it ended without effect, and a renewal begins. Start it again when that has ended.'

const CHALLENGES =
  'its names wait for their challenges; where a delegation or a redirect stands, nobody has to act.'

/** A person who has to act at the CA is told at once, and once. */
const failureTold = (moved: Change, now: Instant): boolean =>
  isLeftToPeople(moved) || isToldAtAttempt(moved) || moved.progress.actionRequiredSince === now

/** When trouble has lasted a while, and when the table of waits has ended. */
const isToldAtAttempt = ({ progress, status }: Change): boolean =>
  progress.attempts === TELLS_AT_ATTEMPT ||
  progress.attempts === RETRY_WAITS.length + 1 ||
  (status === 'check-for-cert-error' && progress.attempts === 0)

function failureText(moved: Change): string {
  const { error, nextAt, status } = moved
  const again =
    nextAt === null || isLeftToPeople(moved)
      ? 'Certrail has given up: a person has to act.'
      : `It is tried again at ${toWireTime(nextAt)}.`
  return `${status} failed: ${error?.description ?? 'unknown'} ${again} ${stays(error?.code)}`
}

const stays = (code: string | undefined): string =>
  code === 'no-way-back' ? 'The new one stays where it was seen.' : 'What was live stays live.'

function deadlineNotice(moved: Change, now: Instant, tell: Tell): readonly NewNotice[] {
  const { deadline } = moved.progress
  if (deadline === undefined || effectiveSchedule(moved).notBefore !== null || deadline <= now) return []
  const at = ahead(deadline, now)
  const goes = `at ${toWireTime(deadline)} it goes to production as if it were acknowledged.`
  return [tell('deadline-near', goes, at)]
}

const ahead = (deadline: Instant, now: Instant): Instant =>
  plus(deadline, -Math.min(DEADLINE_NOTICE_MS, (deadline - now) / 4))

/** Told when the change comes to where it waits. */
function lastResortNotice(moved: Change, now: Instant, tell: Tell): readonly NewNotice[] {
  const last = moved.enteredAt === now && moved.status !== 'check-for-cert' ? lastResort(moved) : null
  if (last === null || last.at <= now) return []
  const what =
    last.event === 'superseded'
      ? 'it ends without effect if it still waits then, and what is live is renewed instead'
      : 'it goes on as if nothing were left to wait for, since what is live would expire'
  return [tell('deadline-near', `at ${toWireTime(last.at)} ${what}.`, ahead(last.at, now))]
}

/** Of the lifetime that is left when somebody hears of it; a renewal begins long before the first. */
export const EXPIRY_SHARES = [1 / 4, 1 / 8, 1 / 16, 1 / 50] as const

/** For as long as nothing newer is live. */
export const expiryNotices = (
  name: string,
  enrollmentId: number,
  { notBefore, notAfter }: { readonly notBefore: Instant; readonly notAfter: Instant },
): readonly NewNotice[] =>
  EXPIRY_SHARES.map((share) => ({
    occasion: 'expiry-near',
    text: `${name} (enrollment ${enrollmentId}): what production serves expires at ${toWireTime(notAfter)}, and nothing newer is live. certrail plan ${enrollmentId} says what is under way.`,
    dueAt: plus(notAfter, -(notAfter - notBefore) * share),
  }))

export const renewalBegun = (change: Change): NewNotice => ({
  occasion: 'renewal-begun',
  text: `${change.settings.csr.cn} (enrollment ${change.enrollmentId}, change ${change.id}): ${
    change.settings.validationType === 'third-party'
      ? 'a new signing request waits for your certificate.'
      : change.createdBy === RENEWAL_ENGINE
        ? 'the renewal has begun by itself.'
        : 'the renewal has begun.'
  }`,
  dueAt: change.createdAt,
})
