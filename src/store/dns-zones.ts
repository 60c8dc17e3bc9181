import { type Kysely, type Selectable, sql } from 'kysely'
import { accountId, contractId } from '../domain/identifiers.ts'
import type { Instant } from '../domain/time.ts'
import type { RecordType } from '../domain/zones/record-data.ts'
import type { RecordSet } from '../domain/zones/record-set.ts'
import type { DnsZones, ZoneDeletion, ZoneRecord } from '../ports/dns-zones.ts'
import { isForeignGround, lockAllNames } from './name-claims.ts'
import { insertRows } from './rows.ts'
import type { Database } from './schema.ts'

export function createDnsZones(db: Kysely<Database>): DnsZones {
  const one = (account: string, name: string) =>
    db.selectFrom('dns_zones').selectAll().where('account_id', '=', account).where('name', '=', name)
  const put = async (zone: string, sets: readonly RecordSet[]): Promise<void> => {
    if (sets.length === 0) return
    const rows = sets.map((set) => ({ zone, ...rowOf(set) }))
    const conflict = sql`on conflict (zone, name, type) do update set ttl_seconds = excluded.ttl_seconds, data = excluded.data`
    await insertRows('dns_record_sets', rows, { conflict }).execute(db)
  }
  const setsOf = (zone: string) =>
    db
      .selectFrom('dns_record_sets')
      .selectAll()
      .where('zone', '=', zone)
      .orderBy(sql`name collate "C"`)
      .orderBy('type')
  return {
    async claim(account, name) {
      await lockAllNames(db)
      if (await isForeignGround(db, account, name)) return 'another-account'
      return (await one(account, name).executeTakeFirst()) === undefined ? null : 'zone'
    },
    async insert(zone, sets) {
      await db.insertInto('dns_zones').values(zoneRow(zone)).execute()
      await put(zone.name, sets)
    },
    async find(account, name) {
      const row = await one(account, name).executeTakeFirst()
      return row ? toZone(row) : null
    },
    async take(account, name) {
      const row = await one(account, name).forUpdate().executeTakeFirst()
      return row ? toZone(row) : null
    },
    async list(account) {
      const rows = await db
        .selectFrom('dns_zones')
        .selectAll()
        .where('account_id', '=', account)
        .orderBy('name')
        .execute()
      return rows.map(toZone)
    },
    async save(zone) {
      const { name, ...rest } = zoneRow(zone)
      await db.updateTable('dns_zones').set(rest).where('name', '=', name).execute()
    },
    async remove(account, name) {
      await db.deleteFrom('dns_zones').where('account_id', '=', account).where('name', '=', name).execute()
    },
    async recordSets(zone) {
      return (await setsOf(zone).execute()).map(toRecordSet)
    },
    async recordSetsAt(zone, name) {
      return (await setsOf(zone).where('name', '=', name).execute()).map(toRecordSet)
    },
    putRecordSets: put,
    async removeRecordSets(zone, sets) {
      await sql`
        delete from dns_record_sets using unnest(${sets.map(({ name }) => name)}::text[], ${sets.map(({ type }) => type)}::text[]) as gone(name, type)
        where zone = ${zone} and dns_record_sets.name = gone.name and dns_record_sets.type = gone.type`.execute(
        db,
      )
    },
    async insertDeletion(deletion) {
      await db
        .insertInto('dns_zone_deletions')
        .values({
          id: deletion.id,
          account_id: deletion.accountId,
          deleted: [...deletion.deleted],
          failed: JSON.stringify(deletion.failed),
          real_at: deletion.realAt,
        })
        .execute()
    },
    async findDeletion(account, id) {
      const row = await db
        .selectFrom('dns_zone_deletions')
        .selectAll()
        .where('account_id', '=', account)
        .where('id', '=', id)
        .executeTakeFirst()
      return row ? toDeletion(row) : null
    },
  }
}

const zoneRow = (zone: ZoneRecord) => ({
  name: zone.name,
  account_id: zone.accountId,
  contract_id: zone.contractId,
  comment: zone.comment,
  end_customer_id: zone.endCustomerId,
  sign_and_serve: zone.signAndServe,
  sign_and_serve_algorithm: zone.signAndServeAlgorithm,
  serial: zone.serial,
  version_id: zone.versionId,
  real_modified_at: zone.realModifiedAt,
  modified_by: zone.modifiedBy,
})

const toZone = (row: Selectable<Database['dns_zones']>): ZoneRecord => ({
  name: row.name,
  accountId: accountId(row.account_id),
  contractId: contractId(row.contract_id),
  comment: row.comment,
  endCustomerId: row.end_customer_id,
  signAndServe: row.sign_and_serve,
  signAndServeAlgorithm: row.sign_and_serve_algorithm,
  serial: row.serial,
  versionId: row.version_id,
  realModifiedAt: row.real_modified_at as Instant,
  modifiedBy: row.modified_by,
})

const rowOf = ({ name, type, ttlSeconds, data }: RecordSet) => ({
  name,
  type,
  ttl_seconds: ttlSeconds,
  data: [...data],
})

export const toRecordSet = (
  row: Pick<Selectable<Database['dns_record_sets']>, 'name' | 'type' | 'ttl_seconds' | 'data'>,
): RecordSet => ({
  name: row.name,
  type: row.type as RecordType,
  ttlSeconds: row.ttl_seconds,
  data: row.data,
})

const toDeletion = (row: Selectable<Database['dns_zone_deletions']>): ZoneDeletion => ({
  id: row.id,
  accountId: accountId(row.account_id),
  deleted: row.deleted,
  failed: row.failed as ZoneDeletion['failed'],
  realAt: row.real_at as Instant,
})
