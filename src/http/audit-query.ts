import { type FieldError, Problem } from '../errors/problem.ts'

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

interface Wanted {
  readonly name: string
  readonly least: number
  readonly most: number
}

function wholeNumber(
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
