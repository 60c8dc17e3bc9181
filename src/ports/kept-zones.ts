import type { RecordSet } from '../domain/zones/record-set.ts'

/** What of a zone matters for one name. */
export interface ZoneSlice {
  readonly apex: string
  /** Of the SOA. */
  readonly serial: number
  /** The apex's SOA, all sets at the name, and the NS sets on the way down to it. */
  readonly sets: readonly RecordSet[]
}

/** The zones that accounts keep with us, as the responder reads them: at this moment, whoever keeps them. Names are canonical. */
export interface KeptZones {
  /** Of the longest zone that the name lies in; null: in none. */
  sliceFor(name: string): Promise<ZoneSlice | null>
  /** Which of these names exist in the zone: they, or something below them, have records (RFC 4592 section 2.2.2). */
  existing(apex: string, names: readonly string[]): Promise<ReadonlySet<string>>
  setsAt(apex: string, name: string): Promise<readonly RecordSet[]>
}
