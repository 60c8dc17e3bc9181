import type { SigningRequestFacts } from '../domain/findings/third-party/upload-facts.ts'
import { Problem } from '../errors/problem.ts'
import { type Element, childOf, childrenOf, onlyElement, readObjectIdentifier } from './der-reader.ts'
import { readExtensions } from './certificate-structure.ts'
import { readDistinguishedName } from './distinguished-name.ts'
import { OID } from './object-identifiers.ts'
import { PemError, pemBlocks } from './pem.ts'
import { fingerprintOf } from './public-key.ts'

/** DNS names as they are written, letter case kept: `readGeneralNames` lowers them. */
export const writtenDnsNames = (names: Element): readonly string[] =>
  childrenOf(names)
    .filter(({ tag }) => tag === 0x82)
    .map(({ content }) => content.toString('latin1'))

/** RFC 2986 section 4.1: what a request of ours asks for. Throws `Problem('malformed-signing-request')`: it comes from the store, not from a caller. */
export function signingRequestFacts(pem: string): SigningRequestFacts {
  try {
    const [block] = pemBlocks(pem, 1)
    const [, subject, key, attributes] = childrenOf(childOf(onlyElement(block?.der ?? Buffer.alloc(0)), 0))
    if (subject === undefined || key === undefined) throw new RangeError('a request with too few members')
    return {
      subject: readDistinguishedName(subject),
      dnsNames: attributes === undefined ? [] : requestedDnsNames(attributes),
      publicKeyFingerprint: fingerprintOf(key.whole),
    }
  } catch (cause) {
    if (!(cause instanceof RangeError || cause instanceof PemError)) throw cause
    throw new Problem('malformed-signing-request', { detail: 'A stored request cannot be read.', cause })
  }
}

/** RFC 2985 section 5.4.2. */
function requestedDnsNames(attributes: Element): readonly string[] {
  return childrenOf(attributes)
    .filter((attribute) => readObjectIdentifier(childOf(attribute, 0).content) === OID.extensionRequest)
    .map((attribute) => readExtensions(childOf(childOf(attribute, 1), 0)).get(OID.subjectAltName))
    .flatMap((names) => (names === undefined ? [] : writtenDnsNames(onlyElement(names.value))))
}
