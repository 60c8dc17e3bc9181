import type { DeployedCertificateView, DeploymentView } from '../../app/views.ts'
import { toWireTime } from '../../domain/time.ts'
import { encodeMutual } from '../enrollment/v12.ts'
import type { JsonObject, JsonValue } from '../json.ts'

/**
 * CPS API: Deployment. What version 8 adds to 7 is not documented; `clientMutualAuthentication` and `fipsMode` are a proposal
 * (spec: api 5.7).
 */
export function encodeDeploymentV8(view: DeploymentView): JsonObject {
  const { settings } = view
  const certificates = [view.primary, ...view.multiStacked].filter((certificate) => certificate !== null)
  return {
    primaryCertificate: view.primary === null ? null : encodeCertificate(view.primary),
    multiStackedCertificates: view.multiStacked.map(encodeCertificate),
    ocspStapled: settings.ocspStapling === 'on',
    ocspUris: [...new Set(certificates.flatMap((certificate) => certificate.ocspUris))],
    networkConfiguration: {
      geography: settings.geography,
      secureNetwork: settings.secureNetwork,
      mustHaveCiphers: settings.mustHaveCiphers,
      preferredCiphers: settings.preferredCiphers,
      disallowedTlsVersions: settings.disallowedTlsVersions,
      dnsNames: settings.sniOnly ? view.servedNames : [],
      ocspStapling: settings.ocspStapling,
      quicEnabled: settings.quicEnabled,
      sniOnly: settings.sniOnly,
      clientMutualAuthentication: encodeMutual(settings.clientMutualAuthentication),
      fipsMode: settings.fipsMode,
    },
  }
}

/** PEM as it came: clients compare it as text. */
const encodeCertificate = (certificate: DeployedCertificateView): JsonValue => ({
  certificate: certificate.certificatePem,
  trustChain: certificate.chainPem,
  keyAlgorithm: certificate.keyAlgorithm,
  signatureAlgorithm: certificate.signatureAlgorithm,
  expiry: toWireTime(certificate.expiry),
})
