import { Problem } from '../errors/problem.ts'
import type { EdgeCertificate, EdgeGeneration } from '../ports/edge.ts'
import type { CertificateRecord, DeploymentRecord, KeyPairRecord, Repositories } from '../ports/store.ts'
import type { Secrets } from '../ports/secrets.ts'
import { keyPairContext } from './key-pairs.ts'

/** What an edge is given. The key stays sealed until a context is built with it. */
export async function generationOf(
  { secrets }: { readonly secrets: Secrets },
  read: Repositories,
  deployment: DeploymentRecord,
): Promise<EdgeGeneration> {
  const certificates = await read.certificates.byIds(deployment.certificateIds)
  const pairs = await Promise.all(certificates.map((certificate) => read.certificates.keyPair(certificate.keyPairId)))
  return {
    id: deployment.id,
    network: deployment.network,
    accountId: deployment.accountId,
    enrollmentId: deployment.enrollmentId,
    changeId: deployment.changeId,
    servedNames: deployment.servedNames,
    certificates: certificates.map((certificate, index) => edgeCertificate(secrets, certificate, pairs[index] ?? null)),
    settings: deployment.settings,
  }
}

export const edgeCertificate = (
  secrets: Secrets,
  certificate: Omit<CertificateRecord, 'createdAt'> | CertificateRecord,
  pair: Pick<KeyPairRecord, 'id' | 'accountId' | 'sealedPrivateKey'> | null,
): EdgeCertificate => ({
  keyAlgorithm: certificate.keyAlgorithm,
  certificatePem: certificate.certificatePem,
  chainPem: certificate.chainPem,
  serialNumber: certificate.serialNumber,
  privateKey: () => {
    if (!pair?.sealedPrivateKey) throw new Problem('secret-unreadable', { detail: 'The private key was destroyed.' })
    return secrets.open(pair.sealedPrivateKey, keyPairContext(pair))
  },
})
