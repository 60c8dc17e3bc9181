import type { Change } from '../change/change.ts'
import type { Instant } from '../time.ts'
import type { NewNotice } from './notices-of-move.ts'

const MOST_NAMED = 5

/**
 * A CA's failed look is final for that authorization (RFC 8555 section 7.1.6), so whoever placed a value by hand has to place another one. What the CA said stays in explain
 * and dv-history: it may quote a token.
 */
export function refusedNamesNotices(
  { id, enrollmentId, settings }: Pick<Change, 'id' | 'enrollmentId' | 'settings'>,
  names: readonly string[],
  now: Instant,
): readonly NewNotice[] {
  if (names.length === 0) return []
  const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : ''
  const listed = `${names.slice(0, MOST_NAMED).join(', ')}${more}`
  const text = `${settings.csr.cn} (enrollment ${enrollmentId}, change ${id}): the certificate authority looked at ${listed} and found no proof. New challenges are ordered for what it refused, other names keep theirs. certrail explain ${enrollmentId} says what it saw.`
  return [{ occasion: 'validation-refused', text, dueAt: now }]
}
