import type { EnrollmentSettings, NetworkConfiguration } from '../enrollment/enrollment.ts'
import { comparableName, namesOutside, requestedNames, servedNames } from '../enrollment/served-names.ts'
import type { ChangeAction } from './vocabulary.ts'

export interface ClassifyOptions {
  /** `force-renewal`, or the automatic renewal. */
  readonly forceRenewal: boolean
  /** `allow-missing-certificate-addition`, and the dual-stacked enrollment does lack one of its two certificates. */
  readonly allowMissingCertificateAddition?: boolean
}

/**
 * What kind of change leads from `before` to `after`; null: none, nothing has to be issued or deployed. CPS API: Enrollments (spec:
 * behaviour C5). Contacts, organization and `changeManagement` alone are stored without a change.
 *
 * `before` are the settings behind what is live, null while nothing is: a PUT that replaces the first change of an enrollment must
 * still bring its first certificate, whatever it alters (the Terraform provider does that for mutual authentication).
 */
export function classify(
  before: EnrollmentSettings | null,
  after: EnrollmentSettings,
  options: ClassifyOptions,
): ChangeAction | null {
  if (before === null) return 'new-certificate'
  if (options.forceRenewal) return 'renewal'
  if (!sameSet(requestedNames(before), requestedNames(after))) return 'modify-san'
  if (!same(issuanceInputs(before), issuanceInputs(after))) return 'modify-certificate'
  if (options.allowMissingCertificateAddition === true && isDualStacked(after)) return 'modify-certificate'
  return same(networkInputs(before), networkInputs(after)) ? null : 'network-only'
}

/** JSON pointers of members that differ although they are fixed at creation (spec: behaviour G4). Empty: none. */
export function immutableDifferences(before: EnrollmentSettings, after: EnrollmentSettings): string[] {
  return IMMUTABLE.filter(([, value]) => !same(value(before), value(after))).map(([pointer]) => pointer)
}

const IMMUTABLE: readonly (readonly [pointer: string, value: (settings: EnrollmentSettings) => unknown])[] = [
  ['/validationType', (settings) => settings.validationType],
  ['/csr/cn', (settings) => comparableName(settings.csr.cn)],
  ['/networkConfiguration/secureNetwork', (settings) => settings.networkConfiguration.secureNetwork],
  ['/networkConfiguration/sniOnly', (settings) => settings.networkConfiguration.sniOnly],
]

const isDualStacked = (settings: EnrollmentSettings): boolean =>
  settings.validationType === 'third-party' && settings.enableMultiStackedCertificates

/** Everything besides the names that a certificate is made from. A renewal repeats all of it. */
const issuanceInputs = (settings: EnrollmentSettings): unknown => ({
  ...settings.csr,
  cn: null,
  sans: null,
  ra: settings.ra,
  validationType: settings.validationType,
  certificateType: settings.certificateType,
  certificateChainType: settings.certificateChainType,
  signatureAlgorithm: settings.signatureAlgorithm,
  enableMultiStackedCertificates: settings.enableMultiStackedCertificates,
  // A missing `thirdParty` means that SANs are included.
  excludeSans: settings.thirdParty?.excludeSans ?? false,
})

/** What the networks are told. The choice of names counts by what it chooses: GET shows it filled in, and that echo is no difference. Also by what it chose in vain, which is told as a finding. */
const networkInputs = (settings: EnrollmentSettings): unknown => {
  const network: NetworkConfiguration = settings.networkConfiguration
  return {
    ...network,
    disallowedTlsVersions: network.disallowedTlsVersions.toSorted(),
    dnsNameSettings: [...servedNames(settings), ...namesOutside(settings)].toSorted(),
  }
}

const sameSet = (one: readonly string[], other: readonly string[]): boolean =>
  same(one.toSorted(), other.toSorted())

/** Null, empty text, an empty list, an absent member and an object of nothing else are the same (spec: behaviour G6). */
const same = (one: unknown, other: unknown): boolean =>
  JSON.stringify(bare(one)) === JSON.stringify(bare(other))

/** Without whatever says nothing, members in order. */
export function bare(value: unknown): unknown {
  if (value === '' || value === null || value === undefined) return null
  if (typeof value !== 'object') return value
  if (Array.isArray(value)) return value.length === 0 ? null : value.map(bare)
  const members = Object.entries(value)
    .map(([name, member]) => [name, bare(member)] as const)
    .filter(([, member]) => member !== null)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
  return members.length === 0 ? null : Object.fromEntries(members)
}
