import type { KeyAlgorithm } from '../domain/certificate/certificate.ts'

/** DER, unsealed: lives only in memory, for as long as a step needs it. EC is SEC1, RSA is PKCS#1. */
export interface GeneratedKey {
  readonly algorithm: KeyAlgorithm
  readonly privateKey: Uint8Array
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array
}

export interface SigningRequestSubject {
  readonly cn: string | null
  readonly o?: string | null
  readonly ou?: string | null
  readonly l?: string | null
  readonly st?: string | null
  readonly c?: string | null
}

export interface KeyMaterial {
  /** ECDSA: P-256. RSA: 2048 bits, from a pool filled off the event loop when one is running. */
  generate(algorithm: KeyAlgorithm): Promise<GeneratedKey>
  /** PKCS#10 (RFC 2986) with a subjectAltName extension request when `dnsNames` is not empty. PEM. */
  createSigningRequest(
    key: Pick<GeneratedKey, 'algorithm' | 'privateKey'>,
    subject: SigningRequestSubject,
    dnsNames: readonly string[],
  ): Promise<string>
}
