import type { EnrollmentId } from '../domain/identifiers.ts'
import type { KeyAlgorithm } from '../domain/certificate/certificate.ts'
import type { Enrollment, EnrollmentSettings } from '../domain/enrollment/enrollment.ts'
import type { CertificateRecord } from '../ports/certificates.ts'
import type { DeploymentRecord } from '../ports/deployments.ts'
import type { Dependencies } from './dependencies.ts'
import { requireEnrollment } from './read-enrollments.ts'
import type { Caller, DeployedCertificateView, DeploymentView } from './views.ts'

/** CPS API: Deployments. Null: nothing of this enrollment is deployed on that network. */
export async function getDeployments({ store }: Dependencies, caller: Caller, id: EnrollmentId) {
  const enrollment = await requireEnrollment(store, caller, id)
  const active = await store.read.deployments.active(id)
  const certificates = await store.read.certificates.byIds(
    active.flatMap((deployment) => deployment.certificateIds),
  )
  const view = (network: string): DeploymentView | null => {
    const deployment = active.find((candidate) => candidate.network === network)
    return deployment === undefined ? null : deploymentView(enrollment, deployment, certificates)
  }
  return { staging: view('staging'), production: view('production') }
}

export function deploymentView(
  { settings }: Pick<Enrollment, 'settings'>,
  deployment: DeploymentRecord,
  certificates: readonly CertificateRecord[],
): DeploymentView {
  const own = certificates.filter(({ id }) => deployment.certificateIds.includes(id))
  const { primary, multiStacked } = stacked(settings, own)
  return {
    network: deployment.network,
    primary: primary === null ? null : certificateView(primary),
    multiStacked: multiStacked.map(certificateView),
    settings: deployment.settings,
    servedNames: deployment.servedNames,
    certificateType: settings.certificateType,
    ra: settings.ra,
  }
}

/** Third-party: ECDSA is primary; CA-issued: RSA. A single one is primary whatever it is (spec: api 5.7). */
export function stacked<Certificate extends { readonly keyAlgorithm: KeyAlgorithm }>(
  { validationType }: Pick<EnrollmentSettings, 'validationType'>,
  certificates: readonly Certificate[],
): { readonly primary: Certificate | null; readonly multiStacked: readonly Certificate[] } {
  const first = validationType === 'third-party' ? 'ECDSA' : 'RSA'
  const primary = certificates.find(({ keyAlgorithm }) => keyAlgorithm === first) ?? certificates[0] ?? null
  return { primary, multiStacked: certificates.filter((certificate) => certificate !== primary) }
}

const certificateView = (certificate: CertificateRecord): DeployedCertificateView => ({
  certificatePem: certificate.certificatePem,
  chainPem: certificate.chainPem === '' ? null : certificate.chainPem,
  keyAlgorithm: certificate.keyAlgorithm,
  signatureAlgorithm: certificate.signatureHash === 'SHA-1' ? 'SHA-1' : 'SHA-256',
  expiry: certificate.notAfter,
  serialNumber: certificate.serialNumber,
  ocspUris: certificate.ocspUris,
})
