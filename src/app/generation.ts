import type { NetworkConfiguration } from '../domain/enrollment/enrollment.ts'
import { Problem } from '../errors/problem.ts'
import type { EdgeCertificate, EdgeGeneration } from '../ports/edge.ts'
import type { Repositories } from '../ports/store.ts'
import type { CertificateWithKeyPair } from '../ports/certificates.ts'
import type { DeploymentRecord } from '../ports/deployments.ts'
import type { Secrets } from '../ports/secrets.ts'
import { keyPairContext } from './key-pairs.ts'

/** What an edge is given; `known` are certificates that the caller has read already. */
export async function generationOf(
  { secrets }: { readonly secrets: Secrets },
  read: Repositories,
  deployment: DeploymentRecord,
  known: readonly CertificateWithKeyPair[],
): Promise<EdgeGeneration> {
  const own = known.filter(({ certificate }) => deployment.certificateIds.includes(certificate.id))
  const knowsAll = own.length === deployment.certificateIds.length
  return edgeGeneration(
    secrets,
    deployment,
    knowsAll ? own : await read.certificates.withKeyPairs(deployment.certificateIds),
  )
}

/** The key stays sealed until a context is built with it. */
export function edgeGeneration(
  secrets: Secrets,
  deployment: DeploymentRecord,
  certificates: readonly CertificateWithKeyPair[],
): EdgeGeneration {
  return {
    id: deployment.id,
    network: deployment.network,
    accountId: deployment.accountId,
    enrollmentId: deployment.enrollmentId,
    changeId: deployment.changeId,
    servedNames: deployment.servedNames,
    certificates: certificates.map((each) => edgeCertificate(secrets, deployment.settings, each)),
    settings: deployment.settings,
  }
}

const edgeCertificate = (
  secrets: Secrets,
  { ocspStapling }: NetworkConfiguration,
  { certificate, keyPair }: CertificateWithKeyPair,
): EdgeCertificate => ({
  keyAlgorithm: certificate.keyAlgorithm,
  certificatePem: certificate.certificatePem,
  chainPem: certificate.chainPem,
  serialNumber: certificate.serialNumber,
  staple: ocspStapling === 'on' && certificate.ocspUris.length > 0 ? certificate.id : null,
  privateKey: opener(secrets, keyPair),
})

/** A function of its own, so that an edge keeps no more of the two records than it needs: it keeps ten thousand of them. */
function opener(
  secrets: Secrets,
  { id, accountId, sealedPrivateKey }: CertificateWithKeyPair['keyPair'],
): () => Uint8Array {
  return () => {
    if (sealedPrivateKey === null)
      throw new Problem('secret-unreadable', { detail: 'The private key was destroyed.' })
    return secrets.open(sealedPrivateKey, keyPairContext({ id, accountId }))
  }
}
