import type { AccountId, ContractId, EnrollmentId } from '../identifiers.ts'
import type { Instant } from '../time.ts'

/** CPS API: Enrollment. The one internal model: what the newest wire version knows (spec/api.md 5.1, v12). */
export type RegistrationAuthority = 'lets-encrypt' | 'symantec' | 'third-party'
export type ValidationType = 'dv' | 'ov' | 'ev' | 'third-party'
export type CertificateType = 'san' | 'single' | 'wildcard' | 'wildcard-san' | 'third-party'

export interface CertificateSubject {
  /** As the caller wrote it; compared in canonical form (names.ts). */
  readonly cn: string
  readonly c: string | null
  readonly st: string | null
  readonly l: string | null
  readonly o: string | null
  readonly ou: string | null
  /** As the caller sent them, without the CN unless the caller listed it. */
  readonly sans: readonly string[]
  /** DV only. */
  readonly preferredTrustChain: string | null
}

export interface DnsNameSettings {
  readonly cloneDnsNames: boolean
  readonly dnsNames: readonly string[] | null
}

export interface ClientMutualAuthentication {
  readonly setId: string | null
  readonly authenticationOptions: {
    readonly sendCaListToClient: boolean
    readonly ocsp: { readonly enabled: boolean }
  } | null
}

export interface NetworkConfiguration {
  readonly geography: 'core' | 'china+core' | 'russia+core'
  readonly secureNetwork: 'enhanced-tls' | 'standard-tls'
  readonly mustHaveCiphers: string
  readonly preferredCiphers: string
  readonly disallowedTlsVersions: readonly string[]
  readonly sniOnly: boolean
  readonly dnsNameSettings: DnsNameSettings | null
  readonly quicEnabled: boolean
  readonly ocspStapling: 'on' | 'off' | 'not-set'
  readonly clientMutualAuthentication: ClientMutualAuthentication | null
  readonly fipsMode: boolean
}

export interface Organization {
  readonly name: string | null
  readonly addressLineOne: string | null
  readonly addressLineTwo: string | null
  readonly city: string | null
  readonly region: string | null
  readonly postalCode: string | null
  readonly country: string | null
  readonly phone: string | null
}

export interface Contact {
  readonly firstName: string | null
  readonly lastName: string | null
  readonly phone: string | null
  readonly email: string | null
  readonly title: string | null
  readonly organizationName: string | null
  readonly addressLineOne: string | null
  readonly addressLineTwo: string | null
  readonly city: string | null
  readonly region: string | null
  readonly postalCode: string | null
  readonly country: string | null
}

/** Every member that the caller owns. Read-only members are facts of our own and live in `Enrollment`. */
export interface EnrollmentSettings {
  readonly ra: RegistrationAuthority
  readonly validationType: ValidationType
  readonly certificateType: CertificateType
  readonly certificateChainType: 'default' | 'symantec1kroot'
  readonly signatureAlgorithm: 'SHA-1' | 'SHA-256' | null
  readonly changeManagement: boolean
  readonly enableMultiStackedCertificates: boolean
  readonly csr: CertificateSubject
  readonly networkConfiguration: NetworkConfiguration
  readonly org: Organization
  readonly orgId: number | null
  readonly adminContact: Contact
  readonly techContact: Contact
  readonly thirdParty: { readonly excludeSans: boolean } | null
}

export interface Enrollment {
  readonly id: EnrollmentId
  readonly accountId: AccountId
  readonly contractId: ContractId
  readonly settings: EnrollmentSettings
  readonly assignedSlots: readonly number[]
  readonly createdAt: Instant
  /** When the renewal begins (lifecycle clock); null until something is live in production. */
  readonly autoRenewalStartTime: Instant | null
  /** Compare-and-swap version. */
  readonly revision: number
}
