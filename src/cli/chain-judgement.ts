import type { X509Certificate } from 'node:crypto'
import { X509Certificate as Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { type Instant, instant, toWireTime } from '../domain/time.ts'

export interface JudgementQuestion {
  /** Leaf first. */
  readonly chain: readonly X509Certificate[]
  readonly roots: readonly X509Certificate[]
  /** A DNS name or an address. */
  readonly serverName: string
  /** The moment by which validity is judged. */
  readonly at: Instant
}

/** What is wrong with a presented chain, in words; empty: valid. RFC 5280 section 6.1 as far as names, time, issuers and signatures go. */
export function judgeChain(question: JudgementQuestion): readonly string[] {
  const [leaf] = question.chain
  if (leaf === undefined) return ['no certificate was presented']
  const path = pathOf(leaf, question.chain.slice(1), question.roots)
  const names = !covers(leaf, question.serverName) ? ['does not cover the name'] : []
  const timing = path.certificates.flatMap((certificate) => timeProblems(certificate, question.at))
  const trust = path.anchored ? [] : [`no root that is trusted here signed ${subjectOf(path.last)}`]
  return [...names, ...timing, ...trust]
}

const covers = (leaf: X509Certificate, name: string): boolean =>
  (isIP(name) === 0 ? leaf.checkHost(name) : leaf.checkIP(name)) !== undefined

/** The certificates from a PEM text, in its order. */
export const certificatesOf = (pem: string): readonly X509Certificate[] =>
  (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map(
    (block) => new Certificate(block),
  )

/** OpenSSL's text form, `Nov 22 03:45:00 2026 GMT`. */
export const notBefore = (certificate: X509Certificate): Instant => instant(Date.parse(certificate.validFrom))
export const notAfter = (certificate: X509Certificate): Instant => instant(Date.parse(certificate.validTo))

/** Common name when there is one, else the whole subject in one line. */
export function subjectOf(certificate: X509Certificate): string {
  const common = /^CN=(.*)$/m.exec(certificate.subject ?? '')?.[1]
  return common ?? ((certificate.subject ?? '').replaceAll('\n', ', ') || 'a certificate without subject')
}

export const issuerOf = (certificate: X509Certificate): string =>
  /^CN=(.*)$/m.exec(certificate.issuer)?.[1] ?? certificate.issuer.replaceAll('\n', ', ')

/** DNS names and addresses of the subject alternative names. */
export const namesIn = (certificate: X509Certificate): readonly string[] =>
  (certificate.subjectAltName ?? '')
    .split(', ')
    .map((entry) => entry.replace(/^(DNS|IP Address):/, ''))
    .filter((name) => name !== '')

interface Path {
  readonly certificates: readonly X509Certificate[]
  readonly last: X509Certificate
  readonly anchored: boolean
}

/** The certificates that lead from the leaf to a root of ours, the root included; null: they lead to none. */
export function certificationPath({
  chain: [leaf, ...others],
  roots,
}: Pick<JudgementQuestion, 'chain' | 'roots'>): readonly X509Certificate[] | null {
  const path = leaf === undefined ? null : pathOf(leaf, others, roots)
  return path?.anchored === true ? path.certificates : null
}

/** From the leaf up, by issuer and signature, until a root; the ring of a self-signed certificate ends it, too. */
function pathOf(
  leaf: X509Certificate,
  others: readonly X509Certificate[],
  roots: readonly X509Certificate[],
): Path {
  const certificates = [leaf]
  let last = leaf
  for (;;) {
    const current = last
    if (roots.some((root) => root.fingerprint256 === current.fingerprint256))
      return { certificates, last, anchored: true }
    const root = roots.find((candidate) => issued(candidate, current))
    if (root !== undefined) return { certificates: [...certificates, root], last, anchored: true }
    const next = others.find((candidate) => !certificates.includes(candidate) && issued(candidate, current))
    if (next === undefined) return { certificates, last, anchored: false }
    certificates.push(next)
    last = next
  }
}

const issued = (issuer: X509Certificate, subject: X509Certificate): boolean =>
  issuer.ca && subject.checkIssued(issuer) && subject.verify(issuer.publicKey)

function timeProblems(certificate: X509Certificate, at: Instant): readonly string[] {
  const who = subjectOf(certificate)
  if (at < notBefore(certificate)) return [`${who} is not valid before ${toWireTime(notBefore(certificate))}`]
  if (at > notAfter(certificate)) return [`${who} expired at ${toWireTime(notAfter(certificate))}`]
  return []
}
