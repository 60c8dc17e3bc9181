import type { CreateEnrollment, ChangeReference } from '../app/use-cases.ts'
import {
  changeId,
  contractId,
  type ContractId,
  type EnrollmentId,
  enrollmentId,
} from '../domain/identifiers.ts'
import { fromWireTime, type Instant } from '../domain/time.ts'
import { type FieldError, Problem } from '../errors/problem.ts'
import type { Exchange } from './exchange.ts'

/** The contract that a query names, with or without its `ctr_`; null when it is missing or empty. */
export function contractOf(query: URLSearchParams): ContractId | null {
  const text = (query.get('contractId') ?? '').replace(/^ctr_/, '')
  return text === '' ? null : contractId(text)
}

type CreateQuery = Omit<CreateEnrollment, 'settings'>

/** spec: api 3.1. @throws Problem 'validation-error' that names every bad parameter. */
export function readCreateQuery(query: URLSearchParams): CreateQuery {
  const errors: FieldError[] = []
  const contract = contractOf(query)
  if (contract === null) errors.push({ field: 'contractId', detail: 'is required' })
  const notBefore = timeOf(query, 'deploy-not-before', errors)
  const notAfter = timeOf(query, 'deploy-not-after', errors)
  if (notBefore !== null && notAfter !== null && notAfter <= notBefore)
    errors.push({ field: 'deploy-not-after', detail: 'must be later than deploy-not-before' })
  if (errors.length > 0 || contract === null)
    throw new Problem('validation-error', { detail: 'The query cannot be taken as it is.', errors })
  return {
    contractId: contract,
    schedule: { notBefore, notAfter },
    allowDuplicateCn: allowsDuplicates(query),
  }
}

/** The PowerShell module spells it in its own way (spec: api 3.1). */
const allowsDuplicates = (query: URLSearchParams): boolean =>
  ['allow-duplicate-cn', 'allowDuplicateCN'].some((name) => query.get(name)?.toLowerCase() === 'true')

function timeOf(query: URLSearchParams, name: string, errors: FieldError[]): Instant | null {
  const text = query.get(name) ?? ''
  if (text === '') return null
  const at = fromWireTime(text)
  if (at === null) errors.push({ field: name, detail: 'must be a date, or a time as RFC 3339 has it' })
  return at
}

/** @throws Problem 'not-found' when the path names no possible enrollment. */
export const enrollmentOf = (exchange: Exchange): EnrollmentId => enrollmentId(idOf(exchange, 'enrollmentId'))

export const changeOf = (exchange: Exchange): ChangeReference => ({
  enrollmentId: enrollmentOf(exchange),
  changeId: changeId(idOf(exchange, 'changeId')),
})

function idOf(exchange: Exchange, name: string): number {
  const text = exchange.parameters[name] ?? ''
  const id = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : 0
  if (id === 0 || !Number.isSafeInteger(id)) throw new Problem('not-found')
  return id
}
