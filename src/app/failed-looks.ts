import type { Change } from '../domain/change/change.ts'
import { groupedBy } from '../domain/grouped-by.ts'
import type { NameValidationRecord } from '../ports/validations.ts'
import type { Repositories } from '../ports/store.ts'
import type { FailedLookView } from './views.ts'

/** Why the last values of names that are open again did not do: the new ones are as good as the reason is gone. */
export async function failedLooks(read: Repositories, change: Change): Promise<readonly FailedLookView[]> {
  const records = await read.histories.validationsOf(change.enrollmentId)
  const ofChange = records.filter(({ changeId }) => changeId === change.id)
  return [...groupedBy(ofChange, ({ domain }) => domain)].flatMap(([domain, generations]) => {
    const [newest, before] = generations.toSorted((one, other) => other.generation - one.generation)
    return newest !== undefined && isOpenAgain(newest) && before?.error
      ? [{ domain, requestedAt: before.requestedAt, error: before.error }]
      : []
  })
}

const isOpenAgain = ({ status, error }: NameValidationRecord): boolean => status !== 'valid' && error === null
