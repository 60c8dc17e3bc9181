import type { CreateEnrollment, RemoveEnrollment, UpdateEnrollment } from '../app/use-cases.ts'
import type { DeploymentSchedule } from '../app/views.ts'
import { fromWireTime, type Instant } from '../domain/time.ts'
import { type FieldError, Problem } from '../errors/problem.ts'
import { contractOf } from './query.ts'

/** spec: api 3.1. @throws Problem 'validation-error' that names every bad parameter. */
export function readCreateQuery(query: URLSearchParams): Omit<CreateEnrollment, 'settings'> {
  const reading = startReading(query)
  const contract = contractOf(query)
  if (contract === null) reading.errors.push({ field: 'contractId', detail: 'is required' })
  const schedule = reading.schedule()
  // The PowerShell module spells it in its own way.
  const duplicates = ['allow-duplicate-cn', 'allowDuplicateCN'].map((name) => reading.flag(name))
  if (reading.errors.length > 0 || contract === null) throw refused(reading.errors)
  return { contractId: contract, schedule, allowDuplicateCn: duplicates.includes(true) }
}

/** spec: api 3.4. @throws Problem 'validation-error' that names every bad parameter. */
export function readUpdateQuery(query: URLSearchParams): Omit<UpdateEnrollment, 'settings'> {
  const reading = startReading(query)
  const read = {
    schedule: reading.schedule(),
    allowCancelPendingChanges: reading.flag('allow-cancel-pending-changes'),
    allowStagingBypass: reading.flag('allow-staging-bypass'),
    forceRenewal: reading.flag('force-renewal'),
    renewalDateCheckOverride: reading.flag('renewal-date-check-override'),
    allowMissingCertificateAddition: reading.flag('allow-missing-certificate-addition'),
  }
  if (reading.errors.length > 0) throw refused(reading.errors)
  return read
}

/** spec: api 3.5. @throws Problem 'validation-error' that names every bad parameter. */
export function readRemoveQuery(query: URLSearchParams): RemoveEnrollment {
  const reading = startReading(query)
  const read = {
    schedule: reading.schedule(),
    allowCancelPendingChanges: reading.flag('allow-cancel-pending-changes'),
  }
  if (reading.errors.length > 0) throw refused(reading.errors)
  return read
}

const refused = (errors: readonly FieldError[]): Problem =>
  new Problem('validation-error', { detail: 'The query cannot be taken as it is.', errors })

/** Reads on after a bad parameter, so that the caller hears of all at once. */
function startReading(query: URLSearchParams) {
  const errors: FieldError[] = []

  function time(name: string): Instant | null {
    const text = query.get(name) ?? ''
    if (text === '') return null
    const at = fromWireTime(text)
    if (at === null) errors.push({ field: name, detail: 'must be a date, or a time as RFC 3339 has it' })
    return at
  }

  return {
    errors,
    /** A switch with another word in it is refused: whoever wrote `force-renewal=yes` did not mean no. */
    flag(name: string): boolean {
      const text = (query.get(name) ?? '').toLowerCase()
      if (!['', 'true', 'false'].includes(text)) errors.push({ field: name, detail: 'must be true or false' })
      return text === 'true'
    },
    schedule(): DeploymentSchedule {
      const notBefore = time('deploy-not-before')
      const notAfter = time('deploy-not-after')
      if (notBefore !== null && notAfter !== null && notAfter <= notBefore)
        errors.push({ field: 'deploy-not-after', detail: 'must be later than deploy-not-before' })
      return { notBefore, notAfter }
    },
  }
}
