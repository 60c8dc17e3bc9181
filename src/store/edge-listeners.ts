import { type Kysely, type Selectable, sql } from 'kysely'
import type { Network } from '../domain/network.ts'
import { type Instant, SECOND } from '../domain/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { EdgeSlot, EdgeStatus } from '../ports/edge-directory.ts'
import type { Database } from './schema.ts'

/** `http`: where http-01 is answered. */
export type ListenerKind = Network | 'http'

export interface EdgeListenerRecord {
  readonly id: string
  readonly network: ListenerKind
  /** `host:port`, IPv6 in brackets. */
  readonly addresses: readonly string[]
  /** Where clients that say no name get what answers `name`. */
  readonly slots?: readonly EdgeSlot[]
  /** What it says of itself; null: nothing. */
  readonly status: EdgeStatus | null
}

export interface HeardListener extends Required<EdgeListenerRecord> {
  /** Real clock. */
  readonly heardAt: Instant
  readonly isHeard: boolean
}

export const EDGE_HEARTBEAT_MS = 5 * SECOND
/** Four heartbeats: an edge that is silent for longer, while others are heard, is gone and not slow. */
const SILENT_AFTER_MS = 4 * EDGE_HEARTBEAT_MS

/** Which processes serve a network, by the real clock. In an outage of the database nobody could be heard: until somebody is again, all are there that were. */
export function createEdgeListeners(db: Kysely<Database>, real: Clock) {
  return {
    async beat({ id, network, addresses, slots = [], status }: EdgeListenerRecord): Promise<void> {
      const row = {
        id,
        network,
        addresses: [...addresses],
        slots: slots.map(slotText),
        real_seen_at: real.now(),
        status: status === null ? null : JSON.stringify(status),
      }
      await db
        .insertInto('edge_listeners')
        .values(row)
        .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
        .execute()
    },
    async leave(id: string): Promise<void> {
      await db.deleteFrom('edge_listeners').where('id', '=', id).execute()
    },
    async of(network: ListenerKind): Promise<readonly Required<EdgeListenerRecord>[]> {
      const rows = await heard(db, real)
        .where('network', '=', network)
        .where('real_seen_at', '>', heardUntil(db, real.now() - SILENT_AFTER_MS))
        .execute()
      return rows.map(toListener)
    },
    async all(): Promise<readonly HeardListener[]> {
      return (await heard(db, real).orderBy('network').execute()).map(toListener)
    },
  }
}

export type EdgeListeners = ReturnType<typeof createEdgeListeners>

const slotText = ({ name, address }: EdgeSlot): string => `${address} ${name}`

function slotOf(text: string): EdgeSlot {
  const [address = '', name = ''] = text.split(' ')
  return { name, address }
}

const newestBeat = (db: Kysely<Database>) =>
  db.selectFrom('edge_listeners').select((of) => of.fn.max('real_seen_at').as('newest'))

const heardUntil = (db: Kysely<Database>, silentSince: number) =>
  sql<number>`least(${silentSince}::bigint, (${newestBeat(db)}) - ${SILENT_AFTER_MS}::bigint)`

const heard = (db: Kysely<Database>, real: Clock) =>
  db
    .selectFrom('edge_listeners')
    .selectAll()
    .select(sql<boolean>`real_seen_at > ${heardUntil(db, real.now() - SILENT_AFTER_MS)}`.as('is_heard'))
    .orderBy('id')

const toListener = (row: Selectable<Database['edge_listeners']> & { is_heard: boolean }): HeardListener => ({
  id: row.id,
  network: row.network as ListenerKind,
  addresses: row.addresses,
  slots: row.slots.map(slotOf),
  status: row.status as EdgeStatus | null,
  heardAt: row.real_seen_at as Instant,
  isHeard: row.is_heard,
})
