import { longestValidityDays } from '../certificate/validity.ts'
import { DAY, type Instant, SECOND, toWireTime } from '../time.ts'
import { LONGEST_WARNED_DAYS } from './lifetime-limits.ts'
import type { UploadedCertificate } from './third-party/upload-facts.ts'

/** What the rules of structure look at besides the upload. */
export interface StructuralContext {
  /** SHA-256 of the roots to which the CA/Browser Forum's limits apply. */
  readonly publicRoots: ReadonlySet<string>
  /** Lifecycle clock. */
  readonly now: Instant
}

type StructuralRule = (upload: UploadedCertificate, context: StructuralContext) => string | null

/** No CA signs so many names; each that was not asked for becomes a finding that somebody has to read. */
const MOST_NAMES = 1_000

const RULES: readonly StructuralRule[] = [
  authority,
  algorithm,
  key,
  expired,
  notYetValid,
  beyondPublicLimit,
  tooManyNames,
]

/** Why an uploaded certificate cannot be used at all, in words for whoever sent it (spec: behaviour C6.3); empty when it can. */
export const structuralFaults = (
  upload: UploadedCertificate,
  context: StructuralContext,
): readonly string[] => RULES.map((rule) => rule(upload, context)).filter((fault) => fault !== null)

function authority({ leaf }: UploadedCertificate): string | null {
  return leaf.isAuthority
    ? 'This is the certificate of a certificate authority, not one for a server. Authorities belong into trustChain.'
    : null
}

function algorithm({ keyAlgorithm, leaf }: UploadedCertificate): string | null {
  return leaf.keyAlgorithm === keyAlgorithm
    ? null
    : `The certificate has a key of type ${leaf.keyAlgorithm}, and was sent as ${keyAlgorithm}.`
}

/** Of another type it is another key anyway; that is told once. */
function key({ keyAlgorithm, leaf, signingRequest }: UploadedCertificate): string | null {
  if (leaf.keyAlgorithm !== keyAlgorithm) return null
  return leaf.publicKeyFingerprint === signingRequest.publicKeyFingerprint
    ? null
    : `The certificate was not made from the ${keyAlgorithm} signing request of this change: its key is another one.`
}

function expired({ leaf }: UploadedCertificate, { now }: StructuralContext): string | null {
  return leaf.notAfter > now
    ? null
    : `The certificate expired at ${toWireTime(leaf.notAfter)}; it is ${toWireTime(now)} now.`
}

function notYetValid({ leaf }: UploadedCertificate, { now }: StructuralContext): string | null {
  return leaf.notBefore <= now
    ? null
    : `The certificate is not valid before ${toWireTime(leaf.notBefore)}; it is ${toWireTime(now)} now.`
}

/** BR section 6.3.2, both ends counted, by the day of issue. Beyond 397 days it is the catalogue's warning instead (spec: behaviour G2). */
function beyondPublicLimit(
  { leaf, roots }: UploadedCertificate,
  { publicRoots }: StructuralContext,
): string | null {
  const limit = longestValidityDays(leaf.notBefore)
  const life = leaf.notAfter - leaf.notBefore
  const between = life + SECOND > limit * DAY && life <= LONGEST_WARNED_DAYS * DAY
  if (!between || !roots.some((root) => publicRoots.has(root))) return null
  return `The certificate lives ${Math.ceil((life + SECOND) / DAY)} days. Under a public root at most ${limit} are allowed to one issued at ${toWireTime(leaf.notBefore)}.`
}

function tooManyNames({ leaf }: UploadedCertificate): string | null {
  return leaf.dnsNames.length > MOST_NAMES
    ? `The certificate has ${leaf.dnsNames.length} names, more than ${MOST_NAMES}.`
    : null
}
