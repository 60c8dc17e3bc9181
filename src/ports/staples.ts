import type { StapleAnswer } from '../domain/certificate/staple.ts'
import type { CertificateId } from '../domain/identifiers.ts'
import type { Instant } from '../domain/time.ts'

export interface CertificateToAsk {
  readonly id: CertificateId
  readonly certificatePem: string
  /** The issuer first. */
  readonly chainPem: string
  readonly ocspUris: readonly string[]
}

export interface KeptStaple extends StapleAnswer {
  /** DER of the OCSPResponse, as the responder sent it. */
  readonly response: Uint8Array
}

export interface DueStaple extends CertificateToAsk {
  /** In a row, before this time. */
  readonly failures: number
}

/** What OCSP responders said of certificates that are to be stapled. All times are of the real clock: answers are for clients of now. */
export interface Staples {
  /** Certificates that are served with stapling on, and were asked about before, whose responders are to be asked again at `at`. */
  due(at: Instant, limit: number): Promise<readonly DueStaple[]>
  /** Those of `ids` whose responder was never asked. */
  neverAsked(ids: readonly CertificateId[]): Promise<readonly CertificateId[]>
  keep(id: CertificateId, staple: KeptStaple, askAt: Instant): Promise<void>
  /** The former answer stays. */
  failed(id: CertificateId, failures: number, askAt: Instant): Promise<void>
  of(id: CertificateId): Promise<KeptStaple | null>
}

/** Throws where the responder cannot be reached, or its answer counts for nothing; the message names no secrets. */
export type AskResponder = (certificate: CertificateToAsk, signal: AbortSignal) => Promise<KeptStaple>
