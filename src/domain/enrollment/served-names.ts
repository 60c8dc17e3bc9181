import type { DnsNameSettings, EnrollmentSettings } from './enrollment.ts'
import { canonicalName, covers } from './names.ts'

type Named = Pick<EnrollmentSettings, 'csr' | 'networkConfiguration'>

/** For comparing: canonical, or where there is no canonical form the text in lower case. Stored settings are always canonical. */
export function comparableName(text: string): string {
  const canonical = canonicalName(text)
  return canonical.ok ? canonical.name : text.trim().toLowerCase()
}

/** What the certificate is asked for: CN first, then the SANs in their order, canonical, each once. */
export const requestedNames = (settings: Pick<EnrollmentSettings, 'csr'>): readonly string[] =>
  distinct([settings.csr.cn, ...settings.csr.sans])

/** Whether a certificate for `patterns` is good for `name`, all canonical. */
export const isCovered = (name: string, patterns: readonly string[]): boolean =>
  patterns.some((pattern) => covers(pattern, name))

/**
 * What the networks answer to: the CN, and all SANs or the names the caller chose. An empty choice is no choice: the Terraform provider
 * sends `cloneDnsNames: false` with `dnsNames` = SANs without the CN, hence an empty list when there are no SANs. A chosen name that the certificate is not
 * for is left out: nobody could be answered by it, and it may belong to another account, since only what is asked for is claimed.
 */
export function servedNames(settings: Named): readonly string[] {
  const requested = requestedNames(settings)
  const chosen = chosenNames(settings.networkConfiguration.dnsNameSettings)
  if (chosen === null) return requested
  return distinct([settings.csr.cn, ...chosen]).filter((name) => isCovered(name, requested))
}

/** Names the caller chose that are left out. */
export function namesOutside(settings: Named): readonly string[] {
  const requested = requestedNames(settings)
  const chosen = chosenNames(settings.networkConfiguration.dnsNameSettings) ?? []
  return distinct(chosen).filter((name) => !isCovered(name, requested))
}

/** Null: follow the certificate. */
function chosenNames(choice: DnsNameSettings | null): readonly string[] | null {
  if (choice === null || choice.cloneDnsNames || choice.dnsNames === null) return null
  return choice.dnsNames.length === 0 ? null : choice.dnsNames
}

const distinct = (names: readonly string[]): readonly string[] => [...new Set(names.map(comparableName))]
