import { type Kysely, type RawBuilder, type Selectable, sql } from 'kysely'
import { changeId } from '../domain/identifiers.ts'
import type { Instant } from '../domain/time.ts'
import type { HandshakeRecord, Handshakes } from '../ports/handshakes.ts'
import { insertRows, type Row } from './rows.ts'
import type { Database } from './schema.ts'

export function createHandshakes(db: Kysely<Database>): Handshakes {
  return {
    async insert(records) {
      if (records.length > 0) await insertHandshakes(records).execute(db)
    },
    async ofChange(change) {
      const rows = await db
        .selectFrom('handshakes')
        .selectAll()
        .where('change_id', '=', change)
        .orderBy('id')
        .execute()
      return rows.map(toHandshake)
    },
    async newestAt(addresses) {
      const { rows } = await sql<Selectable<Database['handshakes']>>`
        select newest.* from unnest(${[...addresses]}::text[]) as asked (address)
        cross join lateral (
          select * from handshakes where address = asked.address order by id desc limit 1) newest`.execute(db)
      return rows.map(toHandshake)
    },
  }
}

const toHandshake = (row: Selectable<Database['handshakes']>): HandshakeRecord => ({
  changeId: changeId(row.change_id),
  network: row.network,
  address: row.address,
  serverName: row.server_name,
  serialNumber: row.serial_number,
  fingerprint: row.fingerprint,
  protocol: row.protocol,
  realAt: row.real_at as Instant,
})

export const insertHandshakes = (records: readonly HandshakeRecord[], from?: string): RawBuilder<unknown> =>
  insertRows('handshakes', records.map(toRow), from === undefined ? {} : { from })

const toRow = (record: HandshakeRecord): Row<'handshakes'> => ({
  change_id: record.changeId,
  network: record.network,
  address: record.address,
  server_name: record.serverName,
  serial_number: record.serialNumber,
  fingerprint: record.fingerprint,
  protocol: record.protocol,
  real_at: record.realAt,
})
