import { Problem } from '../errors/problem.ts'
import type { WireRow } from './row.ts'

interface MediaRange {
  readonly type: string
  readonly quality: number
}

const ANY_JSON = 'application/json'
/** How closely a range names a row; RFC 9110 section 12.5.1: the closest one decides. */
const EXACT = 3

/**
 * The version to answer in (RFC 9110 section 12.5.1). Rows come newest first; no wish, a wildcard and `application/json` all mean the first.
 * @throws Problem 'not-acceptable', with what would fit in its member `acceptable`.
 */
export function chooseResponse<Row extends WireRow>(accept: string | null, rows: readonly Row[]): Row {
  const ranges = accept === null || accept.trim() === '' ? [{ type: '*/*', quality: 1 }] : readRanges(accept)
  let best: { readonly row: Row; readonly quality: number; readonly closeness: number } | null = null
  for (const row of rows) {
    const { quality, closeness } = wishFor(row, ranges)
    if (quality === 0) continue
    if (best === null || quality > best.quality || (quality === best.quality && closeness > best.closeness))
      best = { row, quality, closeness }
  }
  if (best === null)
    throw new Problem('not-acceptable', {
      detail: 'None of the media types in Accept is available here.',
      members: { acceptable: rows.map((row) => row.mediaType) },
    })
  return best.row
}

/**
 * The version that a body is written in. Parameters are ignored; a missing type and `application/json` mean the first row.
 * @throws Problem 'unsupported-media-type', with what would fit in its member `supported`.
 */
export function chooseRequest<Row extends WireRow>(contentType: string | null, rows: readonly Row[]): Row {
  const type = typeOf(contentType ?? ANY_JSON)
  const row =
    type === ANY_JSON || type === '' ? rows[0] : rows.find((candidate) => candidate.mediaType === type)
  if (row === undefined)
    throw new Problem('unsupported-media-type', {
      detail: 'The Content-Type of the body is not understood here.',
      members: { supported: rows.map((candidate) => candidate.mediaType) },
    })
  return row
}

function wishFor(row: WireRow, ranges: readonly MediaRange[]): { quality: number; closeness: number } {
  let wish = { quality: 0, closeness: -1 }
  for (const range of ranges) {
    const closeness = closenessOf(range.type, row.mediaType)
    if (closeness > wish.closeness) wish = { quality: range.quality, closeness }
  }
  return wish
}

function closenessOf(range: string, mediaType: string): number {
  if (range === mediaType) return EXACT
  return ['*/*', 'application/*', ANY_JSON].indexOf(range)
}

function readRanges(accept: string): readonly MediaRange[] {
  return accept.split(',').map((part) => ({ type: typeOf(part), quality: qualityOf(part) }))
}

const typeOf = (value: string): string => (value.split(';')[0] ?? '').trim().toLowerCase()

function qualityOf(part: string): number {
  const match = /;\s*q\s*=\s*(0(?:\.\d*)?)(?![\d.])/i.exec(part)
  return match === null ? 1 : Number(match[1])
}
