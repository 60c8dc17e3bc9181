import { MINUTE, type Instant, fromWireTime, toWireTime } from '../domain/time.ts'
import type { Explanation } from './answers.ts'
import { showDuration } from './duration.ts'
import type { Surroundings } from './surroundings.ts'

export interface Printer {
  readonly json: boolean
  /** For people: to stdout unless `--json` was asked for. */
  text(text: string): void
  /** For programs: to stdout if `--json` was asked for. */
  data(value: unknown): void
  /** Remarks that are no result. Always stderr. */
  remark(text: string): void
  readonly strong: (text: string) => string
}

export function createPrinter(surroundings: Surroundings, json: boolean): Printer {
  const { stdout, stderr, environment } = surroundings
  const coloured = stdout.isTTY === true && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb'
  return {
    json,
    text: (text) => {
      if (!json) stdout.write(text)
    },
    data: (value) => {
      if (json) stdout.write(`${JSON.stringify(value, null, 2)}\n`)
    },
    remark: (text) => stderr.write(text),
    strong: (text) => (coloured ? `\u001b[1m${text}\u001b[22m` : text),
  }
}

/** `2026-02-20 03:45 UTC`; a text that is no moment stays as it is. */
export function showTime(wire: string): string {
  const at = fromWireTime(wire)
  if (at === null) return wire
  const whole = toWireTime(at)
  return `${whole.slice(0, 10)} ${whole.slice(11, 16)} UTC`
}

/** `2026-02-20 03:45 UTC (in 89 days)` */
export function showTimeFrom(wire: string, now: Instant): string {
  const at = fromWireTime(wire)
  if (at === null) return wire
  const distance = at - now
  if (Math.abs(distance) < MINUTE) return `${showTime(wire)} (now)`
  return `${showTime(wire)} (${distance > 0 ? `in ${showDuration(distance)}` : `${showDuration(-distance)} ago`})`
}

/** The historical misspelling is the wire's, not ours to show (spec: behaviour C2). */
export const showStatus = (wireStatus: string): string => wireStatus.replace(/^coodinate-/, 'coordinate-')

export const showNames = (names: readonly string[], most = 3): string =>
  names.length <= most
    ? names.join(', ')
    : `${names.slice(0, most).join(', ')} and ${names.length - most} more`

/** Null when nothing is waited for, or when the step has said it already. */
export const waitsForText = (explanation: Pick<Explanation, 'step' | 'waitsFor'>): string | null =>
  explanation.waitsFor && explanation.waitsFor !== explanation.step ? explanation.waitsFor : null
