import type { EnrollmentFacts, EnrollmentRule } from './facts.ts'
import { isBlank } from './facts.ts'

/** spec: behaviour G6; the older versions' lenses fill in what their callers cannot say. */
const ALWAYS: readonly (readonly [string, (facts: EnrollmentFacts) => unknown])[] = [
  ['/ra', ({ body }) => body.ra],
  ['/validationType', ({ body }) => body.validationType],
  ['/certificateType', ({ body }) => body.certificateType],
  ['/changeManagement', ({ body }) => body.changeManagement],
  ['/enableMultiStackedCertificates', ({ body }) => body.enableMultiStackedCertificates],
  ['/csr', ({ body }) => body.csr],
  ['/networkConfiguration', ({ body }) => body.networkConfiguration],
]

const IN_NETWORK = ['geography', 'quicEnabled', 'secureNetwork', 'sniOnly'] as const

export const requiredMembers: EnrollmentRule = (facts) => {
  const { csr, networkConfiguration: network } = facts.body
  const missing = ALWAYS.filter(([, read]) => isBlank(read(facts))).map(([field]) => field)
  if (csr && isBlank(csr.cn)) missing.push('/csr/cn')
  if (network) {
    missing.push(
      ...IN_NETWORK.filter((member) => isBlank(network[member])).map(
        (member) => `/networkConfiguration/${member}`,
      ),
    )
    const names = network.dnsNameSettings
    if (names && isBlank(names.cloneDnsNames))
      missing.push('/networkConfiguration/dnsNameSettings/cloneDnsNames')
  }
  return missing.map((field) => ({ field, detail: 'is required' }))
}

/** A CA vets an organisation: it must be named, by its id or in full (spec: behaviour G6). */
export const vettedOrganization: EnrollmentRule = ({ body }) => {
  const vetted = body.validationType === 'ov' || body.validationType === 'ev'
  if (!vetted || !isBlank(body.orgId)) return []
  return (['org', 'adminContact', 'techContact'] as const)
    .filter((member) => Object.values(body[member] ?? {}).every(isBlank))
    .map((member) => ({
      field: `/${member}`,
      detail: 'is required for validation type ov and ev unless orgId is given',
    }))
}
