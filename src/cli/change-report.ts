import type { Change, Enrollment, Explanation } from './answers.ts'
import type { ChangeKey } from './change-key.ts'
import { liveOn, namesOf } from './enrollment-reference.ts'
import { showNames, showStatus, waitsForText } from './output.ts'
import { readyCommands } from './ready-commands.ts'
import { facts } from './table.ts'

export interface ChangeReport {
  readonly enrollment: Enrollment
  readonly key: ChangeKey | null
  readonly change: Change | null
  readonly explanation: Explanation | null
}

/** `certrail status` for people. */
export function changeReportText(report: ChangeReport): string {
  const { enrollment, key, change } = report
  const head = `${enrollment.csr.cn} (enrollment ${enrollment.id})\n`
  const known: [string, string][] = [
    ['names', showNames(namesOf(enrollment))],
    ['live on', liveOn(enrollment)],
  ]
  if (key === null || change === null) return head + facts([...known, ['change', 'none is open']])
  return head + facts([...known, ...changeFacts(report, key, change)])
}

function changeFacts(report: ChangeReport, key: ChangeKey, change: Change): readonly [string, string][] {
  const { enrollment, explanation } = report
  const { state, status, description, error } = change.statusInfo
  const action = enrollment.pendingChanges.find((pending) =>
    pending.location.endsWith(`/${key.changeId}`),
  )?.changeType
  const rows: [string, string | null | undefined][] = [
    ['change', action ? `${key.changeId} (${action})` : String(key.changeId)],
    ['status', `${showStatus(status)} (${state})`],
    ['now', explanation?.step ?? description],
    ['error', error?.description],
    ['waits for', explanation && waitsForText(explanation)],
    ['allowed', change.allowedInput.map((input) => input.type).join(', ')],
    ['next', readyCommands(enrollment.id, change, explanation).join('\n')],
  ]
  return rows.filter((row): row is [string, string] => Boolean(row[1]))
}

/** The JSON of `certrail status`. */
export function changeReportData(report: ChangeReport): Readonly<Record<string, unknown>> {
  const { enrollment, key, change, explanation } = report
  return {
    enrollmentId: enrollment.id,
    commonName: enrollment.csr.cn,
    names: namesOf(enrollment),
    stagingLive: enrollment.stagingSlots.length > 0,
    productionLive: enrollment.productionSlots.length > 0,
    changeId: key?.changeId ?? null,
    change,
    explanation,
    next: change === null ? [] : readyCommands(enrollment.id, change, explanation),
  }
}
