import { type Kysely, type Selectable, sql } from 'kysely'
import { changeId, type EnrollmentId } from '../domain/identifiers.ts'
import type { HistoricCertificate, Histories } from '../ports/histories.ts'
import { toCertificate } from './certificates.ts'
import { toChange } from './changes.ts'
import { toDeployment } from './deployments.ts'
import type { Database } from './schema.ts'
import { toValidation } from './validations.ts'

export function createHistories(db: Kysely<Database>): Histories {
  return {
    async changesOf(id) {
      const rows = await db
        .selectFrom('changes')
        .selectAll()
        .where('enrollment_id', '=', id)
        .orderBy('id', 'desc')
        .execute()
      return rows.map(toChange)
    },
    async signingRequestsOf(id) {
      const rows = await db
        .selectFrom('key_pairs')
        .select(['change_id', 'key_algorithm', 'signing_request_pem'])
        .where('enrollment_id', '=', id)
        .orderBy('change_id', 'desc')
        .orderBy('key_algorithm')
        .execute()
      return rows.map((row) => ({
        changeId: changeId(row.change_id),
        keyAlgorithm: row.key_algorithm,
        signingRequestPem: row.signing_request_pem,
      }))
    },
    async certificatesOf(id) {
      const rows = await db
        .selectFrom('certificates')
        .selectAll()
        .where('enrollment_id', '=', id)
        .orderBy('change_id', 'desc')
        .orderBy('superseded')
        .orderBy('created_at', 'desc')
        .orderBy('key_algorithm')
        .execute()
      return rows.map(toHistoric)
    },
    async ordersOf(id) {
      const atSandbox = await db
        .selectFrom('sandbox_orders')
        .select(['change_id', 'id as order_id'])
        .where('enrollment_id', '=', id)
        .orderBy('generation')
        .execute()
      const atServers = await db
        .selectFrom('acme_orders')
        .innerJoin('changes', 'changes.id', 'acme_orders.change_id')
        .select(['acme_orders.change_id', 'acme_orders.order_url as order_id'])
        .where('changes.enrollment_id', '=', id)
        .where('acme_orders.order_url', 'is not', null)
        .orderBy('acme_orders.generation')
        .execute()
      return new Map([...atSandbox, ...atServers].map((row) => [changeId(row.change_id), row.order_id ?? '']))
    },
    async validationsOf(id) {
      const rows = await db
        .selectFrom('name_validations')
        .selectAll()
        .where('enrollment_id', '=', id)
        .orderBy('requested_at', 'desc')
        .orderBy('change_id', 'desc')
        .orderBy('generation', 'desc')
        .orderBy(sql`domain collate "C"`)
        .execute()
      return rows.map(toValidation)
    },
    deploymentsOf: (id) => everDeployed(db, id),
    async active(account, contract) {
      const all = db
        .selectFrom('deployments')
        .selectAll()
        .where('account_id', '=', account)
        .where('state', '=', 'active')
      const chosen =
        contract === null
          ? all
          : all.where('enrollment_id', 'in', (query) =>
              query
                .selectFrom('enrollments')
                .select('enrollments.id')
                .where('enrollments.contract_id', '=', contract),
            )
      const deployments = (await chosen.execute()).map(toDeployment)
      const ids = deployments.flatMap(({ certificateIds }) => certificateIds)
      // One array, not a list of parameters: those end at 65,535.
      const rows = await db
        .selectFrom('certificates')
        .selectAll()
        .where(sql<boolean>`id = any (${ids}::text[])`)
        .orderBy('key_algorithm')
        .execute()
      return { deployments, certificates: rows.map(toCertificate) }
    },
  }
}

async function everDeployed(db: Kysely<Database>, id: EnrollmentId) {
  const rows = await db
    .selectFrom('deployments')
    .selectAll()
    .where('enrollment_id', '=', id)
    .where('activated_at', 'is not', null)
    .orderBy('activated_at', 'desc')
    .execute()
  return rows.map(toDeployment)
}

const toHistoric = (row: Selectable<Database['certificates']>): HistoricCertificate => ({
  ...toCertificate(row),
  superseded: row.superseded,
  textAsCame:
    row.uploaded_certificate === null
      ? { certificate: row.certificate_pem, chain: row.chain_pem === '' ? null : row.chain_pem }
      : { certificate: row.uploaded_certificate, chain: row.uploaded_chain },
})
