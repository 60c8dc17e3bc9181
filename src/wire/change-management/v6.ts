import type { ChangeManagementView, FindingView, PendingCertificateView } from '../../app/views.ts'
import type { WarningId } from '../../domain/findings/catalogue.ts'
import type { NetworkConfiguration } from '../../domain/enrollment/enrollment.ts'
import { toWireTime } from '../../domain/time.ts'
import { encodeMutual } from '../enrollment/v12.ts'
import type { JsonObject, JsonValue } from '../json.ts'
import { networkTypeOf } from '../network-type.ts'

/**
 * CPS API: ChangeManagementInfo. What version 6 adds to 5 is not documented; `clientMutualAuthentication` and `fipsMode` are a
 * proposal (spec: api 5.6).
 */
export function encodeV6(view: ChangeManagementView): JsonObject {
  return {
    acknowledgementDeadline:
      view.acknowledgementDeadline === null ? null : toWireTime(view.acknowledgementDeadline),
    validationResultHash: view.hash,
    pendingState: {
      pendingCertificates: view.pendingCertificates.map(encodeCertificate),
      pendingNetworkConfiguration: encodeNetwork(view.pendingSettings),
    },
    // The schemas let `errors` be null and `warnings` not.
    validationResult: {
      errors: view.errors.length === 0 ? null : view.errors.map(encodeFinding),
      warnings: encodeWarnings(view.warnings),
    },
  }
}

const encodeCertificate = (certificate: PendingCertificateView): JsonValue => ({
  certificateType: certificate.certificateType,
  fullCertificate: certificate.fullCertificatePem,
  keyAlgorithm: certificate.keyAlgorithm,
  signatureAlgorithm: certificate.signatureAlgorithm,
  ocspStapled: flag(certificate.ocspStapled),
  ocspUris: certificate.ocspUris,
})

function encodeNetwork(network: NetworkConfiguration): JsonObject {
  const { dnsNameSettings } = network
  return {
    networkType: networkTypeOf(network),
    mustHaveCiphers: network.mustHaveCiphers,
    preferredCiphers: network.preferredCiphers,
    disallowedTlsVersions: network.disallowedTlsVersions,
    dnsNameSettings: network.sniOnly
      ? { cloneDnsNames: dnsNameSettings?.cloneDnsNames ?? true, dnsNames: dnsNameSettings?.dnsNames ?? [] }
      : null,
    ocspStapling: network.ocspStapling,
    quicEnabled: flag(network.quicEnabled),
    sniOnly: flag(network.sniOnly),
    clientMutualAuthentication: encodeMutual(network.clientMutualAuthentication),
    fipsMode: network.fipsMode,
  }
}

/** Texts here and nowhere else: the Go SDK declares them so, whatever the schemas say (spec: api 5.6). */
const flag = (value: boolean): string => String(value)

/** In the API's own examples all names that are removed and still live are one entry, in brackets and without a code of their own. */
const LISTED: WarningId = 'CERTIFICATE_VS_NETWORK_SAN_REMOVED_FROM_CERT_LIVE_ON_NETWORK'

function encodeWarnings(warnings: readonly FindingView[]): readonly JsonValue[] {
  const listed = warnings.filter(({ id }) => id === LISTED).map(({ text }) => text)
  const others = warnings.filter(({ id }) => id !== LISTED).map(encodeFinding)
  return listed.length === 0
    ? others
    : [{ message: `[${listed.join(', ')}]`, messageCode: 'no-code' }, ...others]
}

const encodeFinding = (finding: FindingView): JsonValue => ({
  message: finding.text,
  messageCode: finding.id,
})
