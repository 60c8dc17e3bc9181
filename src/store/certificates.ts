import { type Kysely, type RawBuilder, type Selectable, sql } from 'kysely'
import { accountId, certificateId, changeId, enrollmentId, keyPairId } from '../domain/identifiers.ts'
import type { Instant } from '../domain/time.ts'
import type {
  CertificateRecord,
  Certificates,
  CertificateWithKeyPair,
  KeyPairRecord,
} from '../ports/certificates.ts'
import { insertRows, octets, type Row } from './rows.ts'
import type { Database } from './schema.ts'

export function createCertificates(db: Kysely<Database>): Certificates {
  return {
    async insertKeyPair(record) {
      await insertKeyPairs([record]).execute(db)
    },
    async keyPairsOf(change) {
      const rows = await db
        .selectFrom('key_pairs')
        .selectAll()
        .where('change_id', '=', change)
        .orderBy('key_algorithm')
        .execute()
      return rows.map(toKeyPair)
    },
    async keyPair(id) {
      const row = await db.selectFrom('key_pairs').selectAll().where('id', '=', id).executeTakeFirst()
      return row ? toKeyPair(row) : null
    },
    async destroyKeys(change, at) {
      await db
        .updateTable('key_pairs')
        .set({ sealed_private_key: null, destroyed_at: at })
        .where('change_id', '=', change)
        .where('destroyed_at', 'is', null)
        .execute()
    },
    async insert(record) {
      await insertCertificates([record]).execute(db)
    },
    async ofChange(change) {
      const rows = await db
        .selectFrom('certificates')
        .selectAll()
        .where('change_id', '=', change)
        .where(IS_CURRENT)
        .orderBy('key_algorithm')
        .execute()
      return rows.map(toCertificate)
    },
    async withKeyPairsOf(change) {
      const rows = withKeyPairs(db).where('certificates.change_id', '=', change).where(IS_CURRENT)
      return (await rows.execute()).map(toPaired)
    },
    withKeyPairs: (ids) => certificatesWithKeyPairs(db, ids),
    async byIds(ids) {
      if (ids.length === 0) return []
      const rows = await db
        .selectFrom('certificates')
        .selectAll()
        .where('id', 'in', [...ids])
        .orderBy('key_algorithm')
        .execute()
      return rows.map(toCertificate)
    },
    async noteRevoked(id, at) {
      await db
        .updateTable('certificates')
        .set({ revoked_at: at })
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .execute()
    },
    async revokedAmong(ids) {
      if (ids.length === 0) return new Set()
      const rows = await db
        .selectFrom('certificates')
        .select('id')
        .where('id', 'in', [...ids])
        .where('revoked_at', 'is not', null)
        .execute()
      return new Set(rows.map((row) => certificateId(row.id)))
    },
  }
}

/** Of a change and algorithm there is one, besides those in whose place another was uploaded. */
export const IS_CURRENT = sql<boolean>`not superseded`

const FIRST_KEY_PAIR_STAYS = sql`on conflict (change_id, key_algorithm) do nothing`
const FIRST_STAYS = sql`on conflict (change_id, key_algorithm) where not superseded do nothing`

export const insertKeyPairs = (records: readonly KeyPairRecord[], from?: string): RawBuilder<unknown> =>
  insertRows('key_pairs', records.map(keyPairRow), { ...(from && { from }), conflict: FIRST_KEY_PAIR_STAYS })

export const insertCertificates = (
  records: readonly CertificateRecord[],
  from?: string,
): RawBuilder<unknown> =>
  insertRows('certificates', records.map(certificateRow), { ...(from && { from }), conflict: FIRST_STAYS })

const keyPairRow = (record: KeyPairRecord): Row<'key_pairs'> => ({
  id: record.id,
  account_id: record.accountId,
  enrollment_id: record.enrollmentId,
  change_id: record.changeId,
  key_algorithm: record.keyAlgorithm,
  sealed_private_key: record.sealedPrivateKey === null ? null : octets(record.sealedPrivateKey),
  public_key: octets(record.publicKey),
  signing_request_pem: record.signingRequestPem,
  created_at: record.createdAt,
})

const certificateRow = (record: CertificateRecord): Row<'certificates'> => ({
  id: record.id,
  account_id: record.accountId,
  enrollment_id: record.enrollmentId,
  change_id: record.changeId,
  key_pair_id: record.keyPairId,
  key_algorithm: record.keyAlgorithm,
  certificate_pem: record.certificatePem,
  chain_pem: record.chainPem,
  serial_number: record.serialNumber,
  fingerprint: record.fingerprint,
  signature_hash: record.signatureHash,
  ocsp_uris: record.ocspUris,
  not_before: record.notBefore,
  not_after: record.notAfter,
  created_at: record.createdAt,
})

export async function certificatesWithKeyPairs(
  db: Kysely<Database>,
  ids: readonly string[],
): Promise<readonly CertificateWithKeyPair[]> {
  if (ids.length === 0) return []
  const rows = await withKeyPairs(db)
    .where('certificates.id', 'in', [...ids])
    .execute()
  return rows.map(toPaired)
}

const withKeyPairs = (db: Kysely<Database>) =>
  db
    .selectFrom('certificates')
    .innerJoin('key_pairs', 'key_pairs.id', 'certificates.key_pair_id')
    .selectAll('certificates')
    .select([
      'key_pairs.account_id as key_account_id',
      'key_pairs.sealed_private_key',
      'key_pairs.signing_request_pem',
    ])
    .orderBy('certificates.key_algorithm')

type PairedRow = Selectable<Database['certificates']> &
  Pick<Selectable<Database['key_pairs']>, 'sealed_private_key' | 'signing_request_pem'> & {
    key_account_id: string
  }

const toPaired = (row: PairedRow): CertificateWithKeyPair => ({
  certificate: toCertificate(row),
  keyPair: {
    id: keyPairId(row.key_pair_id),
    accountId: accountId(row.key_account_id),
    sealedPrivateKey: row.sealed_private_key,
    signingRequestPem: row.signing_request_pem,
  },
})

const toKeyPair = (row: Selectable<Database['key_pairs']>): KeyPairRecord => ({
  id: keyPairId(row.id),
  accountId: accountId(row.account_id),
  enrollmentId: enrollmentId(row.enrollment_id),
  changeId: changeId(row.change_id),
  keyAlgorithm: row.key_algorithm,
  sealedPrivateKey: row.sealed_private_key,
  publicKey: row.public_key,
  signingRequestPem: row.signing_request_pem,
  createdAt: row.created_at as Instant,
})

export const toCertificate = (row: Selectable<Database['certificates']>): CertificateRecord => ({
  id: certificateId(row.id),
  accountId: accountId(row.account_id),
  enrollmentId: enrollmentId(row.enrollment_id),
  changeId: changeId(row.change_id),
  keyPairId: keyPairId(row.key_pair_id),
  keyAlgorithm: row.key_algorithm,
  certificatePem: row.certificate_pem,
  chainPem: row.chain_pem,
  serialNumber: row.serial_number,
  fingerprint: row.fingerprint,
  signatureHash: row.signature_hash,
  ocspUris: row.ocsp_uris,
  notBefore: row.not_before as Instant,
  notAfter: row.not_after as Instant,
  createdAt: row.created_at as Instant,
})
