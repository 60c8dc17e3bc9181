import { type Kysely, sql } from 'kysely'
import type { KeyAlgorithm } from '../domain/certificate/certificate.ts'
import type { ChangeId } from '../domain/identifiers.ts'
import type { Uploads } from '../ports/uploads.ts'
import { IS_CURRENT } from './certificates.ts'
import type { Database } from './schema.ts'

export function createUploads(db: Kysely<Database>): Uploads {
  return {
    async put(record) {
      await makeRoom(db, record.changeId, record.keyAlgorithm)
      const content = {
        id: record.id,
        key_pair_id: record.keyPairId,
        certificate_pem: record.certificatePem,
        chain_pem: record.chainPem,
        serial_number: record.serialNumber,
        fingerprint: record.fingerprint,
        signature_hash: record.signatureHash,
        ocsp_uris: [...record.ocspUris],
        not_before: record.notBefore,
        not_after: record.notAfter,
        created_at: record.createdAt,
        uploaded_certificate: record.uploadedCertificate,
        uploaded_chain: record.uploadedChain,
      }
      await db
        .insertInto('certificates')
        .values({
          ...content,
          account_id: record.accountId,
          enrollment_id: record.enrollmentId,
          change_id: record.changeId,
          key_algorithm: record.keyAlgorithm,
        })
        .execute()
    },
    async ofChange(change) {
      const rows = await db
        .selectFrom('certificates')
        .select(['key_algorithm', 'uploaded_certificate', 'uploaded_chain'])
        .where('change_id', '=', change)
        .where(IS_CURRENT)
        .where('uploaded_certificate', 'is not', null)
        .orderBy('key_algorithm')
        .execute()
      return rows.map((row) => ({
        keyAlgorithm: row.key_algorithm,
        certificate: row.uploaded_certificate ?? '',
        trustChain: row.uploaded_chain,
      }))
    },
    async discard(change) {
      await makeRoom(db, change)
    },
    async keysOfOthers(account, fingerprints) {
      if (fingerprints.length === 0) return new Set()
      const rows = await db
        .selectFrom('key_pairs')
        .select('public_key_fingerprint')
        .where('public_key_fingerprint', 'in', [...fingerprints])
        .where('account_id', '!=', account)
        .execute()
      return new Set(rows.map((row) => row.public_key_fingerprint))
    },
  }
}

/** What a network has seen stays, for the history and the way back; the rest is gone. All key algorithms unless one is named. */
async function makeRoom(db: Kysely<Database>, change: ChangeId, algorithm?: KeyAlgorithm): Promise<void> {
  const only = algorithm === undefined ? sql`` : sql`and key_algorithm = ${algorithm}`
  const mine = sql`change_id = ${change} and not superseded ${only}`
  const seen = sql`exists (select from deployments d where d.change_id = ${change} and certificates.id = any (d.certificate_ids))`
  await sql`delete from certificates where ${mine} and not ${seen}`.execute(db)
  await sql`update certificates set superseded = true where ${mine}`.execute(db)
}
