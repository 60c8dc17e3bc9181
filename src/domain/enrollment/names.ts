import tr46 from 'tr46'

/** `reason` goes on from the name: `is empty`. */
export type CanonicalName =
  | { readonly ok: true; readonly name: string }
  | { readonly ok: false; readonly reason: string }

/** RFC 1035 section 2.3.4 counts 255 octets on the wire, which are 253 characters of text. */
const LONGEST_NAME = 253
const LONGEST_LABEL = 63
/** Of what is converted at all: mapping shortens a text a little, and the conversion of a very long one takes seconds. */
export const LONGEST_NAME_TEXT = 1_000

/** UTS #46, strict: what it refuses no CA signs, and what it maps (case, width, full stops) is one and the same name. */
const UTS46 = { checkBidi: true, checkHyphens: true, checkJoiners: true, useSTD3ASCIIRules: true } as const

const refused = (reason: string): CanonicalName => ({ ok: false, reason })

/**
 * A DNS name in the one form in which names are compared: A-labels (RFC 5890), lower case, no trailing dot; a wildcard keeps its
 * `*.` (RFC 6125 section 6.4.3). Refuses whatever cannot stand in a certificate as a dNSName (BR section 7.1.4.2).
 */
export function canonicalName(text: string): CanonicalName {
  const wildcard = text.startsWith('*.')
  const rest = wildcard ? text.slice(2) : text
  const shape = shapeProblem(rest)
  if (shape !== null) return refused(shape)
  const ascii = tr46.toASCII(rest, UTS46)
  if (ascii === null) return refused('is not a valid (internationalized) DNS name')
  const base = ascii.endsWith('.') ? ascii.slice(0, -1) : ascii
  const problem = baseProblem(base, wildcard)
  return problem === null ? { ok: true, name: wildcard ? `*.${base}` : base } : refused(problem)
}

export const isWildcard = (name: string): boolean => name.startsWith('*.')

/** The wildcard that covers a canonical name; null for a wildcard and where it would stand over a top-level domain. */
export function wildcardOf(name: string): string | null {
  const parent = name.slice(name.indexOf('.') + 1)
  return isWildcard(name) || !parent.includes('.') ? null : `*.${parent}`
}

/** Whether a certificate for `pattern` is good for `name`, both canonical. RFC 6125 section 6.4.3: one label, never more. */
export const covers = (pattern: string, name: string): boolean =>
  pattern === name || pattern === wildcardOf(name)

/**
 * Names that the service itself answers to, and `localhost` with all below it (RFC 6761 section 6.3): a tenant's certificate for one
 * of them would be a certificate for the API. Also a wildcard that reaches over one. `apiNames` may hold addresses, which no
 * DNS name meets.
 */
export function isServiceName(name: string, apiNames: readonly string[]): boolean {
  if (name === 'localhost' || name.endsWith('.localhost')) return true
  return apiNames.some((apiName) => covers(name, apiName.toLowerCase()))
}

/** Said before the conversion, in the caller's own characters, where that makes the reason clearer. */
function shapeProblem(text: string): string | null {
  if (text.length === 0) return 'is empty'
  if (text.length > LONGEST_NAME_TEXT) return `is longer than ${LONGEST_NAME} characters`
  if (text.includes('*')) return 'has a wildcard that is not the whole leftmost label, as in *.example.com'
  if (text.includes('_')) return 'has an underscore, which no certificate may name'
  if (/[:/@\s]/u.test(text)) return 'must be a bare DNS name, without scheme, port, path or spaces'
  return null
}

function baseProblem(base: string, wildcard: boolean): string | null {
  const labels = base.split('.')
  const top = labels.at(-1) ?? ''
  if (labels.some((label) => label.length === 0)) return 'has an empty label'
  if (labels.some((label) => label.length > LONGEST_LABEL))
    return `has a label longer than ${LONGEST_LABEL} characters`
  if (base.length + (wildcard ? 2 : 0) > LONGEST_NAME) return `is longer than ${LONGEST_NAME} characters`
  if (!labels.every(isHostLabel)) return 'has a label of other than letters, digits and inner hyphens'
  if (/^\d+$/.test(top)) return 'is an IP address or ends in a number'
  if (labels.length < 2) {
    return wildcard ? 'is a wildcard with fewer than two labels behind it' : 'has fewer than two labels'
  }
  return null
}

/** LDH, RFC 5890 section 2.3.1. */
const isHostLabel = (label: string): boolean => /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(label)
