import type { KeyAlgorithm } from '../domain/certificate/certificate.ts'
import type { EdgeCertificate } from '../ports/edge.ts'

const LABELS: Readonly<Record<KeyAlgorithm, string>> = { ECDSA: 'EC PRIVATE KEY', RSA: 'RSA PRIVATE KEY' }

/** SEC1 and PKCS#1 in their own PEM labels: OpenSSL 3 parses them three times faster than PKCS#8. A buffer, so that the caller can wipe it. */
export function privateKeyPem(certificate: Pick<EdgeCertificate, 'keyAlgorithm' | 'privateKey'>): Buffer {
  return Buffer.from(pemText(LABELS[certificate.keyAlgorithm], certificate.privateKey()), 'latin1')
}

/** RFC 7468 section 3: 64 characters a line, a newline at the end. */
export function pemText(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}
