import { isWithin } from './owner-name.ts'
import { type RecordType, readRecordData } from './record-data.ts'

/** All records of one name and type; `data` as its keeper wrote it. */
export interface RecordSet {
  /** Canonical. */
  readonly name: string
  readonly type: RecordType
  readonly ttlSeconds: number
  /** Not empty. */
  readonly data: readonly string[]
}

/** What is wrong with a member of a record set, as a path below the set. */
export interface RecordSetFault {
  readonly path: string
  readonly detail: string
}

/** Of which a name has one record at most. */
const SINGLE: readonly RecordType[] = ['CNAME', 'SOA']

/** Everything that is wrong with a record set by itself, all at once. */
export function recordSetFaults(set: RecordSet, zone: string): readonly RecordSetFault[] {
  const readings = set.data.map((text) => readRecordData(set.type, text))
  const seen = readings.map((reading) => (reading.ok ? JSON.stringify(reading.record) : null))
  const ofData = readings.flatMap((reading, index) => {
    const path = `/rdata/${index}`
    if (!reading.ok) return [{ path, detail: reading.reason }]
    return seen.indexOf(seen[index] ?? null) < index ? [{ path, detail: 'is there twice' }] : []
  })
  const place = placeFault(set, zone)
  const many = SINGLE.includes(set.type) && set.data.length > 1
  return [
    ...(place === null ? [] : [{ path: '/name', detail: place }]),
    ...(many ? [{ path: '/rdata', detail: `must be one: a name has one ${set.type} at most` }] : []),
    ...ofData,
  ]
}

function placeFault({ name, type }: RecordSet, zone: string): string | null {
  if (!isWithin(name, zone)) return `is not in the zone ${zone}`
  // RFC 1912 section 2.4: the apex has its SOA and NS, beside which no CNAME can stand.
  if (type === 'CNAME' && name === zone) return 'is the apex of the zone, which cannot be a CNAME'
  if (type === 'SOA' && name !== zone) return 'must be the apex of the zone for an SOA'
  if (type === 'NS' && name.startsWith('*')) return 'cannot be a wildcard for NS (RFC 4592 section 4.2)'
  return null
}

/** A CNAME stands alone (RFC 1034 section 3.6.2): what is beside it among the types of one name; null: nothing, or there is none. */
export const typeBesideAlias = (types: readonly RecordType[]): RecordType | null =>
  types.includes('CNAME') ? (types.find((type) => type !== 'CNAME') ?? null) : null

const SERIAL_WORD = 2

/** An SOA with this serial; others as they are. The serial is the zone's, and goes up with every change of it. */
export const withSerial = (set: RecordSet, serial: number): RecordSet =>
  set.type === 'SOA'
    ? {
        ...set,
        data: set.data.map((text) => text.trim().split(/\s+/).with(SERIAL_WORD, String(serial)).join(' ')),
      }
    : set

const LARGEST_SERIAL = 0xffff_ffff

/** RFC 1982: after the largest serial comes the smallest one. A keeper who writes a larger one has it. */
export function nextSerial(serial: number, written: readonly RecordSet[]): number {
  const next = serial >= LARGEST_SERIAL ? 1 : serial + 1
  const soa = written.find(({ type }) => type === 'SOA')
  const reading = soa === undefined ? null : readRecordData('SOA', soa.data[0] ?? '')
  const wanted = reading?.ok === true && reading.record.type === 'SOA' ? reading.record.data.serial : 0
  return Math.max(next, wanted)
}

/** Seconds, as the original service and the Terraform provider make them. */
const FIRST = { ttl: 86_400, refresh: 14_400, retry: 7_200, expire: 604_800, minimum: 1_200 } as const

/** What a zone begins with. `nameServers`: canonical, not empty. */
export function firstRecordSets(zone: string, nameServers: readonly string[]): readonly RecordSet[] {
  const { ttl: ttlSeconds, refresh, retry, expire, minimum } = FIRST
  const soa = `${nameServers[0]}. hostmaster.${zone}. 1 ${refresh} ${retry} ${expire} ${minimum}`
  return [
    { name: zone, type: 'SOA', ttlSeconds, data: [soa] },
    { name: zone, type: 'NS', ttlSeconds, data: nameServers.map((name) => `${name}.`) },
  ]
}

/** Without these no zone is one. */
export const isIndispensable = ({ name, type }: Pick<RecordSet, 'name' | 'type'>, zone: string): boolean =>
  name === zone && (type === 'SOA' || type === 'NS')
