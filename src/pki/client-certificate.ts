import { X509Certificate } from 'node:crypto'
import type { Instant } from '../domain/time.ts'
import { Problem } from '../errors/problem.ts'
import { verifyPath } from './certificate-path.ts'
import { allowsUsage, structureOf } from './certificate-structure.ts'
import { KEY_USAGE } from './extensions.ts'
import { OID } from './object-identifiers.ts'
import { signatureHashOf } from './signature-hash.ts'

const ANY_USAGE = '2.5.29.37.0'
const CLIENT_USAGE = '1.3.6.1.5.5.7.3.2'
const BROKEN_HASHES = ['MD5', 'SHA-1']

/**
 * Why a client's certificate, leaf first, does not lead to one of the authorities at this moment; null: it does. As OpenSSL judges a client (purpose sslclient, security
 * level 1), a notch stricter: whoever limits names by constraints, which are not processed here, is refused.
 */
export function clientCertificateFault(
  chain: readonly Uint8Array[],
  authorities: readonly Uint8Array[],
  at: Instant,
): string | null {
  const [leaf, ...intermediates] = chain
  if (leaf === undefined) return 'no certificate'
  try {
    const isAuthority = (der: Uint8Array) => authorities.some((other) => Buffer.compare(other, der) === 0)
    for (const der of chain) {
      const fault = isAuthority(der) ? null : linkFault(der, der === leaf)
      if (fault !== null) return fault
    }
    const constrained = authorities.some((der) => structureOf(der).extensions.has(OID.nameConstraints))
    if (constrained) return 'name constraints are not processed'
    const verdict = verifyPath(leaf, intermediates, authorities, at)
    return verdict.ok ? null : verdict.detail
  } catch (error) {
    if (error instanceof Problem || error instanceof RangeError) return 'not readable'
    throw error
  }
}

/** RFC 5280 section 4.2.1.12; an authority's usages hold for what is below it as well, as OpenSSL has it. */
function linkFault(der: Uint8Array, isLeaf: boolean): string | null {
  const certificate = new X509Certificate(Buffer.from(der))
  const structure = structureOf(der)
  const usages = certificate.keyUsage as readonly string[] | undefined
  if (usages !== undefined && !usages.some((usage) => usage === CLIENT_USAGE || usage === ANY_USAGE))
    return 'not meant for clients (extended key usage)'
  if (isLeaf && !allowsUsage(structure, KEY_USAGE.digitalSignature))
    return 'not meant for signatures (key usage)'
  if (structure.extensions.has(OID.nameConstraints)) return 'name constraints are not processed'
  return BROKEN_HASHES.includes(signatureHashOf(structure.signatureAlgorithm))
    ? 'a broken signature hash'
    : null
}
