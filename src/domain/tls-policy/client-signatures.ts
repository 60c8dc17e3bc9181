import type { KeyAlgorithm } from '../certificate/certificate.ts'

/** What a client offers that can verify only one kind of key, as OpenSSL writes it; RFC 8446 section 4.2.3. */
export const CLIENT_SIGNATURES: Readonly<Record<KeyAlgorithm, string>> = {
  ECDSA: 'ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512',
  RSA: 'RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:RSA+SHA256:RSA+SHA384:RSA+SHA512',
}
