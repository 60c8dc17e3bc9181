import { type Element, childOf, childrenOf, onlyElement, readObjectIdentifier } from './der-reader.ts'
import { OID } from './object-identifiers.ts'

/** A certificate's parts that node:crypto does not show. RFC 5280 section 4.1. */
export interface CertificateStructure {
  readonly issuer: Element
  readonly subject: Element
  readonly signatureAlgorithm: Element
  readonly extensions: ReadonlyMap<string, CertificateExtension>
}

export interface CertificateExtension {
  readonly critical: boolean
  readonly value: Buffer
}

const EXTENSIONS_TAG = 0xa3
const VERSION_TAG = 0xa0
const BOOLEAN_TAG = 0x01

/** Throws `RangeError` for what is not built as a certificate is. */
export function structureOf(der: Uint8Array): CertificateStructure {
  const certificate = onlyElement(der)
  const members = childrenOf(childOf(certificate, 0))
  // The version is left out of version 1 certificates; all that follows moves up.
  const first = members[0]?.tag === VERSION_TAG ? 1 : 0
  const member = (index: number): Element => {
    const found = members[first + index]
    if (found === undefined) throw new RangeError('a certificate with too few members')
    return found
  }
  const extensions = members.find(({ tag }) => tag === EXTENSIONS_TAG)
  return {
    issuer: member(2),
    subject: member(4),
    signatureAlgorithm: childOf(certificate, 1),
    extensions: extensions === undefined ? new Map() : readExtensions(childOf(extensions, 0)),
  }
}

/** RFC 5280 section 4.2: no extension stands twice. */
export function readExtensions(list: Element): Map<string, CertificateExtension> {
  const found = new Map<string, CertificateExtension>()
  for (const one of childrenOf(list)) {
    const [type, second, third] = childrenOf(one)
    const flag = second?.tag === BOOLEAN_TAG ? second : undefined
    const value = flag === undefined ? second : third
    if (type === undefined || value === undefined) throw new RangeError('an extension without a value')
    const oid = readObjectIdentifier(type.content)
    if (found.has(oid)) throw new RangeError(`extension ${oid} stands twice`)
    found.set(oid, { critical: flag?.content[0] === 0xff, value: value.content })
  }
  return found
}

/** RFC 5280 section 4.2.1.9; null when no limit is set. */
export function pathLengthOf({ extensions }: CertificateStructure): number | null {
  const constraints = extensions.get(OID.basicConstraints)
  if (constraints === undefined) return null
  const limit = childrenOf(onlyElement(constraints.value)).find(({ tag }) => tag === 0x02)
  return limit === undefined ? null : limit.content.readUIntBE(0, Math.min(limit.content.length, 6))
}

/** Whether this key usage bit is set; true when the extension is absent (RFC 5280 section 4.2.1.3). */
export function allowsUsage({ extensions }: CertificateStructure, bit: number): boolean {
  const usage = extensions.get(OID.keyUsage)
  if (usage === undefined) return true
  const octet = onlyElement(usage.value).content[1 + (bit >> 3)] ?? 0
  return (octet & (0x80 >> (bit & 7))) !== 0
}
