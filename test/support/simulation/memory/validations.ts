import type { ChangeId, EnrollmentId } from '../../../../src/domain/identifiers.ts'
import type { NameValidationRecord, Validations } from '../../../../src/ports/validations.ts'
import { byText, sorted, type Tables } from './tables.ts'

const keyOf = ({ changeId, domain, generation }: NameValidationRecord): string =>
  `${changeId} ${domain} ${generation}`

export function saveValidation({ validations }: Tables, record: NameValidationRecord): void {
  const before = validations.get(keyOf(record))
  validations.set(
    keyOf(record),
    before === undefined ? record : { ...record, requestedAt: before.requestedAt },
  )
}

export function setPublished({ validations }: Tables, id: ChangeId, published: boolean): void {
  for (const record of [...validations.at('change', id)])
    validations.set(keyOf(record), { ...record, published })
}

/** Of every change of the enrollment, the newest first; what came at once by name. */
export const validationsOf = ({ validations }: Tables, id: EnrollmentId): readonly NameValidationRecord[] =>
  sorted(
    byText(
      [...validations.values()].filter(({ enrollmentId }) => enrollmentId === id),
      ({ domain }) => domain,
    ),
    ({ requestedAt }) => -Number(requestedAt),
    ({ changeId }) => -Number(changeId),
    ({ generation }) => -generation,
  )

/** Nobody of the simulation places a value for others to see. */
export const createMemoryValidations = (tables: Tables): Omit<Validations, 'lookAgain'> => ({
  async save(records) {
    for (const one of records) saveValidation(tables, one)
  },
  async currentOf(id) {
    const newest = new Map<string, NameValidationRecord>()
    for (const one of tables.validations.at('change', id))
      if (one.generation >= (newest.get(one.domain)?.generation ?? 0)) newest.set(one.domain, one)
    return byText(newest.values(), ({ domain }) => domain)
  },
  async setPublished(id, published) {
    setPublished(tables, id, published)
  },
})
