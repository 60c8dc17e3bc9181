import { createHash, X509Certificate } from 'node:crypto'
import { structureOf } from './certificate-structure.ts'
import { integer, nothing, objectIdentifier, octetString, sequence } from './der.ts'
import { childrenOf, onlyElement } from './der-reader.ts'
import { OID } from './object-identifiers.ts'

/**
 * Which certificate is asked about. RFC 6960 section 4.1.1 (CertID), DER. SHA-1 names the issuer here and protects nothing: responders that answer from
 * files know no other (RFC 5019 section 2.1.1).
 */
export function certificateIdOf(certificate: Uint8Array, issuer: Uint8Array): Buffer {
  const { subject } = structureOf(issuer)
  const sha1 = (bytes: Uint8Array): Buffer => createHash('sha1').update(bytes).digest()
  return sequence(
    sequence(objectIdentifier(OID.sha1), nothing()),
    octetString(sha1(subject.whole)),
    octetString(sha1(subjectPublicKeyOf(issuer))),
    integer(Buffer.from(serialNumberOf(certificate), 'hex')),
  )
}

/** RFC 6960 section 4.1.1, without a nonce, so that the answer may come from anybody's cache. DER. */
export const createOcspRequest = (certificate: Uint8Array, issuer: Uint8Array): Buffer =>
  sequence(sequence(sequence(sequence(certificateIdOf(certificate, issuer)))))

/** The bits of the key, without tag, length and unused bits (RFC 6960 section 4.1.1). */
function subjectPublicKeyOf(certificate: Uint8Array): Buffer {
  const spki = new X509Certificate(certificate).publicKey.export({ format: 'der', type: 'spki' })
  const bits = childrenOf(onlyElement(spki))[1]
  if (bits === undefined) throw new RangeError('a key without bits')
  return bits.content.subarray(1)
}

function serialNumberOf(certificate: Uint8Array): string {
  const hex = new X509Certificate(certificate).serialNumber
  return hex.length % 2 === 0 ? hex : `0${hex}`
}
