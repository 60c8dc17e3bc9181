import type { FormerCertificate } from '../domain/certificate/way-back.ts'
import type { CertificateId } from '../domain/identifiers.ts'
import type { Repositories } from '../ports/store.ts'
import type { Dependencies } from './dependencies.ts'
import { reportedAmong } from './reported-keys.ts'

/** What is known today of certificates that were served once. */
export async function formerCertificates(
  { certificates: reader }: Pick<Dependencies, 'certificates'>,
  read: Repositories,
  ids: readonly CertificateId[],
): Promise<readonly FormerCertificate[]> {
  const paired = await read.certificates.withKeyPairs(ids)
  const [first] = paired
  if (first === undefined) return []
  const pairs = paired.map(({ keyPair }) => keyPair)
  const [revoked, reported] = await Promise.all([
    read.certificates.revokedAmong(ids),
    reportedAmong({ certificates: reader }, read, first.keyPair.accountId, pairs),
  ])
  const reportedIds = new Set(reported.map(({ id }) => id))
  return paired.map(({ certificate, keyPair }) => ({
    serialNumber: certificate.serialNumber,
    notBefore: certificate.notBefore,
    notAfter: certificate.notAfter,
    isRevoked: revoked.has(certificate.id),
    isKeyReported: reportedIds.has(keyPair.id),
    isKeyGone: keyPair.sealedPrivateKey === null,
  }))
}
