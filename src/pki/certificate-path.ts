import { X509Certificate } from 'node:crypto'
import { type Instant, instant, toWireTime } from '../domain/time.ts'
import { Problem } from '../errors/problem.ts'
import type { ChainVerdict } from '../ports/certificate-reader.ts'
import { type CertificateStructure, allowsUsage, pathLengthOf, structureOf } from './certificate-structure.ts'
import { KEY_USAGE } from './extensions.ts'
import { OID } from './object-identifiers.ts'

interface Link {
  readonly certificate: X509Certificate
  readonly structure: CertificateStructure
}

type Refusal = Extract<ChainVerdict, { ok: false }>

/** More than any real chain has. */
const MOST_INTERMEDIATES = 10
/** A chain of ten in the worst order needs 55. */
const MOST_STEPS = 200

/** Extensions that we process, or leave aside knowingly (policies and name constraints). Another critical one ends the path (RFC 5280 section 6.1.4 (o)). */
const KNOWN_EXTENSIONS: readonly string[] = [
  OID.basicConstraints,
  OID.keyUsage,
  OID.subjectAltName,
  OID.extendedKeyUsage,
  OID.certificatePolicies,
  OID.nameConstraints,
  OID.policyConstraints,
  OID.inhibitAnyPolicy,
  OID.crlDistributionPoints,
]

/**
 * From the leaf over every one of `intermediates`, in any order, to one of `roots`. A self-signed certificate among the intermediates
 * that is one of the roots is passed over: people paste whole chains. Throws `Problem('malformed-certificate')` for what is no certificate.
 */
export function verifyPath(
  leaf: Uint8Array,
  intermediates: readonly Uint8Array[],
  roots: readonly Uint8Array[],
  at: Instant,
): ChainVerdict {
  if (intermediates.length > MOST_INTERMEDIATES + 1) {
    return refusal('broken-chain', `A chain has at most ${MOST_INTERMEDIATES} intermediate certificates.`)
  }
  const isRoot = (der: Uint8Array): boolean => roots.some((root) => Buffer.compare(root, der) === 0)
  const between = distinct(intermediates.filter((der) => !isRoot(der))).map(linkOf)
  const ordered = orderedPath(linkOf(leaf), between)
  if ('ok' in ordered) return ordered
  const top = ordered.at(-1) as Link
  if (isRoot(top.certificate.raw)) return judge(ordered, at)
  // Roots are re-issued under one name and key: the one that fits the moment counts.
  const verdicts = roots
    .map(linkOf)
    .filter((root) => signs(root, top))
    .map((root) => judge([...ordered, root], at))
  const unknown = refusal('unknown-root', `No known root signed ${subjectOf(top)}.`)
  return verdicts.find(({ ok }) => ok) ?? verdicts[0] ?? unknown
}

const distinct = (certificates: readonly Uint8Array[]): readonly Uint8Array[] =>
  certificates.filter(
    (one, index) => certificates.findIndex((other) => Buffer.compare(one, other) === 0) === index,
  )

/** Leaf first; every intermediate has its place. */
function orderedPath(leaf: Link, intermediates: readonly Link[]): readonly Link[] | Refusal {
  const found = extend([leaf], intermediates, { steps: MOST_STEPS })
  if (found !== null) return found
  const all = [leaf, ...intermediates]
  const stranger = intermediates.find((link) => !all.some((other) => other !== link && signs(link, other)))
  return refusal(
    'broken-chain',
    stranger === undefined
      ? 'The intermediate certificates do not form one path upwards from the certificate.'
      : `${subjectOf(stranger)} signed none of the others.`,
  )
}

/** Depth first. The budget ends the search among many authorities of one name and key, which would have no end. */
function extend(
  path: readonly Link[],
  unused: readonly Link[],
  budget: { steps: number },
): readonly Link[] | null {
  if (unused.length === 0) return path
  const top = path.at(-1) as Link
  for (const candidate of unused) {
    if (budget.steps === 0) return null
    budget.steps -= 1
    if (!signs(candidate, top)) continue
    const rest = unused.filter((link) => link !== candidate)
    const found = extend([...path, candidate], rest, budget)
    if (found !== null) return found
  }
  return null
}

/** Whether names and signature fit. What the issuer may do is judged later, so that its refusal can say so. */
function signs(issuer: Link, subject: Link): boolean {
  if (!issuer.structure.subject.whole.equals(subject.structure.issuer.whole)) return false
  try {
    return subject.certificate.verify(issuer.certificate.publicKey)
  } catch {
    return false
  }
}

/** RFC 5280 section 6.1.3 and 6.1.4, from the leaf upwards. */
function judge(path: readonly Link[], at: Instant): ChainVerdict {
  for (const [height, link] of path.entries()) {
    const refused = dateRefusal(link, at) ?? extensionRefusal(link) ?? authorityRefusal(link, path, height)
    if (refused !== null) return refused
  }
  return { ok: true }
}

function dateRefusal(link: Link, at: Instant): Refusal | null {
  const notBefore = instant(Date.parse(link.certificate.validFrom))
  const notAfter = instant(Date.parse(link.certificate.validTo))
  if (at < notBefore)
    return refusal('not-yet-valid', `${subjectOf(link)} begins at ${toWireTime(notBefore)}.`)
  // The second of notAfter still counts (section 4.1.2.5).
  if (at >= notAfter + 1_000)
    return refusal('expired', `${subjectOf(link)} ended at ${toWireTime(notAfter)}.`)
  return null
}

function extensionRefusal(link: Link): Refusal | null {
  for (const [oid, { critical }] of link.structure.extensions) {
    if (critical && !KNOWN_EXTENSIONS.includes(oid)) {
      return refusal(
        'broken-chain',
        `${subjectOf(link)} has the critical extension ${oid}, which is not known here.`,
      )
    }
  }
  return null
}

function authorityRefusal(link: Link, path: readonly Link[], height: number): Refusal | null {
  if (height === 0) return null
  if (!link.certificate.ca || !allowsUsage(link.structure, KEY_USAGE.keyCertSign)) {
    return refusal('not-an-authority', `${subjectOf(link)} may not sign certificates.`)
  }
  // Self-issued ones do not count (section 6.1.4 (l)), and neither does the leaf.
  const below = path
    .slice(1, height)
    .filter(({ structure }) => !structure.subject.whole.equals(structure.issuer.whole))
  const limit = pathLengthOf(link.structure)
  if (limit !== null && below.length > limit) {
    return refusal(
      'not-an-authority',
      `${subjectOf(link)} allows ${limit} authorities below it, not ${below.length}.`,
    )
  }
  return null
}

function linkOf(der: Uint8Array): Link {
  try {
    return { certificate: new X509Certificate(Buffer.from(der)), structure: structureOf(der) }
  } catch (cause) {
    throw new Problem('malformed-certificate', {
      detail: 'The chain holds something that is not a certificate.',
      cause,
    })
  }
}

/** On one line, bounded: it comes from a stranger. */
const subjectOf = ({ certificate }: Link): string =>
  `"${(certificate.subject ?? '').replaceAll(/[^\x20-\x7e]+/g, ', ').slice(0, 200)}"`

const refusal = (code: Refusal['code'], detail: string): Refusal => ({ ok: false, code, detail })
