import type { Kysely } from 'kysely'
import type { Database } from './schema.ts'

interface AuthorityRecord {
  readonly certificatePem: string
  readonly sealedKey: Uint8Array
}

/** Keys and certificates of the local authorities by name; the first one written stays. */
export function createAuthorityRecords(db: Kysely<Database>) {
  const load = async (name: string): Promise<AuthorityRecord | null> => {
    const row = await db.selectFrom('authorities').selectAll().where('name', '=', name).executeTakeFirst()
    return row ? { certificatePem: row.certificate_pem, sealedKey: row.sealed_key } : null
  }
  return {
    load,
    async insertIfAbsent(name: string, record: AuthorityRecord): Promise<AuthorityRecord> {
      await db
        .insertInto('authorities')
        .values({ name, certificate_pem: record.certificatePem, sealed_key: record.sealedKey })
        .onConflict((conflict) => conflict.doNothing())
        .execute()
      return (await load(name)) ?? record
    },
  }
}
