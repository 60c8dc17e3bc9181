import type { Kysely } from 'kysely'
import type { Uploads } from '../ports/uploads.ts'
import type { Database } from './schema.ts'

export function createUploads(db: Kysely<Database>): Uploads {
  return {
    async put(record) {
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
        .onConflict((conflict) => conflict.columns(['change_id', 'key_algorithm']).doUpdateSet(content))
        .execute()
    },
    async ofChange(change) {
      const rows = await db
        .selectFrom('certificates')
        .select(['key_algorithm', 'uploaded_certificate', 'uploaded_chain'])
        .where('change_id', '=', change)
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
      await db.deleteFrom('certificates').where('change_id', '=', change).execute()
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
