import type { DnsNameSettings, EnrollmentSettings } from './enrollment.ts'
import { canonicalName } from './names.ts'

type Named = Pick<EnrollmentSettings, 'csr' | 'networkConfiguration'>

/** For comparing: canonical, or where there is no canonical form the text in lower case. Stored settings are always canonical. */
export function comparableName(text: string): string {
  const canonical = canonicalName(text)
  return canonical.ok ? canonical.name : text.trim().toLowerCase()
}

/** What the certificate is asked for: CN first, then the SANs in their order, canonical, each once. */
export const requestedNames = (settings: Pick<EnrollmentSettings, 'csr'>): readonly string[] =>
  distinct([settings.csr.cn, ...settings.csr.sans])

/**
 * What the networks answer to: the CN, and all SANs or the names the caller chose. An empty choice is no choice: the Terraform provider
 * sends `cloneDnsNames: false` with `dnsNames` = SANs without the CN, hence an empty list when there are no SANs.
 */
export function servedNames(settings: Named): readonly string[] {
  const chosen = chosenNames(settings.networkConfiguration.dnsNameSettings)
  return chosen === null ? requestedNames(settings) : distinct([settings.csr.cn, ...chosen])
}

/** Null: follow the certificate. */
function chosenNames(choice: DnsNameSettings | null): readonly string[] | null {
  if (choice === null || choice.cloneDnsNames || choice.dnsNames === null) return null
  return choice.dnsNames.length === 0 ? null : choice.dnsNames
}

const distinct = (names: readonly string[]): readonly string[] => [...new Set(names.map(comparableName))]
