import { isIPv4, isIPv6 } from 'node:net'
import { delegatedName } from '../domain/validation/delegation.ts'
import type { PublishedNames } from '../ports/published-names.ts'
import {
  type Lookup,
  type RecordSource,
  type ResourceRecord,
  startOfAuthority,
  textRecord,
  type Zone,
} from './record-source.ts'

export interface NameServer {
  readonly name: string
  /** Of a server whose name lies in the zone itself: what the glue at its parent says. */
  readonly addresses: readonly string[]
}

export interface DelegatedZoneOptions {
  /** Canonical name of the apex, delegated to us by its parent. */
  readonly zone: string
  /** Not empty; the first one is the SOA's. */
  readonly nameServers: readonly NameServer[]
  readonly names: Pick<PublishedNames, 'textRecords' | 'enrolledAmong' | 'isAboveEnrolled'>
  /** Short, since challenges come and go within seconds. */
  readonly ttlSeconds?: number
}

const SERVERS_TTL_SECONDS = 3600

/**
 * The zone to which users alias `_acme-challenge` of their names: `www.example.com` stands at `www.example.com.ZONE`. Everything in it is read from the database at the
 * moment of the question, so that every process gives the same answer; there is nothing to transfer.
 */
export function createDelegatedZone(options: DelegatedZoneOptions): RecordSource {
  const { zone: apex, nameServers, names, ttlSeconds = 5 } = options
  const [first] = nameServers
  if (first === undefined) throw new Error('a zone needs a name server')
  const zone: Zone = {
    apex,
    nameServer: first.name,
    mailbox: `hostmaster.${apex}`,
    serial: 1,
    ttlSeconds,
  }
  const found = (records: readonly ResourceRecord[]): Lookup =>
    records.length > 0 ? { outcome: 'records', zone, records } : { outcome: 'no-data', zone }

  const challengesOf = async (name: string, domain: string, type: string): Promise<Lookup> => {
    const [texts, enrolled] = await Promise.all([
      names.textRecords(`_acme-challenge.${domain}`),
      names.enrolledAmong([domain]),
    ])
    if (texts.length > 0 || enrolled.has(domain))
      return found(type === 'TXT' ? texts.map((value) => textRecord(name, value, ttlSeconds)) : [])
    const exists = await names.isAboveEnrolled(domain)
    return { outcome: exists ? 'no-data' : 'no-such-name', zone }
  }

  return {
    async lookup(name, type) {
      if (name === apex) return found(atApex(zone, nameServers, type))
      const domain = delegatedName(name, apex)
      if (domain === null) return null
      const server = nameServers.find((one) => one.name === name)
      if (server !== undefined) return found(addressesOf(server, type))
      return challengesOf(name, domain, type)
    },
  }
}

function atApex(zone: Zone, nameServers: readonly NameServer[], type: string): readonly ResourceRecord[] {
  if (type === 'SOA') return [startOfAuthority(zone)]
  if (type !== 'NS') return []
  return nameServers.map(({ name: data }) => ({ name: zone.apex, type, ttl: SERVERS_TTL_SECONDS, data }))
}

function addressesOf({ name, addresses }: NameServer, type: string): readonly ResourceRecord[] {
  if (type !== 'A' && type !== 'AAAA') return []
  const fits = type === 'A' ? isIPv4 : isIPv6
  return addresses.filter((it) => fits(it)).map((data) => ({ name, type, ttl: SERVERS_TTL_SECONDS, data }))
}
