import { type Instant, toWireTime } from '../time.ts'
import { ACTS, isLost, type KnownName } from '../validation/name-standing.ts'
import type { NewNotice } from './notices-of-move.ts'

const MOST_TOLD = 5

/** Of the names that were lost by this look, told once: not at every look that finds them so. */
export function lostNamesNotices(
  { name, enrollmentId }: { readonly name: string; readonly enrollmentId: number },
  before: readonly KnownName[],
  after: readonly KnownName[],
  { begin, now }: { readonly begin: Instant | null; readonly now: Instant },
): readonly NewNotice[] {
  const wasLost = new Set(before.filter(isLost).map((known) => known.name))
  const lost = after.filter((known) => isLost(known) && !wasLost.has(known.name))
  if (lost.length === 0) return []
  const told = lost.slice(0, MOST_TOLD).flatMap(({ fault }) => (fault === null ? [] : [fault]))
  const more = lost.length > told.length ? ` So it stands with ${lost.length - told.length} more names.` : ''
  const acts = [...new Set(told.map(({ reason }) => ACTS[reason]))].join(' ')
  const when = begin === null ? 'which is under way' : `which begins at ${toWireTime(begin)}`
  const text = `${name} (enrollment ${enrollmentId}): its renewal, ${when}, would fail or wait for somebody. ${told.map((fault) => fault.text).join(' ')}${more} ${acts} certrail plan ${enrollmentId} shows all of it.`
  return [{ occasion: 'validation-lost', text, dueAt: now }]
}
