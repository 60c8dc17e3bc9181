import type { RevocationReason } from '../domain/certificate/revocation.ts'
import type { EnrollmentId } from '../domain/identifiers.ts'
import { Problem } from '../errors/problem.ts'
import type { Revocation } from '../ports/certificate-authority.ts'
import type { HistoricCertificate } from '../ports/histories.ts'
import type { Dependencies } from './dependencies.ts'
import { keyPairContext } from './key-pairs.ts'
import { addReport } from './reported-keys.ts'
import { requireEnrollment } from './read-enrollments.ts'
import type { AuthorityStandingView, Caller, RevokedView } from './views.ts'

export interface RevocationWish {
  readonly reason: RevocationReason
  /** Hex; null: the newest certificate. */
  readonly serialNumber: string | null
  readonly signedBy: 'account' | 'certificate'
}

/** Own API. What serves goes on serving: whoever revokes because of a key renews as well. */
export async function revokeCertificate(
  deps: Dependencies,
  caller: Caller,
  id: EnrollmentId,
  { reason, serialNumber, signedBy }: RevocationWish,
): Promise<RevokedView> {
  const enrollment = await requireEnrollment(deps.store, caller, id)
  const { validationType } = enrollment.settings
  if (validationType === 'third-party') {
    throw new Problem('validation-error', {
      detail: 'A third-party certificate is revoked by the certificate authority that issued it.',
    })
  }
  const certificates = await deps.store.read.histories.certificatesOf(id)
  const wanted = serialNumber === null ? certificates[0] : certificates.find(hasSerialNumber(serialNumber))
  if (wanted === undefined) throw new Problem('not-found')
  const { changeId, certificatePem } = wanted
  // First, and whatever the CA says then: the key is as bad as its owner says.
  if (reason === 'key-compromise') {
    const { publicKeyFingerprint } = deps.certificates.read(certificatePem)
    await addReport(deps, caller, publicKeyFingerprint, `revoked with ${wanted.serialNumber}`)
  }
  const certificateKey = signedBy === 'account' ? null : await keyOf(deps, wanted)
  await deps.authorityFor(validationType).revoke({ changeId, certificatePem, reason, certificateKey })
  await deps.store.read.certificates.noteRevoked(wanted.id, deps.clocks.lifecycle.now())
  return { serialNumber: wanted.serialNumber, reason }
}

/** Colons, case and leading zeros are a matter of taste. */
const plain = (serialNumber: string): string =>
  serialNumber.toLowerCase().replaceAll(':', '').replace(/^0+/, '')

const hasSerialNumber =
  (wanted: string) =>
  ({ serialNumber }: HistoricCertificate): boolean =>
    plain(serialNumber) === plain(wanted)

async function keyOf(
  { store, secrets }: Dependencies,
  { changeId, keyPairId }: HistoricCertificate,
): Promise<NonNullable<Revocation['certificateKey']>> {
  const pair = (await store.read.certificates.keyPairsOf(changeId)).find(({ id }) => id === keyPairId)
  if (pair === undefined || pair.sealedPrivateKey === null) {
    throw new Problem('validation-error', {
      errors: [{ field: '/signedBy', detail: 'the private key of this certificate is not here any more' }],
    })
  }
  return {
    algorithm: pair.keyAlgorithm,
    privateKey: secrets.open(pair.sealedPrivateKey, keyPairContext(pair)),
  }
}

/** Own API: the account's key at the CA is one of the installation, not of a tenant (`ofInstallation` in the act). */
export async function rollOverAuthorityKey(
  deps: Dependencies,
  name: string,
  force: boolean,
): Promise<AuthorityStandingView> {
  const standing = await deps.authorityFor('dv').rollOverKey?.(name, { force })
  if (standing === undefined || standing === null) throw new Problem('not-found')
  return standing
}

/** Own API: whether the CAs answer, and which of them asked to be left alone. The sandbox CA is always there. */
export async function listAuthorities({
  authorityFor,
}: Dependencies): Promise<readonly AuthorityStandingView[]> {
  return (await authorityFor('dv').standings?.()) ?? []
}
