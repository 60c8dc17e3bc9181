import { REVOCATION_REASONS, type RevocationReason } from '../domain/certificate/revocation.ts'
import { SECOND, type Instant } from '../domain/time.ts'
import { enumerated, explicit, integer, sequence, time } from './der.ts'
import { authorityKeyIdentifier, extension } from './extensions.ts'
import { type Issuer, signed } from './issue.ts'
import { OID } from './object-identifiers.ts'

export interface RevokedCertificate {
  /** Hex. */
  readonly serialNumber: string
  readonly at: Instant
  readonly reason: RevocationReason
}

export interface RevocationListRequest {
  readonly thisUpdate: Instant
  readonly nextUpdate: Instant
  readonly revoked: readonly RevokedCertificate[]
}

/** RFC 5280 section 5.1. The number is `thisUpdate` in seconds: it grows with every later list, also after a restart. DER. */
export function createRevocationList(request: RevocationListRequest, issuer: Issuer): Buffer {
  const extensions = sequence(
    authorityKeyIdentifier(issuer.keyIdentifier),
    extension(OID.crlNumber, false, integer(Math.floor(request.thisUpdate / SECOND))),
  )
  const unsigned = sequence(
    integer(1),
    issuer.signer.algorithmIdentifier,
    issuer.name,
    time(request.thisUpdate),
    time(request.nextUpdate),
    // Absent when empty (section 5.1.2.6).
    ...(request.revoked.length > 0 ? [sequence(...request.revoked.map(entry))] : []),
    explicit(0, extensions),
  )
  return signed(unsigned, issuer.signer)
}

function entry({ serialNumber, at, reason }: RevokedCertificate): Buffer {
  const { code } = REVOCATION_REASONS[reason]
  return sequence(
    integer(Buffer.from(serialNumber.padStart(serialNumber.length + (serialNumber.length % 2), '0'), 'hex')),
    time(at),
    ...(code === 0 ? [] : [sequence(extension(OID.reasonCode, false, enumerated(code)))]),
  )
}
