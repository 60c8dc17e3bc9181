import { isWithin, nameAndAbove } from '../domain/zones/owner-name.ts'
import { type RecordData, readRecordData } from '../domain/zones/record-data.ts'
import { type RecordSet, withSerial } from '../domain/zones/record-set.ts'
import type { KeptZones, ZoneSlice } from '../ports/kept-zones.ts'
import type { Lookup, RecordSource, ResourceRecord, Zone } from './record-source.ts'

export interface KeptZonesOptions {
  readonly zones: KeptZones
  /** What is enrolled here and answers where the zone itself has nothing: addresses of our edges, published challenges. */
  readonly published: RecordSource
}

/** No name in ordinary use is deeper (ip6.arpa); beyond it a query only costs look-ups. */
const LABELS_LIMIT = 34

/**
 * Zones that accounts keep through the Edge DNS API, answered by RFC 1034 section 4.3.2: delegations, exact names, wildcards. Everything is read at the moment of the
 * question, so that every process gives the same answer. What the keeper wrote comes first; enrolled names fill in what he left out, and published challenge values stand beside his.
 */
export function createKeptZoneSource({ zones, published }: KeptZonesOptions): RecordSource {
  const setsFor = async (slice: ZoneSlice, name: string): Promise<readonly RecordSet[] | null> => {
    const own = slice.sets.filter((set) => set.name === name)
    return own.length > 0 ? own : synthesized(zones, slice.apex, name)
  }
  return {
    async lookup(name, type) {
      if (name.split('.').length > LABELS_LIMIT) return null
      const slice = await zones.sliceFor(name)
      if (slice === null) return null
      const zone = zoneOf(slice)
      const cut = delegationOf(slice, name, type)
      if (cut !== null) return { outcome: 'delegated', zone, servers: recordsOf(cut) }
      const sets = await setsFor(slice, name)
      return completed(answerFrom(sets, { zone, name, type, slice }), published, name, type)
    },
  }
}

interface Question {
  readonly zone: Zone
  readonly name: string
  readonly type: string
  readonly slice: ZoneSlice
}

function answerFrom(sets: readonly RecordSet[] | null, { zone, name, type, slice }: Question): Lookup {
  if (sets === null) return { outcome: 'no-such-name', zone }
  const found = sets.find((set) => set.type === type) ?? sets.find((set) => set.type === 'CNAME')
  if (found === undefined) return { outcome: 'no-data', zone }
  return { outcome: 'records', zone, records: recordsOf(withSerial({ ...found, name }, slice.serial)) }
}

/**
 * RFC 4592 section 3.3: a wildcard answers below the closest name that exists, and only for names that do not. An empty list: the name exists and has no records; null: there is none.
 */
async function synthesized(
  zones: KeptZones,
  apex: string,
  name: string,
): Promise<readonly RecordSet[] | null> {
  const inZone = nameAndAbove(name).filter((each) => isWithin(each, apex))
  const existing = await zones.existing(apex, inZone)
  const closest = inZone.find((each) => existing.has(each))
  if (closest === name) return []
  if (closest === undefined) return null
  const sets = await zones.setsAt(apex, `*.${closest}`)
  return sets.length > 0 ? sets : null
}

/** Topmost first. DS belongs to the side of the parent (RFC 4035 section 3.1.4.1). */
function delegationOf({ apex, sets }: ZoneSlice, name: string, type: string): RecordSet | null {
  const cuts = sets.filter(
    (set) => set.type === 'NS' && set.name !== apex && !(set.name === name && type === 'DS'),
  )
  return cuts.toSorted((one, other) => one.name.length - other.name.length)[0] ?? null
}

/** An address that the keeper wrote, of whichever family, is what he wants the name to have. */
async function completed(own: Lookup, published: RecordSource, name: string, type: string): Promise<Lookup> {
  if (!['TXT', 'A', 'AAAA'].includes(type) || own.outcome === 'delegated') return own
  const ownRecords = own.outcome === 'records' ? own.records : []
  if (ownRecords.some((record) => record.type !== 'TXT')) return own
  const other = await published.lookup(name, type)
  if (other?.outcome !== 'records')
    return own.outcome === 'no-such-name' && other?.outcome === 'no-data'
      ? { ...own, outcome: 'no-data' }
      : own
  return { outcome: 'records', zone: own.zone, records: [...ownRecords, ...other.records] }
}

const recordsOf = (set: RecordSet): readonly ResourceRecord[] =>
  set.data.flatMap((text) => {
    const reading = readRecordData(set.type, text)
    return reading.ok ? [asResourceRecord(set, reading.record)] : []
  })

function asResourceRecord({ name, ttlSeconds: ttl }: RecordSet, record: RecordData): ResourceRecord {
  if (record.type === 'TXT')
    return { name, ttl, type: 'TXT', data: record.data.map((octets) => Buffer.from(octets)) }
  return { name, ttl, ...record } as ResourceRecord
}

function zoneOf({ apex, serial, sets }: ZoneSlice): Zone {
  const soa = sets.find((set) => set.name === apex && set.type === 'SOA')
  const [record] = soa === undefined ? [] : recordsOf(withSerial(soa, serial))
  const data = record?.type === 'SOA' ? record.data : null
  return {
    apex,
    nameServer: data?.mname ?? apex,
    mailbox: data?.rname ?? `hostmaster.${apex}`,
    serial,
    // RFC 2308 section 5: the lesser of the two is how long a negative answer may be kept.
    ttlSeconds: Math.min(record?.ttl ?? 0, data?.minimum ?? 0),
    ...(data !== null && {
      timers: { refresh: data.refresh ?? 0, retry: data.retry ?? 0, expire: data.expire ?? 0 },
    }),
  }
}
