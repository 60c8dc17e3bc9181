import { X509Certificate } from 'node:crypto'
import type { CertificateFacts } from '../domain/certificate/certificate.ts'
import type { Instant } from '../domain/time.ts'
import type { CertificateReader } from '../ports/certificate-reader.ts'
import { type CertificateStructure, structureOf } from './certificate-structure.ts'
import { fingerprintOf } from './public-key.ts'

/** A certificate with all that is known of it. */
export interface UploadLink {
  readonly der: Uint8Array
  readonly facts: CertificateFacts
  readonly certificate: X509Certificate
  readonly structure: CertificateStructure
  /** Signed with its own key: a root. One that a new key of the same authority signed is not (RFC 4210 section 4.4). */
  readonly isSelfSigned: boolean
}

export interface UploadPath {
  /** Places in the chain, the leaf's issuer first. */
  readonly path: readonly number[]
  readonly pathFault: string | null
  /** SHA-256 of the roots that it ends at, uploaded or known. */
  readonly roots: readonly string[]
}

export function uploadLink(der: Uint8Array, reader: CertificateReader): UploadLink {
  const facts = reader.read(der)
  const certificate = new X509Certificate(Buffer.from(der))
  const structure = structureOf(der)
  const isSelfSigned = facts.isSelfIssued && verifies(certificate, { certificate })
  return { der, facts, certificate, structure, isSelfSigned }
}

export interface PathSearch {
  readonly leaf: UploadLink
  readonly chain: readonly UploadLink[]
  readonly knownRoots: readonly Uint8Array[]
  readonly now: Instant
}

/** From the leaf upwards over what was uploaded, as far as signatures carry. Unlike `verifyChain` it says where a bad chain breaks, and passes over what does not belong. */
export function findUploadPath(search: PathSearch, reader: CertificateReader): UploadPath {
  const { path, wasForged } = climb(search)
  const links = [search.leaf, ...path.flatMap((place) => search.chain[place] ?? [])]
  const top = links.at(-1) as UploadLink
  const isComplete = links.length > 1 && top.isSelfSigned
  const known = [...links]
    .reverse()
    .flatMap((link) => search.knownRoots.filter((root) => rootSigns(root, link)))
  const ends = [...(isComplete ? [top.der] : []), ...known]
  const judged = ends[0] ?? (links.length > 1 ? top.der : null)
  return {
    path,
    pathFault: wasForged
      ? 'A certificate has the name of the issuer, and did not sign.'
      : faultOf(search, links, judged, reader),
    roots: [...new Set(ends.map(fingerprintOf))],
  }
}

interface Climb {
  readonly path: readonly number[]
  /** Above the path stands a certificate with the right name and the wrong key. */
  readonly wasForged: boolean
}

/** No certificate is taken twice, hence it ends. */
function climb({ leaf, chain, now }: PathSearch): Climb {
  const path: number[] = []
  const seen = new Set([leaf.facts.fingerprint])
  for (let below = leaf; !below.isSelfSigned; ) {
    const named = chain.flatMap((link, place) =>
      !seen.has(link.facts.fingerprint) && hasIssuerName(link.structure, below) ? [{ link, place }] : [],
    )
    const signers = named.filter(({ link }) => verifies(link.certificate, below))
    // Authorities are re-issued under one name and key: the one that is valid goes first.
    const chosen = signers.find(({ link }) => isValid(link, now)) ?? signers[0]
    if (chosen === undefined) return { path, wasForged: named.length > 0 }
    path.push(chosen.place)
    seen.add(chosen.link.facts.fingerprint)
    below = chosen.link
  }
  return { path, wasForged: false }
}

const isValid = ({ facts }: UploadLink, now: Instant): boolean =>
  facts.notBefore <= now && now < facts.notAfter

const hasIssuerName = (issuer: CertificateStructure, below: UploadLink): boolean =>
  issuer.subject.whole.equals(below.structure.issuer.whole)

function verifies(issuer: X509Certificate, below: Pick<UploadLink, 'certificate'>): boolean {
  try {
    return below.certificate.verify(issuer.publicKey)
  } catch {
    return false
  }
}

/** Cheap for the many roots that have another name. */
const rootSigns = (root: Uint8Array, link: UploadLink): boolean =>
  hasIssuerName(structureOf(root), link) && verifies(new X509Certificate(Buffer.from(root)), link)

/** Dates are told by rules of their own. */
function faultOf(
  { leaf, now }: PathSearch,
  [, ...above]: readonly UploadLink[],
  root: Uint8Array | null,
  reader: CertificateReader,
): string | null {
  if (root === null) return null
  const between = above.map(({ der }) => der)
  const verdict = reader.verifyChain(leaf.der, between, [root], now)
  const isTold = verdict.ok || verdict.code === 'expired' || verdict.code === 'not-yet-valid'
  return isTold ? null : verdict.detail
}
