import type { ChangeReference } from '../app/use-cases.ts'
import {
  changeId,
  contractId,
  type ContractId,
  type EnrollmentId,
  enrollmentId,
} from '../domain/identifiers.ts'
import { type FieldError, Problem } from '../errors/problem.ts'
import type { Exchange } from './exchange.ts'

/** The contract that a query names, with or without its `ctr_`; null when it is missing or empty. */
export function contractOf(query: URLSearchParams): ContractId | null {
  const text = (query.get('contractId') ?? '').replace(/^ctr_/, '')
  return text === '' ? null : contractId(text)
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

interface Wanted {
  readonly name: string
  readonly least: number
  readonly most: number
}

/** Null: not said, or not right, which `errors` then tells. */
export function wholeNumber(
  query: URLSearchParams,
  { name, least, most }: Wanted,
  errors: FieldError[],
): number | null {
  const text = query.get(name) ?? ''
  if (text === '') return null
  const value = /^\d{1,16}$/.test(text) ? Number(text) : -1
  if (value >= least && value <= most) return value
  errors.push({ field: name, detail: `must be a whole number from ${least} to ${most}` })
  return null
}
