import type {
  ClientMutualAuthentication,
  Contact,
  DnsNameSettings,
  EnrollmentSettings,
  NetworkConfiguration,
  Organization,
} from '../../domain/enrollment/enrollment.ts'
import type { ContactBody, EnrollmentBody, OrganizationBody } from './body.ts'

type NetworkBody = NonNullable<EnrollmentBody['networkConfiguration']>

const DEFAULT_CIPHERS = 'ak-akamai-default'

/** A body that the rules have passed → the domain's model, with the defaults of spec: behaviour G7. Texts stay as they were written. */
export function settingsOf(body: EnrollmentBody): EnrollmentSettings {
  const { csr, networkConfiguration: network } = body
  if (!body.ra || !body.validationType || !body.certificateType || !csr?.cn || !network)
    throw new Error('the rules let an incomplete enrollment pass')
  return {
    ra: body.ra,
    validationType: body.validationType,
    certificateType: body.certificateType,
    certificateChainType: body.certificateChainType || 'default',
    signatureAlgorithm: body.signatureAlgorithm || (body.validationType === 'third-party' ? null : 'SHA-256'),
    changeManagement: body.changeManagement ?? false,
    enableMultiStackedCertificates: body.enableMultiStackedCertificates ?? false,
    csr: {
      cn: csr.cn,
      c: csr.c ?? null,
      st: csr.st ?? null,
      l: csr.l ?? null,
      o: csr.o ?? null,
      ou: csr.ou ?? null,
      sans: csr.sans ?? [],
      preferredTrustChain: csr.preferredTrustChain ?? null,
    },
    networkConfiguration: networkOf(network),
    org: organizationOf(body.org),
    orgId: orgIdOf(body.orgId),
    adminContact: contactOf(body.adminContact),
    techContact: contactOf(body.techContact),
    thirdParty:
      body.validationType === 'third-party' ? { excludeSans: body.thirdParty?.excludeSans ?? false } : null,
  }
}

function networkOf(network: NetworkBody): NetworkConfiguration {
  if (!network.geography || !network.secureNetwork)
    throw new Error('the rules let an incomplete network pass')
  return {
    geography: network.geography,
    secureNetwork: network.secureNetwork,
    mustHaveCiphers: network.mustHaveCiphers || DEFAULT_CIPHERS,
    preferredCiphers: network.preferredCiphers || DEFAULT_CIPHERS,
    disallowedTlsVersions: network.disallowedTlsVersions ?? [],
    sniOnly: network.sniOnly ?? false,
    dnsNameSettings: network.sniOnly === true ? dnsNameSettingsOf(network.dnsNameSettings) : null,
    quicEnabled: network.quicEnabled ?? false,
    ocspStapling: network.ocspStapling || 'on',
    clientMutualAuthentication: mutualOf(network.clientMutualAuthentication),
    fipsMode: network.fipsMode ?? false,
  }
}

const dnsNameSettingsOf = (names: NetworkBody['dnsNameSettings']): DnsNameSettings =>
  names
    ? { cloneDnsNames: names.cloneDnsNames ?? true, dnsNames: names.dnsNames ?? null }
    : { cloneDnsNames: true, dnsNames: null }

/** Options are filled in as answers show them, so that what was fetched and is put back is no difference. */
function mutualOf(mutual: NetworkBody['clientMutualAuthentication']): ClientMutualAuthentication | null {
  if (!mutual) return null
  const options = mutual.authenticationOptions
  return {
    setId: mutual.setId ?? null,
    authenticationOptions: {
      sendCaListToClient: options?.sendCaListToClient ?? false,
      ocsp: { enabled: options?.ocsp?.enabled ?? false },
    },
  }
}

const orgIdOf = (orgId: EnrollmentBody['orgId']): number | null =>
  orgId === null || orgId === undefined || orgId === '' ? null : Number(orgId)

const organizationOf = (org: OrganizationBody): Organization => ({
  name: org?.name ?? null,
  addressLineOne: org?.addressLineOne ?? null,
  addressLineTwo: org?.addressLineTwo ?? null,
  city: org?.city ?? null,
  region: org?.region ?? null,
  postalCode: org?.postalCode ?? null,
  country: org?.country ?? null,
  phone: org?.phone ?? null,
})

const contactOf = (contact: ContactBody): Contact => ({
  firstName: contact?.firstName ?? null,
  lastName: contact?.lastName ?? null,
  phone: contact?.phone ?? null,
  email: contact?.email ?? null,
  title: contact?.title ?? null,
  organizationName: contact?.organizationName ?? null,
  addressLineOne: contact?.addressLineOne ?? null,
  addressLineTwo: contact?.addressLineTwo ?? null,
  city: contact?.city ?? null,
  region: contact?.region ?? null,
  postalCode: contact?.postalCode ?? null,
  country: contact?.country ?? null,
})
