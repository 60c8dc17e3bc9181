import type { Instant } from '../time.ts'
import type { CertificateFacts } from './certificate.ts'

export interface Asked {
  /** Canonical. */
  readonly dnsNames: readonly string[]
  /** SHA-256 of the SubjectPublicKeyInfo, lower-case hex. */
  readonly publicKeyFingerprint: string
  readonly now: Instant
}

/** RFC 5280 section 4.2.1.12: serverAuth, and any purpose. Without the extension nothing is ruled out. */
const SERVES: readonly string[] = ['1.3.6.1.5.5.7.3.1', '2.5.29.37.0']
/** BR section 7.1.3.2: no client takes them. */
const BROKEN_HASHES: readonly string[] = ['MD5', 'SHA-1']

/**
 * In what a certificate differs from what was asked for; empty when it may be deployed (invariant 4). Common name, clientAuth, keyEncipherment and the places of responders and lists are nothing that it needs.
 */
export function disagreements(facts: CertificateFacts, asked: Asked): readonly string[] {
  const found = new Set(facts.dnsNames)
  const wanted = new Set(asked.dnsNames)
  const missing = [...wanted].filter((name) => !found.has(name))
  const extra = [...found].filter((name) => !wanted.has(name))
  return [
    facts.publicKeyFingerprint === asked.publicKeyFingerprint
      ? null
      : 'its key is not the one of the signing request',
    missing.length === 0 ? null : `names are missing: ${missing.join(', ')}`,
    extra.length === 0 ? null : `names were added: ${extra.join(', ')}`,
    facts.notAfter > asked.now ? null : 'it has expired',
    facts.notBefore <= asked.now ? null : 'it is not valid yet',
    servesTls(facts) ? null : 'it is not for servers (serverAuth is missing)',
    BROKEN_HASHES.includes(facts.signatureHash) ? `it is signed with ${facts.signatureHash}` : null,
    facts.isAuthority ? 'it is a certificate of a certificate authority' : null,
  ].filter((difference) => difference !== null)
}

const servesTls = ({ extendedKeyUsages }: CertificateFacts): boolean =>
  extendedKeyUsages.length === 0 || extendedKeyUsages.some((usage) => SERVES.includes(usage))
