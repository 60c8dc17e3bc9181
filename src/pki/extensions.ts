import { createHash } from 'node:crypto'
import {
  boolean,
  explicit,
  implicit,
  integer,
  namedBits,
  objectIdentifier,
  octetString,
  sequence,
} from './der.ts'
import { childOf, onlyElement } from './der-reader.ts'
import { uriName, writeGeneralNames } from './general-names.ts'
import { OID } from './object-identifiers.ts'

/** RFC 5280 section 4.2.1.3: bit numbers. */
export const KEY_USAGE = { digitalSignature: 0, keyEncipherment: 2, keyCertSign: 5, cRLSign: 6 } as const
export type KeyUsage = keyof typeof KEY_USAGE

/** RFC 5280 section 4.1: `critical` is left out when false, since DER writes no defaults. */
export const extension = (oid: string, critical: boolean, value: Uint8Array): Buffer =>
  sequence(objectIdentifier(oid), ...(critical ? [boolean(true)] : []), octetString(value))

/** RFC 7093 section 2, method 1: the leftmost 160 bits of SHA-256 over the key's BIT STRING. */
export function keyIdentifierOf(publicKey: Uint8Array): Buffer {
  const bits = childOf(onlyElement(publicKey), 1).content.subarray(1)
  return createHash('sha256').update(bits).digest().subarray(0, 20)
}

export const subjectKeyIdentifier = (keyIdentifier: Uint8Array): Buffer =>
  extension(OID.subjectKeyIdentifier, false, octetString(keyIdentifier))

export const authorityKeyIdentifier = (keyIdentifier: Uint8Array): Buffer =>
  extension(OID.authorityKeyIdentifier, false, sequence(implicit(0, keyIdentifier)))

/** RFC 5280 section 4.2.1.9. A leaf's is an empty sequence: cA is false by default. */
export const basicConstraints = (isAuthority: boolean, pathLength: number | null): Buffer =>
  extension(
    OID.basicConstraints,
    true,
    sequence(
      ...(isAuthority ? [boolean(true)] : []),
      ...(isAuthority && pathLength !== null ? [integer(pathLength)] : []),
    ),
  )

export const keyUsage = (usages: readonly KeyUsage[]): Buffer =>
  extension(OID.keyUsage, true, namedBits(usages.map((usage) => KEY_USAGE[usage])))

export const extendedKeyUsage = (purposes: readonly string[]): Buffer =>
  extension(OID.extendedKeyUsage, false, sequence(...purposes.map(objectIdentifier)))

export const certificatePolicies = (policies: readonly string[]): Buffer =>
  extension(
    OID.certificatePolicies,
    false,
    sequence(...policies.map((policy) => sequence(objectIdentifier(policy)))),
  )

/** RFC 5280 section 4.2.1.6: critical when the subject is empty. */
export const subjectAltName = (
  dnsNames: readonly string[],
  ipAddresses: readonly string[],
  subjectIsEmpty: boolean,
): Buffer => extension(OID.subjectAltName, subjectIsEmpty, writeGeneralNames(dnsNames, ipAddresses))

/** RFC 5280 section 4.2.1.13: one point, by its full name. */
export const crlDistributionPoint = (uri: string): Buffer =>
  extension(OID.crlDistributionPoints, false, sequence(sequence(explicit(0, explicit(0, uriName(uri))))))

/** RFC 5280 section 4.2.2.1. */
export const issuerLocation = (uri: string): Buffer =>
  extension(
    OID.authorityInformationAccess,
    false,
    sequence(sequence(objectIdentifier(OID.caIssuers), uriName(uri))),
  )
