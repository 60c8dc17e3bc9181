import { Problem } from '../../errors/problem.ts'
import { pemBlocks } from '../../pki/pem.ts'
import { openPrivateKey } from '../../pki/private-key.ts'
import type { Revocation } from '../../ports/certificate-authority.ts'
import { type Desk, recordOf } from './desk.ts'
import { createJwsKey } from './jws.ts'
import { AcmeRefusal, sentenceOf } from './problem.ts'
import { revokeCertificate } from './revocation.ts'

/** RFC 8555 section 7.6, by the account that ordered it or by the certificate's own key. */
export async function revoke(revocation: Revocation, desk: Desk): Promise<void> {
  const { changeId, certificatePem, certificateKey, reason } = revocation
  const { deps } = desk
  const record = await recordOf(changeId, desk)
  const certificateDer = pemBlocks(certificatePem, 1)[0]?.der ?? new Uint8Array()
  const own =
    certificateKey === null ? null : { key: createJwsKey(openPrivateKey(certificateKey)), accountUrl: null }
  try {
    // A certificate that has to go is not held back by anything else that is open there.
    await desk.at(
      record,
      ({ server, signer }) =>
        revokeCertificate(server, own ?? signer, { certificateDer, reason }, deps.signal),
      { needsAccount: false },
    )
  } catch (error) {
    if (!(error instanceof AcmeRefusal)) throw error
    const detail = `The certificate authority does not revoke it: ${sentenceOf(error.problem)}`
    throw new Problem('authority-refused', { detail, cause: error })
  }
}
