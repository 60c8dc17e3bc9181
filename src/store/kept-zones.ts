import { type Kysely, sql } from 'kysely'
import { nameAndAbove } from '../domain/zones/owner-name.ts'
import type { KeptZones } from '../ports/kept-zones.ts'
import { toRecordSet } from './dns-zones.ts'
import type { Database } from './schema.ts'

interface SliceRow {
  readonly apex: string
  readonly serial: number
  readonly name: string | null
  readonly type: string
  readonly ttl_seconds: number
  readonly data: string[]
}

/** Of all accounts: a zone has one keeper, whoever asks for its names. */
export function createKeptZones(db: Kysely<Database>): KeptZones {
  return {
    async sliceFor(name) {
      const above = [...nameAndAbove(name)]
      const { rows } = await sql<SliceRow>`
        with zone as (
          select name, serial from dns_zones where name = any(${above}::text[]) order by length(name) desc limit 1)
        select zone.name as apex, zone.serial, sets.name, sets.type, sets.ttl_seconds, sets.data
        from zone left join dns_record_sets as sets on sets.zone = zone.name and (
          sets.name = ${name} or (sets.name = zone.name and sets.type = 'SOA') or (sets.name = any(${above}::text[]) and sets.type = 'NS'))`.execute(
        db,
      )
      const [first] = rows
      if (first === undefined) return null
      const sets = rows.flatMap((row) => (row.name === null ? [] : [toRecordSet({ ...row, name: row.name })]))
      return { apex: first.apex, serial: first.serial, sets }
    },
    async existing(apex, names) {
      // A range in place of LIKE, whose pattern would come from the row and use no index. Owner names are ASCII below the tilde.
      const { rows } = await sql<{ name: string }>`
        select asked.name from unnest(${[...names]}::text[]) as asked(name)
        where exists (select from dns_record_sets where zone = ${apex} and name = asked.name)
        or exists (
          select from dns_record_sets where zone = ${apex}
          and reverse(name) collate "C" > reverse('.' || asked.name) and reverse(name) collate "C" < reverse('.' || asked.name) || '~')`.execute(
        db,
      )
      return new Set(rows.map((row) => row.name))
    },
    async setsAt(apex, name) {
      const rows = await db
        .selectFrom('dns_record_sets')
        .selectAll()
        .where('zone', '=', apex)
        .where('name', '=', name)
        .execute()
      return rows.map(toRecordSet)
    },
  }
}
