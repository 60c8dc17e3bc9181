import tr46 from 'tr46'
import { LONGEST_NAME_TEXT } from '../enrollment/names.ts'

/** `reason` goes on from the name: `is empty`. */
export type OwnerName =
  | { readonly ok: true; readonly name: string }
  | { readonly ok: false; readonly reason: string }

/** RFC 1035 section 2.3.4: 255 octets on the wire are 253 characters of text. */
const LONGEST_NAME = 253

/** What no certificate may name stands in DNS all the same: `_acme-challenge`, `_443._tcp`. */
const UTS46 = {
  checkBidi: true,
  checkHyphens: false,
  checkJoiners: true,
  useSTD3ASCIIRules: false,
} as const

/**
 * The owner of a record in the one form in which names are compared: A-labels, lower case, no trailing dot. Letters, digits, hyphens and underscores; a
 * wildcard is the whole leftmost label (RFC 4592 section 2.1.1).
 */
export function ownerName(text: string): OwnerName {
  const tooLong = { ok: false, reason: `is longer than ${LONGEST_NAME} characters` } as const
  if (text.length > LONGEST_NAME_TEXT) return tooLong
  const ascii = tr46.toASCII(text, UTS46)
  if (ascii === null) return { ok: false, reason: 'is not a valid (internationalized) DNS name' }
  const name = ascii.endsWith('.') ? ascii.slice(0, -1) : ascii
  if (name.length > LONGEST_NAME) return tooLong
  const labels = name.split('.')
  const host = labels[0] === '*' ? labels.slice(1) : labels
  if (host.length === 0 || !host.every((label) => /^[a-z0-9_-]{1,63}$/.test(label)))
    return {
      ok: false,
      reason: 'must be labels of letters, digits, hyphens and underscores, of 1 to 63 characters each',
    }
  return { ok: true, name }
}

/** Both canonical; a zone holds its own apex. */
export const isWithin = (name: string, zone: string): boolean => name === zone || name.endsWith(`.${zone}`)

/** The name and everything above it, down to the top-level domain. */
export const nameAndAbove = (name: string): readonly string[] =>
  name.split('.').map((_, index, labels) => labels.slice(index).join('.'))
