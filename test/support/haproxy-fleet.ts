import type { Network } from '../../src/domain/network.ts'
import type { CrashFlow } from './crash-flows.ts'
import type { CrashEdges } from './crash-rig.ts'
import { startHaproxy, type TestHaproxy } from './haproxy.ts'

/** A HAProxy for each network. */
export type HaproxyFleet = Readonly<Record<Network, TestHaproxy>>

export async function startFleet(placeholderPem: string, from?: HaproxyFleet): Promise<HaproxyFleet> {
  const start = (network: Network) =>
    startHaproxy({ placeholderPem, ...(from && { from: from[network].places }) })
  const [staging, production] = await Promise.all([start('staging'), start('production')])
  return { staging, production }
}

export const fleetMembers = ({ staging, production }: HaproxyFleet): readonly TestHaproxy[] => [
  staging,
  production,
]

export const closeFleet = async (fleet: HaproxyFleet): Promise<void> => {
  await Promise.all(fleetMembers(fleet).map((haproxy) => haproxy.close()))
}

/** Both networks are served by them. */
export const fleetEnvironment = (fleet: HaproxyFleet): Record<string, string> => ({
  ...environmentOf('STAGING', fleet.staging),
  ...environmentOf('PRODUCTION', fleet.production),
})

export const environmentOf = (prefix: string, { address, candidate, socketPath, folder }: TestHaproxy) => ({
  [`CERTRAIL_${prefix}_EDGE`]: 'haproxy',
  [`CERTRAIL_${prefix}_EDGE_ADDRESS`]: at(address),
  [`CERTRAIL_${prefix}_EDGE_CANDIDATE`]: at(candidate),
  [`CERTRAIL_${prefix}_EDGE_FOLDER`]: `${folder}/edge`,
  [`CERTRAIL_${prefix}_HAPROXY_SOCKET`]: socketPath,
})

export const at = ({ host, port }: { readonly host: string; readonly port: number }): string =>
  `${host}:${port}`

/** What is live in each kind of situation is made over a pair of HAProxies; each case begins with copies of their files, and `current` are its pair. */
export function createFleets(placeholderPem: () => string): CrashEdges & {
  current(): HaproxyFleet
  close(): Promise<void>
} {
  const origins = new Map<CrashFlow['live'], HaproxyFleet>()
  let current: HaproxyFleet | null = null
  return {
    async forOrigin(live) {
      const fleet = await startFleet(placeholderPem())
      origins.set(live, fleet)
      return fleetEnvironment(fleet)
    },
    async forCase(live) {
      current = await startFleet(placeholderPem(), origins.get(live))
      return fleetEnvironment(current)
    },
    current() {
      if (current === null) throw new Error('no case has begun')
      return current
    },
    async close() {
      await Promise.all([...origins.values()].map(closeFleet))
    },
  }
}
