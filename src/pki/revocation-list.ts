import { X509Certificate } from 'node:crypto'
import { REVOCATION_REASONS } from '../domain/certificate/revocation.ts'
import { type Instant, toWireTime } from '../domain/time.ts'
import {
  allowsUsage,
  type CertificateExtension,
  readExtensions,
  structureOf,
} from './certificate-structure.ts'
import { childOf, childrenOf, type Element, onlyElement, readTime } from './der-reader.ts'
import { KEY_USAGE } from './extensions.ts'
import { readGeneralNames } from './general-names.ts'
import { OID } from './object-identifiers.ts'
import { isSignedBy } from './signature.ts'

/** What a certificate names to be asked about it. */
export interface RevocationQuestion {
  /** DER. */
  readonly certificate: Uint8Array
  /** DER: who signed it, and has to have signed the list. */
  readonly issuer: Uint8Array
  /** Where the list was fetched. */
  readonly url: string
  readonly at: Instant
}

/** `unknown`: the list says nothing that counts, and why. */
export type RevocationVerdict =
  | { readonly status: 'good'; readonly nextUpdate: Instant | null }
  | { readonly status: 'revoked'; readonly at: Instant; readonly reason: string }
  | { readonly status: 'unknown'; readonly why: string }

const UTC_TIME = 0x17
const GENERALIZED_TIME = 0x18
const INTEGER = 0x02
const BIT_STRING = 0x03
const SEQUENCE = 0x30
const EXTENSIONS = 0xa0
/** For a clock that is a little slow. */
const SLACK_MS = 60_000

/** RFC 5280 section 6.3.3, of complete lists by the certificate's own issuer: no indirect lists, no deltas, none for some reasons alone. */
export function judgeByList(list: Uint8Array, question: RevocationQuestion): RevocationVerdict {
  try {
    return judge(partsOf(list), question)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return unknown(`what stands there is no revocation list that can be read (${error.message})`)
  }
}

/** URLs of complete lists by the certificate's own issuer (RFC 5280 section 4.2.1.13), in its order. Throws `RangeError`. */
export function distributionPointsOf(certificate: Uint8Array): readonly string[] {
  const found = structureOf(certificate).extensions.get(OID.crlDistributionPoints)
  if (found === undefined) return []
  return childrenOf(onlyElement(found.value)).flatMap((point) => {
    const [name, ...others] = childrenOf(point)
    if (name === undefined || name.tag !== EXTENSIONS || others.length > 0) return []
    return namesOf(name).filter((uri) => /^https?:\/\//i.test(uri))
  })
}

/** DistributionPointName: its full name, when it has one. */
function namesOf(pointName: Element): readonly string[] {
  const full = childrenOf(pointName)[0]
  return full?.tag === EXTENSIONS ? readGeneralNames(full).uris : []
}

interface ListParts {
  readonly whole: Buffer
  readonly issuer: Buffer
  readonly thisUpdate: Instant
  readonly nextUpdate: Instant | null
  readonly revoked: readonly Element[]
  readonly extensions: ReadonlyMap<string, CertificateExtension>
}

function partsOf(der: Uint8Array): ListParts {
  const list = onlyElement(der)
  const content = childOf(list, 0)
  const members = childrenOf(content)
  const at = members[0]?.tag === INTEGER ? 1 : 0
  const [algorithm, issuer, thisUpdate, next] = members.slice(at)
  if (algorithm === undefined || issuer === undefined || thisUpdate === undefined)
    throw new RangeError('too few members')
  requireFrame(list, childrenOf(list), algorithm)
  const nextUpdate = next !== undefined && isTime(next) ? next : null
  const rest = members.slice(at + (nextUpdate === null ? 3 : 4))
  const extensions = rest.find(({ tag }) => tag === EXTENSIONS)
  const revoked = rest.find(({ tag }) => tag === SEQUENCE)
  return {
    whole: list.whole,
    issuer: issuer.whole,
    thisUpdate: readTime(thisUpdate),
    nextUpdate: nextUpdate === null ? null : readTime(nextUpdate),
    revoked: revoked === undefined ? [] : childrenOf(revoked),
    extensions: extensions === undefined ? new Map() : readExtensions(childOf(extensions, 0)),
  }
}

/** RFC 5280 section 5.1.1: what is outside of the signature says nothing of its own. */
function requireFrame({ tag }: Element, frame: readonly Element[], algorithm: Element): void {
  const [content, outer, signature] = frame
  const isWhole =
    frame.length === 3 &&
    tag === SEQUENCE &&
    content?.tag === SEQUENCE &&
    signature?.tag === BIT_STRING &&
    signature.content[0] === 0
  if (!isWhole || outer?.whole.equals(algorithm.whole) !== true)
    throw new RangeError('a frame that signed structures do not have')
}

function judge(parts: ListParts, question: RevocationQuestion): RevocationVerdict {
  const why = whyNotBelieved(parts, question) ?? whyNotOfThis(parts.extensions, question)
  if (why !== null) return unknown(why)
  const serialNumber = serialNumberOf(question.certificate)
  const entry = parts.revoked.find((one) => childOf(one, 0).content.equals(serialNumber))
  if (entry === undefined) return { status: 'good', nextUpdate: parts.nextUpdate }
  const extensions = childrenOf(entry)[2]
  const known = extensions === undefined ? new Map() : readExtensions(extensions)
  const at = readTime(childOf(entry, 1))
  return { status: 'revoked', at, reason: reasonIn(known.get(OID.reasonCode)) }
}

function whyNotBelieved(parts: ListParts, { issuer, at }: RevocationQuestion): string | null {
  const structure = structureOf(issuer)
  if (!structure.subject.whole.equals(parts.issuer)) return 'the list is of another authority'
  if (!allowsUsage(structure, KEY_USAGE.cRLSign)) return 'the issuer may not sign revocation lists'
  if (!isSignedBy(parts.whole, new X509Certificate(issuer).publicKey))
    return "the list's signature does not hold"
  if (parts.thisUpdate > at + SLACK_MS) return `the list begins at ${toWireTime(parts.thisUpdate)}`
  if (parts.nextUpdate !== null && parts.nextUpdate < at)
    return `the list was to be replaced at ${toWireTime(parts.nextUpdate)}`
  return null
}

const UNDERSTOOD: readonly string[] = [OID.issuingDistributionPoint]

/** RFC 5280 section 5.2: a list with another critical extension may not be used to say that a certificate is good. */
function whyNotOfThis(extensions: ListParts['extensions'], question: RevocationQuestion): string | null {
  const strange = [...extensions].find(([oid, { critical }]) => critical && !UNDERSTOOD.includes(oid))
  if (strange !== undefined) return `the list has a critical extension that is not known here (${strange[0]})`
  const point = extensions.get(OID.issuingDistributionPoint)
  return point === undefined ? null : whyNotInPart(onlyElement(point.value), question)
}

/** Section 5.2.5: which part of the issuer's certificates the list has. */
const PARTS = { name: 0xa0, usersOnly: 0x81, authoritiesOnly: 0x82 } as const

function whyNotInPart(point: Element, { certificate, url }: RevocationQuestion): string | null {
  const isAuthority = new X509Certificate(certificate).ca
  for (const part of childrenOf(point)) {
    if (part.tag === PARTS.name) {
      const names = namesOf(part)
      const own = [...distributionPointsOf(certificate), url]
      if (!names.some((name) => own.includes(name))) return 'the list is of another distribution point'
    } else if (part.tag === PARTS.usersOnly) {
      if (isAuthority) return 'the list has no certificates of authorities'
    } else if (part.tag === PARTS.authoritiesOnly) {
      if (!isAuthority) return 'the list has certificates of authorities alone'
    } else return 'the list is one of a kind that is not known here'
  }
  return null
}

function serialNumberOf(certificate: Uint8Array): Buffer {
  const members = childrenOf(childOf(onlyElement(certificate), 0))
  const serial = members.find(({ tag }) => tag === INTEGER)
  if (serial === undefined) throw new RangeError('a certificate without a serial number')
  return serial.content
}

/** RFC 5280 section 5.3.1, by its number where it has no name of ours. */
function reasonIn(extension: CertificateExtension | undefined): string {
  if (extension === undefined) return 'unspecified'
  const code = onlyElement(extension.value).content[0]
  const found = Object.entries(REVOCATION_REASONS).find(([, reason]) => reason.code === code)
  return found?.[0] ?? `reason ${code}`
}

const isTime = ({ tag }: Element): boolean => tag === UTC_TIME || tag === GENERALIZED_TIME

const unknown = (why: string): RevocationVerdict => ({ status: 'unknown', why })
