import type { Instant } from '../time.ts'
import type { CertificateFacts } from './certificate.ts'

export interface Asked {
  /** Canonical. */
  readonly dnsNames: readonly string[]
  /** SHA-256 of the SubjectPublicKeyInfo, lower-case hex. */
  readonly publicKeyFingerprint: string
  readonly now: Instant
}

/** In what a certificate differs from what was asked for; empty when it may be deployed (invariant 4). */
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
    facts.isAuthority ? 'it is a certificate of a certificate authority' : null,
  ].filter((difference) => difference !== null)
}
