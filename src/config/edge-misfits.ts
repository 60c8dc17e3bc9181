import { NETWORKS } from '../domain/network.ts'
import type { ConfigFinding } from './invalid-config.ts'
import type { SettingKey, SettingValues } from './settings.ts'

type NameOf = (key: SettingKey) => string

/** Settings that a kind of edge cannot be without. */
const EDGE_PARTS = {
  builtin: [],
  haproxy: ['EdgeAddress', 'EdgeCandidate', 'HaproxySocket'],
  directory: ['EdgeAddress', 'EdgeReload'],
} as const

/** What does not go together of what serves the networks. */
export function edgeMisfits(values: SettingValues, nameOf: NameOf): readonly ConfigFinding[] {
  const findings: ConfigFinding[] = []
  for (const network of NETWORKS) {
    const kind = values[`${network}Edge`]
    if (kind !== 'builtin' && values[`${network}Slots`] !== null)
      findings.push({
        name: nameOf(`${network}Slots`),
        detail: `only the built-in edge keeps such listeners, and ${network} is served by ${kind}`,
      })
    for (const part of EDGE_PARTS[kind]) {
      const key: SettingKey = `${network}${part}`
      if (values[key] === null)
        findings.push({ name: nameOf(key), detail: `missing: a ${kind} edge needs it` })
    }
  }
  return [...findings, ...sharedByBoth(values, nameOf)]
}

/** One server may serve both networks, with files and listeners of their own for each. */
function sharedByBoth(values: SettingValues, nameOf: NameOf): readonly ConfigFinding[] {
  if (NETWORKS.some((network) => values[`${network}Edge`] === 'builtin')) return []
  const findings: ConfigFinding[] = []
  if (values.stagingEdgeFolder === values.productionEdgeFolder)
    findings.push({
      name: nameOf('productionEdgeFolder'),
      detail: `the same folder as ${nameOf('stagingEdgeFolder')}: each network has files of its own`,
    })
  const used = new Map<string, SettingKey>()
  for (const key of LISTENERS)
    for (const { host, port } of [values[key] ?? []].flat()) {
      const address = `${host.includes(':') ? `[${host}]` : host}:${port}`
      const other = used.get(address)
      if (other !== undefined && other !== key)
        findings.push({ name: nameOf(key), detail: `the same address as ${nameOf(other)}, ${address}` })
      used.set(address, key)
    }
  return findings
}

const LISTENERS = [
  'stagingEdgeAddress',
  'stagingEdgeCandidate',
  'productionEdgeAddress',
  'productionEdgeCandidate',
] as const satisfies readonly SettingKey[]
