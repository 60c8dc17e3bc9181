import { toWireTime } from '../time.ts'
import type { Instant } from '../time.ts'
import { type Occasion, OCCASIONS, URGENCY } from './occasions.ts'

export interface ToldNotice {
  readonly id: number
  /** Null: it concerns the installation. */
  readonly enrollmentId: number | null
  readonly changeId: number | null
  readonly occasion: Occasion
  readonly text: string
  /** Lifecycle clock. */
  readonly at: Instant
}

export interface MailText {
  readonly subject: string
  /** Plain text. */
  readonly text: string
}

/** A mail longer than this is read by nobody. */
const MOST_IN_A_MAIL = 50

/** One mail about everything that is to be told, the most urgent first. */
export function digest(notices: readonly ToldNotice[], sandbox: boolean): MailText {
  const sorted = notices.toSorted(
    (one, other) => URGENCY.indexOf(one.occasion) - URGENCY.indexOf(other.occasion) || one.id - other.id,
  )
  const [first] = sorted
  const more = sorted.length > 1 ? ` (and ${sorted.length - 1} more)` : ''
  const where = sandbox ? '[Certrail sandbox] ' : '[Certrail] '
  const lines = sorted
    .slice(0, MOST_IN_A_MAIL)
    .map(({ occasion, text, at }) => `- ${toWireTime(at)} ${OCCASIONS[occasion]}\n  ${text}`)
  const rest =
    sorted.length > MOST_IN_A_MAIL
      ? `\n\n${sorted.length - MOST_IN_A_MAIL} more are listed by GET /certrail/v1/notices.`
      : ''
  return {
    subject: `${where}${first === undefined ? 'nothing' : OCCASIONS[first.occasion]}${more}`,
    text: `${lines.join('\n\n')}${rest}\n\n-- \nSent because you are a contact of the enrollments above.\n`,
  }
}

/** After the attempt, counted from 1; real clock. Null: given up, which is counted and logged. */
export function nextDeliveryDelay(attempt: number): number | null {
  return DELIVERY_WAITS[attempt - 1]?.waitMs ?? null
}

const MINUTE_MS = 60_000

/** How long a delivery waits for its next attempt. The end: what nobody took for three days is not news any more. */
export const DELIVERY_WAITS = [
  { waitMs: 10_000, reason: 'a lost connection' },
  { waitMs: MINUTE_MS, reason: 'a restart of the other side; the delay of greylisting' },
  { waitMs: 5 * MINUTE_MS, reason: 'greylisting' },
  { waitMs: 30 * MINUTE_MS, reason: 'a deployment of the other side' },
  { waitMs: 2 * 60 * MINUTE_MS, reason: 'an incident that people work on' },
  { waitMs: 6 * 60 * MINUTE_MS, reason: 'a broken night' },
  { waitMs: 16 * 60 * MINUTE_MS, reason: 'a working day' },
  { waitMs: 47 * 60 * MINUTE_MS, reason: 'a weekend' },
] as const
