import type { PageWish } from '../domain/zones/page.ts'
import { type FieldError, Problem } from '../errors/problem.ts'
import type { QueryParameter } from './route.ts'
import { wholeNumber } from './query.ts'

/** What the lists of the Edge DNS API can be asked for. */
export interface ListQuery extends PageWish {
  /** Lower case; empty: everything. */
  readonly search: string
  /** Upper case; empty: all. */
  readonly types: readonly string[]
}

const PAGE_SIZE = 25
const LARGEST_PAGE = 10_000

/** @throws Problem 'validation-error' that names every bad parameter. */
export function readListQuery(query: URLSearchParams, keys: readonly string[]): ListQuery {
  const errors: FieldError[] = []
  const page = wholeNumber(query, { name: 'page', least: 1, most: Number.MAX_SAFE_INTEGER }, errors)
  const pageSize = wholeNumber(query, { name: 'pageSize', least: 1, most: LARGEST_PAGE }, errors)
  const showAll = (query.get('showAll') ?? '').toLowerCase()
  if (!['', 'true', 'false'].includes(showAll))
    errors.push({ field: 'showAll', detail: 'must be true or false' })
  const sortBy = wordsOf(query, 'sortBy').map((word) => ({
    key: word.replace(/^-/, ''),
    descending: word.startsWith('-'),
  }))
  if (sortBy.some(({ key }) => !keys.includes(key.toLowerCase())))
    errors.push({ field: 'sortBy', detail: `must be words out of ${keys.join(', ')}, with - for descending` })
  if (errors.length > 0)
    throw new Problem('validation-error', { detail: 'The query cannot be taken as it is.', errors })
  return {
    page: page ?? 1,
    pageSize: pageSize ?? PAGE_SIZE,
    showAll: showAll === 'true',
    sortBy,
    search: (query.get('search') ?? '').toLowerCase(),
    types: wordsOf(query, 'types').map((word) => word.toUpperCase()),
  }
}

/** Words between commas. */
export const wordsOf = (query: URLSearchParams, name: string): readonly string[] =>
  (query.get(name) ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')

export const LIST_PARAMETERS: readonly QueryParameter[] = [
  { name: 'page', meaning: 'From 1' },
  { name: 'pageSize', meaning: `1 to ${LARGEST_PAGE}; ${PAGE_SIZE} unless said otherwise` },
  { name: 'showAll', meaning: 'true: everything on one page' },
  { name: 'search', meaning: 'Only what holds this text' },
  { name: 'sortBy', meaning: 'Words between commas, with - for descending' },
  { name: 'types', meaning: 'Only these, between commas' },
]
