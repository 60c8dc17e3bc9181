import { type Instant, toWireTime } from '../time.ts'

/** What decides whether a network may serve a certificate once more. */
export interface FormerCertificate {
  readonly serialNumber: string
  readonly notBefore: Instant
  readonly notAfter: Instant
  readonly isRevoked: boolean
  /** Somebody said that others may have its key. */
  readonly isKeyReported: boolean
  /** Its private key was destroyed. */
  readonly isKeyGone: boolean
}

interface Obstacle {
  readonly stands: (certificate: FormerCertificate, now: Instant) => boolean
  readonly text: (certificate: FormerCertificate) => string
}

const OBSTACLES: readonly Obstacle[] = [
  { stands: ({ isRevoked }) => isRevoked, text: () => 'was revoked' },
  { stands: ({ isKeyReported }) => isKeyReported, text: () => 'has a key that was reported as compromised' },
  { stands: ({ isKeyGone }) => isKeyGone, text: () => 'has no private key any more' },
  {
    stands: ({ notAfter }, now) => notAfter <= now,
    text: ({ notAfter }) => `expired at ${toWireTime(notAfter)}`,
  },
  {
    stands: ({ notBefore }, now) => notBefore > now,
    text: ({ notBefore }) => `is not valid before ${toWireTime(notBefore)}`,
  },
]

/**
 * Why a network may not go back to what these certificates make up, in words that follow "what was served before"; empty: it may. What clients refuse, or
 * what somebody else may serve too, is worse than the trouble that one would go back from.
 */
export const obstaclesToReturn = (
  certificates: readonly FormerCertificate[],
  now: Instant,
): readonly string[] =>
  certificates.flatMap((certificate) =>
    OBSTACLES.filter(({ stands }) => stands(certificate, now)).map(
      ({ text }) => `the certificate with serial ${certificate.serialNumber} ${text(certificate)}`,
    ),
  )

export const mayBeReturnedTo = (certificates: readonly FormerCertificate[], now: Instant): boolean =>
  obstaclesToReturn(certificates, now).length === 0
