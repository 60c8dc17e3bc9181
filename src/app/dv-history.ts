import { groupedBy } from '../domain/grouped-by.ts'
import type { EnrollmentId } from '../domain/identifiers.ts'
import type { NameValidationRecord } from '../ports/validations.ts'
import { validationView } from './challenges.ts'
import type { Dependencies } from './dependencies.ts'
import { requireEnrollment } from './read-enrollments.ts'
import type { Caller, DvHistoryView, NameValidationView } from './views.ts'

/** CPS API: DvHistory. Every token generation of every name across all changes; nothing of it ever goes away while the enrollment lives. */
export async function dvHistory(
  { store, clocks }: Dependencies,
  caller: Caller,
  id: EnrollmentId,
): Promise<readonly DvHistoryView[]> {
  await requireEnrollment(store, caller, id)
  const [records, open] = await Promise.all([
    store.read.histories.validationsOf(id),
    store.read.changes.openOf([id]),
  ])
  const running = new Set(open.map((change) => change.id))
  const now = clocks.lifecycle.now()
  return [...groupedBy(records, ({ domain }) => domain)]
    .map(([domain, generations]) => ({
      domain,
      generations: generations.map((record) =>
        past(record, { now, usable: running.has(record.changeId) && isNewestOfChange(record, generations) }),
      ),
    }))
    .toSorted((one, other) => (one.domain < other.domain ? -1 : 1))
}

const isNewestOfChange = (
  record: NameValidationRecord,
  generations: readonly NameValidationRecord[],
): boolean =>
  generations.every((other) => other.changeId !== record.changeId || other.generation <= record.generation)

/** A token that nobody can use any more is not shown as one to be placed: by age (spec: api 5.13), by a newer one, or with its change. */
function past(
  record: NameValidationRecord,
  { now, usable }: { readonly now: number; readonly usable: boolean },
): NameValidationView {
  const view = validationView(record)
  if (record.status === 'valid' || record.status === 'invalid' || record.status === 'expired') return view
  const aged = record.expiresAt !== null && record.expiresAt <= now
  if (usable && !aged) return view
  const why = aged
    ? 'Expired authorization'
    : (record.error ?? 'Replaced by a newer token, or its change has ended')
  const challenges = view.challenges.map((challenge) =>
    challenge.status === 'pending' ? { ...challenge, status: 'expired' as const } : challenge,
  )
  return { ...view, status: 'expired', error: why, challenges }
}
