import { isIPv4, isIPv6 } from 'node:net'
import { isWithin } from '../domain/zones/owner-name.ts'
import { type Lookup, OWN_NAME_SERVER, type RecordSource, type ResourceRecord } from './record-source.ts'

/** Where customers' aliases lead whose names the original service's edges answer. */
const APEXES = ['edgekey.net', 'edgesuite.net', 'akamaized.net'] as const
const TTL_SECONDS = 20

/** In a sandbox the edges are ours: a name whose CNAME leads to an edge hostname reaches them, and http-01 along with it. `addresses`: IPv4 and IPv6. */
export function createEdgeHostNames({ addresses }: { readonly addresses: readonly string[] }): RecordSource {
  const byType: Readonly<Record<string, readonly string[]>> = {
    A: addresses.filter((it) => isIPv4(it)),
    AAAA: addresses.filter((it) => isIPv6(it)),
  }
  return {
    async lookup(name, type): Promise<Lookup | null> {
      const apex = APEXES.find((each) => isWithin(name, each))
      if (apex === undefined) return null
      const zone = {
        apex,
        nameServer: OWN_NAME_SERVER,
        mailbox: `hostmaster.${apex}`,
        serial: 1,
        ttlSeconds: TTL_SECONDS,
      }
      if (name === apex) return { outcome: 'no-data', zone }
      const records = (byType[type] ?? []).map(
        (data): ResourceRecord => ({ name, type: type as 'A' | 'AAAA', ttl: TTL_SECONDS, data }),
      )
      return records.length > 0 ? { outcome: 'records', zone, records } : { outcome: 'no-data', zone }
    },
  }
}
