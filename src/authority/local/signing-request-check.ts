import { weaknessOf } from '../../pki/public-key.ts'
import type { SigningRequestFacts } from '../../pki/signing-request-reader.ts'

/** Why the CA will not sign this request for these identifiers (RFC 8555 section 7.4), or null. */
export function signingRequestRefusal(
  request: SigningRequestFacts,
  identifiers: readonly string[],
): string | null {
  const weakness = weaknessOf(request.key)
  if (weakness !== null) return weakness
  if (request.otherNames > 0) return 'The signing request asks for names that are not DNS names.'
  const asked = new Set([...request.commonNames.map((name) => name.toLowerCase()), ...request.dnsNames])
  const surplus = [...asked].filter((name) => !identifiers.includes(name))
  const missing = identifiers.filter((name) => !asked.has(name))
  if (surplus.length === 0 && missing.length === 0) return null
  return `The signing request's names are not the order's: ${[...said('too many', surplus), ...said('missing', missing)].join('; ')}.`
}

const said = (what: string, names: readonly string[]): string[] =>
  names.length === 0 ? [] : [`${what}: ${names.slice(0, 5).join(', ')}${names.length > 5 ? ', …' : ''}`]
