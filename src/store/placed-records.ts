import { type Kysely, type RawBuilder, sql } from 'kysely'
import { changeId } from '../domain/identifiers.ts'
import type { Instant } from '../domain/time.ts'
import type { PlacedRecords, UnwantedRecord } from '../ports/placed-records.ts'
import type { Database } from './schema.ts'

export function createPlacedRecords(db: Kysely<Database>): PlacedRecords {
  return {
    async begin({ changeId: change, domain, generation, zone, owner, value }, at) {
      const { rows } = await sql<{ placed_at: number }>`
        insert into placed_records (change_id, domain, generation, zone, owner, value, placed_at)
        values (${change}, ${domain}, ${generation}, ${zone}, ${owner}, ${value}, ${at})
        on conflict (change_id, owner, value) do update set zone = excluded.zone
        returning placed_at`.execute(db)
      return (rows[0]?.placed_at ?? at) as Instant
    },
    async takeUpUnwanted({ changeId: change, now, until, limit }) {
      const ofChange = change === null ? sql<boolean>`true` : sql<boolean>`record.change_id = ${change}`
      const { rows } = await sql<TakenUp>`
        with taken as (
          select change_id, owner, value from placed_records record
          where real_removal_at <= ${now} and ${ofChange} and not ${isWanted('record')}
          order by real_removal_at limit ${limit} for update skip locked
        )
        update placed_records record set removals = record.removals + 1, real_removal_at = ${until}
        from taken where (record.change_id, record.owner, record.value) = (taken.change_id, taken.owner, taken.value)
        returning record.change_id, record.zone, record.owner, record.value, record.removals - 1 as removals, exists (
          select from placed_records other where (other.owner, other.value) = (record.owner, record.value) and ${isWanted('other')}
        ) as is_needed_elsewhere`.execute(db)
      return rows.map(
        ({ change_id: id, is_needed_elsewhere: isNeededElsewhere, ...text }): UnwantedRecord => ({
          ...text,
          changeId: changeId(id),
          isNeededElsewhere,
        }),
      )
    },
    async forget(record) {
      await db.deleteFrom('placed_records').where(isRecord(record)).execute()
    },
    async tryAgainAt(record, at) {
      await db.updateTable('placed_records').set({ real_removal_at: at }).where(isRecord(record)).execute()
    },
  }
}

interface TakenUp {
  readonly change_id: number
  readonly zone: string
  readonly owner: string
  readonly value: string
  readonly removals: number
  readonly is_needed_elsewhere: boolean
}

/** The change may still be asked to prove the name by this very token. */
const isWanted = (alias: string): RawBuilder<boolean> => {
  const record = sql.table(alias)
  return sql<boolean>`exists (
    select from changes join name_validations proof on proof.change_id = changes.id
    where changes.id = ${record}.change_id and changes.status = 'coordinate-domain-validation'
      and changes.state not in ('cancelled', 'completed')
      and (proof.domain, proof.generation) = (${record}.domain, ${record}.generation)
      and proof.status not in ('valid', 'invalid', 'expired')
      and not exists (
        select from name_validations newer
        where newer.change_id = proof.change_id and newer.domain = proof.domain and newer.generation > proof.generation
      )
  )`
}

const isRecord = ({
  changeId: change,
  owner,
  value,
}: Pick<UnwantedRecord, 'changeId' | 'owner' | 'value'>): RawBuilder<boolean> =>
  sql<boolean>`(change_id, owner, value) = (${change}, ${owner}, ${value})`
