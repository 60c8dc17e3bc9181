import type { EnrollmentView } from '../../app/views.ts'
import type { ChangeAction } from '../../domain/change/vocabulary.ts'
import { canonicalName } from '../../domain/enrollment/names.ts'
import type {
  CertificateSubject,
  ClientMutualAuthentication,
  NetworkConfiguration,
} from '../../domain/enrollment/enrollment.ts'
import { toWireTime } from '../../domain/time.ts'
import type { JsonObject, JsonValue } from '../json.ts'
import { changeLocation, enrollmentLocation } from '../locations.ts'
import { NAME_LIMITS } from './limits.ts'

/** CPS API: Enrollment. The only version that knows the domain; every older one is a lens to its successor (lenses.ts). */
export function encodeV12(view: EnrollmentView): JsonObject {
  const { settings } = view
  return {
    id: view.id,
    location: enrollmentLocation(view.id),
    ra: settings.ra,
    validationType: settings.validationType,
    certificateType: settings.certificateType,
    certificateChainType: settings.certificateChainType,
    signatureAlgorithm: settings.signatureAlgorithm,
    changeManagement: settings.changeManagement,
    enableMultiStackedCertificates: settings.enableMultiStackedCertificates,
    autoRenewalStartTime: view.autoRenewalStartTime === null ? null : toWireTime(view.autoRenewalStartTime),
    ...NAME_LIMITS[settings.validationType],
    orgId: settings.orgId,
    assignedSlots: view.assignedSlots,
    productionSlots: view.productionSlots,
    stagingSlots: view.stagingSlots,
    csr: { ...settings.csr, sans: namesOf(settings.csr) },
    networkConfiguration: encodeNetwork(settings.networkConfiguration, settings.csr),
    org: { ...settings.org },
    adminContact: { ...settings.adminContact },
    techContact: { ...settings.techContact },
    thirdParty: settings.thirdParty === null ? null : { excludeSans: settings.thirdParty.excludeSans },
    pendingChanges: view.pendingChanges.map((pending) => ({
      location: changeLocation(view.id, pending.changeId),
      changeType: CHANGE_TYPES[pending.action],
    })),
  }
}

/** spec: behaviour C5 */
const CHANGE_TYPES: Readonly<Record<ChangeAction, string | null>> = {
  'new-certificate': 'new-certificate',
  'modify-san': 'modify-san',
  'modify-certificate': 'modify-certificate',
  renewal: 'renewal',
  'network-only': 'modify-certificate',
  removal: null,
}

/** Responses name the CN among the SANs (spec: behaviour G7); every name as the caller wrote it. */
export function namesOf(csr: CertificateSubject): readonly string[] {
  const cn = comparable(csr.cn)
  return csr.sans.some((name) => comparable(name) === cn) ? csr.sans : [csr.cn, ...csr.sans]
}

function comparable(name: string): string {
  const canonical = canonicalName(name)
  return canonical.ok ? canonical.name : name.toLowerCase()
}

function encodeNetwork(network: NetworkConfiguration, csr: CertificateSubject): JsonObject {
  const { dnsNameSettings } = network
  return {
    geography: network.geography,
    secureNetwork: network.secureNetwork,
    mustHaveCiphers: network.mustHaveCiphers,
    preferredCiphers: network.preferredCiphers,
    disallowedTlsVersions: network.disallowedTlsVersions,
    sniOnly: network.sniOnly,
    dnsNameSettings:
      dnsNameSettings === null
        ? null
        : {
            cloneDnsNames: dnsNameSettings.cloneDnsNames,
            dnsNames: dnsNameSettings.cloneDnsNames ? namesOf(csr) : dnsNameSettings.dnsNames,
          },
    quicEnabled: network.quicEnabled,
    ocspStapling: network.ocspStapling,
    clientMutualAuthentication: encodeMutual(network.clientMutualAuthentication),
    fipsMode: network.fipsMode,
  }
}

/** The Terraform provider dereferences both options (spec: api 7.4), so they are always said. */
export function encodeMutual(mutual: ClientMutualAuthentication | null): JsonValue {
  if (mutual === null) return null
  const options = mutual.authenticationOptions
  return {
    setId: mutual.setId,
    authenticationOptions: {
      sendCaListToClient: options?.sendCaListToClient ?? false,
      ocsp: { enabled: options?.ocsp.enabled ?? false },
    },
  }
}
