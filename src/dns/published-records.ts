import { isIPv4, isIPv6 } from 'node:net'
import type { PublishedNames } from '../ports/published-names.ts'
import {
  OWN_NAME_SERVER,
  type Lookup,
  type RecordSource,
  type ResourceRecord,
  startOfAuthority,
  textRecord,
  type Zone,
} from './record-source.ts'

export interface PublishedRecordsOptions {
  readonly names: PublishedNames
  /** IPv4 and IPv6 addresses of our edges: the A and AAAA records of every enrolled name. */
  readonly addresses: readonly string[]
  /** Short, since challenges come and go within seconds. */
  readonly ttlSeconds?: number
  readonly nameServer?: string
}

/** No enrolled name is deeper than the deepest names in ordinary use (ip6.arpa); beyond it a query only costs look-ups. */
const LABELS_LIMIT = 34

/**
 * Enrolled names as zones: the topmost enrolled name of a branch is an apex, and what is below it belongs to that zone.
 * A wildcard makes its base an apex too. An empty non-terminal between two enrolled names is answered as no such name:
 * PublishedNames cannot be asked for what lies below a name.
 */
export function createPublishedRecords(options: PublishedRecordsOptions): RecordSource {
  const { names, addresses, ttlSeconds = 5, nameServer = OWN_NAME_SERVER } = options
  const byType = { A: addresses.filter((it) => isIPv4(it)), AAAA: addresses.filter((it) => isIPv6(it)) }

  const zoneOf = (apex: string): Zone => ({
    apex,
    nameServer,
    mailbox: `hostmaster.${nameServer.split('.').slice(1).join('.') || nameServer}`,
    serial: 1,
    ttlSeconds,
  })

  const recordsAt = (name: string, type: string, zone: Zone, facts: NameFacts): readonly ResourceRecord[] => {
    if (type === 'TXT') return facts.texts.map((value) => textRecord(name, value, ttlSeconds))
    if ((type === 'A' || type === 'AAAA') && facts.hasAddress) {
      return byType[type].map((data) => ({ name, type, ttl: ttlSeconds, data }))
    }
    if (name !== zone.apex) return []
    if (type === 'SOA') return [startOfAuthority(zone)]
    return type === 'NS' ? [{ name, type, ttl: ttlSeconds, data: nameServer }] : []
  }

  return {
    async lookup(name: string, type: string): Promise<Lookup | null> {
      const candidates = candidatesFor(name)
      const enrolled = await names.enrolledAmong(
        candidates.flatMap((candidate) => [candidate, `*.${candidate}`]),
      )
      const apex = candidates.find((candidate) => enrolled.has(candidate) || enrolled.has(`*.${candidate}`))
      if (apex === undefined) return null
      const zone = zoneOf(apex)
      const facts: NameFacts = {
        texts: await names.textRecords(name),
        // `_acme-challenge` is no host, although a wildcard of the base covers it by its letters.
        hasAddress: !name.startsWith('_') && enrolled.has(name),
      }
      if (!facts.hasAddress && facts.texts.length === 0 && name !== apex) {
        return { outcome: 'no-such-name', zone }
      }
      const records = recordsAt(name, type, zone, facts)
      return records.length > 0 ? { outcome: 'records', zone, records } : { outcome: 'no-data', zone }
    },
  }
}

interface NameFacts {
  readonly texts: readonly string[]
  readonly hasAddress: boolean
}

/** The name and what is above it down to two labels, topmost first. */
function candidatesFor(name: string): readonly string[] {
  const labels = name.split('.')
  if (labels.length > LABELS_LIMIT) return []
  const shortest = Math.min(2, labels.length)
  return Array.from({ length: labels.length - shortest + 1 }, (_, index) =>
    labels.slice(-(shortest + index)).join('.'),
  )
}
