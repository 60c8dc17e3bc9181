import { type Kysely, sql } from 'kysely'
import type { StapleAnswer } from '../domain/certificate/staple.ts'
import { type CertificateId, certificateId } from '../domain/identifiers.ts'
import { HOUR, instant } from '../domain/time.ts'
import type { Staples } from '../ports/staples.ts'
import type { Database } from './schema.ts'

const UNSERVED_MS = HOUR
const SERVED = sql`exists (
  select from deployments where deployments.enrollment_id = certificates.enrollment_id
  and state in ('pending', 'active') and settings ->> 'ocspStapling' = 'on' and certificates.id = any (certificate_ids))`

export function createStaples(db: Kysely<Database>): Staples {
  async function put(row: {
    certificate_id: CertificateId
    failures: number
    real_ask_at: number
    response?: Buffer
    status?: StapleAnswer['status']
    real_this_update?: number
    real_next_update?: number | null
  }): Promise<void> {
    await db
      .insertInto('staples')
      .values(row)
      .onConflict((conflict) => conflict.column('certificate_id').doUpdateSet(row))
      .execute()
  }

  return {
    async due(at, limit) {
      await sql`delete from staples using certificates
        where certificates.id = certificate_id and real_ask_at <= ${at} and not_after < ${at}`.execute(db)
      // Not served now, perhaps again later: a deployment can be gone back to.
      await sql`update staples set real_ask_at = ${at + UNSERVED_MS} from certificates
        where certificates.id = certificate_id and real_ask_at <= ${at} and not ${SERVED}`.execute(db)
      const { rows } = await sql<{
        id: string
        certificate_pem: string
        chain_pem: string
        ocsp_uris: string[]
        failures: number
      }>`
        select certificates.id, certificate_pem, chain_pem, ocsp_uris, failures
        from staples join certificates on certificates.id = certificate_id
        where real_ask_at <= ${at} order by real_ask_at, certificate_id limit ${limit}`.execute(db)
      return rows.map((row) => ({
        id: certificateId(row.id),
        certificatePem: row.certificate_pem,
        chainPem: row.chain_pem,
        ocspUris: row.ocsp_uris,
        failures: row.failures,
      }))
    },
    async neverAsked(ids) {
      if (ids.length === 0) return []
      const rows = await db
        .selectFrom('staples')
        .select('certificate_id')
        .where('certificate_id', 'in', [...ids])
        .execute()
      const asked = new Set(rows.map((row) => row.certificate_id))
      return ids.filter((id) => !asked.has(id))
    },
    keep: (id, { response, status, thisUpdate, nextUpdate }, askAt) =>
      put({
        certificate_id: id,
        response: Buffer.from(response),
        status,
        real_this_update: thisUpdate,
        real_next_update: nextUpdate,
        failures: 0,
        real_ask_at: askAt,
      }),
    failed: (id, failures, askAt) => put({ certificate_id: id, failures, real_ask_at: askAt }),
    async of(id) {
      const row = await db
        .selectFrom('staples')
        .select(['response', 'status', 'real_this_update', 'real_next_update'])
        .where('certificate_id', '=', id)
        .executeTakeFirst()
      if (row === undefined) return null
      const { response, status, real_this_update: thisUpdate } = row
      if (response === null || status === null || thisUpdate === null) return null
      return {
        response,
        status,
        thisUpdate: instant(thisUpdate),
        nextUpdate: row.real_next_update === null ? null : instant(row.real_next_update),
      }
    },
  }
}
