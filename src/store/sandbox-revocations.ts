import type { Kysely } from 'kysely'
import type { LocalRevocations } from '../authority/local/revocations.ts'
import type { RevocationReason } from '../domain/certificate/revocation.ts'
import type { Instant } from '../domain/time.ts'
import type { Database } from './schema.ts'

export function createSandboxRevocations(db: Kysely<Database>): LocalRevocations {
  return {
    async add({ serialNumber, at, reason }) {
      await db
        .insertInto('sandbox_revocations')
        .values({ serial_number: serialNumber, reason, revoked_at: at })
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    },
    async all() {
      const rows = await db.selectFrom('sandbox_revocations').selectAll().orderBy('revoked_at').execute()
      return rows.map((row) => ({
        serialNumber: row.serial_number,
        reason: row.reason as RevocationReason,
        at: row.revoked_at as Instant,
      }))
    },
  }
}
