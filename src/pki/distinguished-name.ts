import type { DistinguishedName } from '../domain/certificate/certificate.ts'
import { Problem } from '../errors/problem.ts'
import type { SigningRequestSubject } from '../ports/key-material.ts'
import { objectIdentifier, printableString, sequence, set, utf8String } from './der.ts'
import { type Element, childOf, childrenOf, readObjectIdentifier, readText } from './der-reader.ts'
import { OID } from './object-identifiers.ts'

/** A subject with what EV adds (EV Guidelines section 7.1.4.2). */
export interface CertificateSubjectName extends SigningRequestSubject {
  readonly businessCategory?: string | null
  readonly serialNumber?: string | null
  readonly jurisdictionCountry?: string | null
  readonly jurisdictionState?: string | null
  readonly jurisdictionLocality?: string | null
}

interface Attribute {
  readonly member: keyof CertificateSubjectName
  readonly oid: string
  /** Characters; RFC 5280 appendix A.1, upper bounds. */
  readonly longest: number
  readonly write: (text: string) => Uint8Array
}

/** In the order in which they are written. */
const ATTRIBUTES: readonly Attribute[] = [
  { member: 'jurisdictionCountry', oid: OID.jurisdictionCountry, longest: 2, write: printableString },
  { member: 'jurisdictionState', oid: OID.jurisdictionStateOrProvince, longest: 128, write: utf8String },
  { member: 'jurisdictionLocality', oid: OID.jurisdictionLocality, longest: 128, write: utf8String },
  { member: 'businessCategory', oid: OID.businessCategory, longest: 128, write: utf8String },
  { member: 'serialNumber', oid: OID.serialNumber, longest: 64, write: printableString },
  { member: 'c', oid: OID.countryName, longest: 2, write: printableString },
  { member: 'st', oid: OID.stateOrProvinceName, longest: 128, write: utf8String },
  { member: 'l', oid: OID.localityName, longest: 128, write: utf8String },
  { member: 'o', oid: OID.organizationName, longest: 64, write: utf8String },
  { member: 'ou', oid: OID.organizationalUnitName, longest: 64, write: utf8String },
  { member: 'cn', oid: OID.commonName, longest: 64, write: utf8String },
]

/** A common name beyond 64 characters cannot stand in a certificate; the name itself still does, as a subjectAltName. */
export const commonNameThatFits = (name: string | null): string | null =>
  name !== null && [...name].length <= 64 ? name : null

/** Null, missing and empty members are left out. Throws `Problem('malformed-signing-request')` for one that is too long. */
export function writeDistinguishedName(subject: CertificateSubjectName): Buffer {
  return sequence(
    ...ATTRIBUTES.flatMap((attribute) => {
      const text = subject[attribute.member]
      return text ? [relativeName(attribute, text)] : []
    }),
  )
}

function relativeName({ member, oid, longest, write }: Attribute, text: string): Buffer {
  if ([...text].length > longest) {
    const detail = `The subject's ${member} is longer than ${longest} characters.`
    throw new Problem('malformed-signing-request', { detail })
  }
  return set(sequence(objectIdentifier(oid), write(text)))
}

const READ: Readonly<Record<string, keyof DistinguishedName>> = {
  [OID.commonName]: 'cn',
  [OID.organizationName]: 'o',
  [OID.organizationalUnitName]: 'ou',
  [OID.localityName]: 'l',
  [OID.stateOrProvinceName]: 'st',
  [OID.countryName]: 'c',
}

/** Of an attribute that occurs several times the last one counts, as it is the most specific (RFC 4514 section 2.1). */
export function readDistinguishedName(name: Element): DistinguishedName {
  const found = { cn: null, o: null, ou: null, l: null, st: null, c: null } as Record<
    keyof DistinguishedName,
    string | null
  >
  for (const typeAndValue of childrenOf(name).flatMap(childrenOf)) {
    const member = READ[readObjectIdentifier(childOf(typeAndValue, 0).content)]
    if (member !== undefined) found[member] = readText(childOf(typeAndValue, 1))
  }
  return found
}
