import { type Instant, fromWireTime, instant } from '../../domain/time.ts'
import { showTimeFrom } from '../output.ts'
import { table } from '../table.ts'
import { type CheckResult, percent } from './check-target.ts'
import { bySeverity, type CheckState, worstOf } from './states.ts'

/** The JSON of `certrail check`. */
export interface CheckReport {
  readonly state: CheckState
  readonly checkedAt: string
  /** The worst first. */
  readonly results: readonly CheckResult[]
}

export function checkReport(results: readonly CheckResult[], checkedAt: string): CheckReport {
  const sorted = results.toSorted(bySeverity)
  return { state: worstOf(results.map(({ state }) => state)), checkedAt, results: sorted }
}

/** For people and for the mail of a cron job. */
export function checkText(report: CheckReport, strong: (text: string) => string): string {
  const now = fromWireTime(report.checkedAt) ?? instant(0)
  const rows = report.results.map((result) => [
    result.state.toUpperCase(),
    result.name,
    result.address ?? '-',
    result.certificate === null ? '-' : percent(result.certificate.lifeLeft),
    expiryText(result, now),
    [...result.problems, ...result.notes].join('; ') || '-',
  ])
  const head = `${summaryOf(report)}\n\n`
  return head + table(['state', 'name', 'address', 'life left', 'expires', 'because'], rows, strong)
}

function expiryText({ certificate }: CheckResult, now: Instant): string {
  return certificate === null ? '-' : showTimeFrom(certificate.notAfter, now)
}

const MOST_NAMED = 3

/**
 * One line with performance data (monitoring-plugins.org, Plugin Output and Performance data): per certificate the share of its lifetime
 * that is left, in percent.
 */
export function nagiosLine(
  report: CheckReport,
  thresholds: { readonly warning: number; readonly critical: number },
): string {
  const bad = report.results.filter(({ state }) => state !== 'ok')
  const named = bad
    .slice(0, MOST_NAMED)
    .map(
      ({ name, address, problems }) =>
        `${name}${address === null ? '' : ` at ${address}`}: ${problems.join(', ')}`,
    )
  const more = bad.length > MOST_NAMED ? [`and ${bad.length - MOST_NAMED} more`] : []
  const words = [summaryOf(report), ...named, ...more].join('; ').replaceAll(/[|\r\n]+/g, ' ')
  const levels = `${inPercent(thresholds.warning)}:;${inPercent(thresholds.critical)}:;0;100`
  const figures = report.results.flatMap((result) =>
    result.certificate === null
      ? []
      : [`${labelOf(result)}=${inPercent(result.certificate.lifeLeft)}%;${levels}`],
  )
  return `CERTRAIL ${report.state.toUpperCase()} - ${words}${figures.length === 0 ? '' : ` | ${figures.join(' ')}`}\n`
}

function summaryOf({ results }: CheckReport): string {
  const certificates = results.filter(({ certificate }) => certificate !== null)
  const counts = (['critical', 'warning', 'unknown'] as const).flatMap((state) => {
    const count = results.filter((result) => result.state === state).length
    return count === 0 ? [] : [`${count} ${state}`]
  })
  const names = new Set(results.map(({ name }) => name)).size
  const seen = `${counted(certificates.length, 'certificate')} of ${counted(names, 'name')}`
  const verdict = counts.length === 0 ? `all well, ${leastLife(certificates)}` : counts.join(', ')
  return `${seen}: ${verdict}${unreadText(results)}`
}

function unreadText(results: readonly CheckResult[]): string {
  const unread = results.filter(({ notes }) => notes.length > 0).length
  return unread === 0 ? '' : `; of ${counted(unread, 'certificate')} no revocation list could be read`
}

function leastLife(results: readonly CheckResult[]): string {
  const least = Math.min(...results.map(({ certificate }) => certificate?.lifeLeft ?? 1))
  return `at least ${percent(least)} of each lifetime is left`
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

const inPercent = (share: number): number => Math.floor(share * 10_000) / 100

/** Quoted; a quote or an equals sign has no place in it. */
const labelOf = ({ name, address, certificate }: CheckResult): string =>
  `'${name} ${address ?? ''} ${certificate?.keyType ?? ''}'`
