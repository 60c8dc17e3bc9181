import type { RevokedCertificate } from '../../pki/crl.ts'

/** What the sandbox CA has revoked. Durable when it resolves; a certificate is revoked once, the first reason and moment stay. */
export interface LocalRevocations {
  add(revoked: RevokedCertificate): Promise<void>
  all(): Promise<readonly RevokedCertificate[]>
}
