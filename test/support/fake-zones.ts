import type { Dependencies } from '../../src/app/dependencies.ts'
import { zoneUseCases } from '../../src/app/zones/zone-use-cases.ts'
import { accountId } from '../../src/domain/identifiers.ts'
import { instant } from '../../src/domain/time.ts'
import { createMemoryDnsZones } from './memory-dns-zones.ts'
import { NO_QUOTAS } from './no-quotas.ts'

/** The real use cases of zones, over a map. */
export function createFakeZones(contracts: Readonly<Record<string, readonly string[]>>) {
  const { zones } = createMemoryDnsZones()
  const accounts = {
    contractOwner: async (id: string) => {
      const owner = Object.entries(contracts).find(([, ids]) => ids.includes(id))
      return owner === undefined ? null : accountId(owner[0])
    },
  }
  const validations = { lookAgain: async () => [] }
  const repositories = { dnsZones: zones, accounts, validations }
  let version = 0
  const deps = {
    store: {
      read: repositories,
      transaction: <T>(work: (tx: typeof repositories) => Promise<T>) => work(repositories),
    },
    clocks: {
      real: { now: () => instant(1_795_000_000_000) },
      lifecycle: { now: () => instant(1_795_000_000_000) },
    },
    validationPolicy: { triggers: ['sight'] },
    random: { uuid: () => `uuid-${(version += 1)}` },
    serviceNames: ['localhost', 'api.certrail.example'],
    delegationZone: 'delegated.example',
    zoneNameServers: ['ns1.zones.example', 'ns2.zones.example'],
    adopts: false,
    quotas: NO_QUOTAS,
  }
  return zoneUseCases(deps as unknown as Dependencies)
}
