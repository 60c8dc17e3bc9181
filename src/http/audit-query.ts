import { type FieldError, Problem } from '../errors/problem.ts'
import { wholeNumber } from './query.ts'

export interface AuditQuery {
  readonly after: number
  /** Null: not said. */
  readonly limit: number | null
}

const LARGEST_PAGE = 1_000

/** @throws Problem 'validation-error' that names every bad parameter. */
export function readAuditQuery(query: URLSearchParams): AuditQuery {
  const errors: FieldError[] = []
  const after = wholeNumber(query, { name: 'after', least: 0, most: Number.MAX_SAFE_INTEGER }, errors)
  const limit = wholeNumber(query, { name: 'limit', least: 1, most: LARGEST_PAGE }, errors)
  if (errors.length > 0)
    throw new Problem('validation-error', { detail: 'The query cannot be taken as it is.', errors })
  return { after: after ?? 0, limit }
}
