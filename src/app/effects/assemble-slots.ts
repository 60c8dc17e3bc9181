import { Problem } from '../../errors/problem.ts'
import { keyPairContext } from '../key-pairs.ts'
import { requireUnreported } from '../reported-keys.ts'
import type { Effect } from './outcome.ts'

/** The last look before anything is deployed: every certificate has its key, the key opens, and nobody has reported it (invariant 4). */
export const assembleSlots: Effect = async ({ deps, locked, change }) => {
  const certificates = await locked.read.certificates.withKeyPairsOf(change.id)
  if (certificates.length === 0)
    throw new Problem('internal-error', { detail: 'There is no certificate to deploy.' })
  await requireUnreported(
    deps,
    locked.read,
    certificates.map(({ keyPair }) => keyPair),
  )
  for (const { certificate, keyPair: pair } of certificates) {
    if (!pair.sealedPrivateKey)
      throw new Problem('secret-unreadable', { detail: 'The private key of the certificate is gone.' })
    deps.secrets.open(pair.sealedPrivateKey, keyPairContext(pair)).fill(0)
    const fingerprint = deps.certificates.read(certificate.certificatePem).publicKeyFingerprint
    if (fingerprint !== deps.certificates.signingRequestKeyFingerprint(pair.signingRequestPem)) {
      throw new Problem('internal-error', { detail: 'The certificate does not belong to its key.' })
    }
  }
  return { kind: 'event', event: 'slots-ready' }
}
