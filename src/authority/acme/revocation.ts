import { Problem } from '../../errors/problem.ts'
import { REVOCATION_REASONS, type RevocationReason } from '../../domain/certificate/revocation.ts'
import { AcmeRefusal } from './problem.ts'
import type { AcmeServer, AcmeSigner } from './server.ts'

export interface Revocation {
  readonly certificateDer: Uint8Array
  readonly reason: RevocationReason
}

/**
 * RFC 8555 section 7.6: signed by the account, or by the certificate's own key (`accountUrl: null`), for when the account is lost.
 * A certificate that is revoked already is none the worse.
 */
export async function revokeCertificate(
  server: AcmeServer,
  signer: AcmeSigner,
  revocation: Revocation,
  signal: AbortSignal,
): Promise<void> {
  const { revokeCert } = await server.directory(signal)
  if (revokeCert === null)
    throw new Problem('authority-refused', { detail: 'The certificate authority offers no revocation.' })
  try {
    await server.post(signer, { url: revokeCert, payload: revocationPayload(revocation) }, signal)
  } catch (error) {
    if (!(error instanceof AcmeRefusal && error.problem.type === 'alreadyRevoked')) throw error
  }
}

export const revocationPayload = ({ certificateDer, reason }: Revocation) => ({
  certificate: Buffer.from(certificateDer).toString('base64url'),
  reason: REVOCATION_REASONS[reason].code,
})
