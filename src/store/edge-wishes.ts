import { type Kysely, sql } from 'kysely'
import { type AccountId, type DeploymentId, deploymentId } from '../domain/identifiers.ts'
import type { Network } from '../domain/network.ts'
import type { EdgeTrustSet } from '../ports/edge.ts'
import type { CertificateWithKeyPair } from '../ports/certificates.ts'
import type { DeploymentRecord } from '../ports/deployments.ts'
import { certificatesWithKeyPairs } from './certificates.ts'
import { toDeployment } from './deployments.ts'
import type { Database } from './schema.ts'

export interface WishedDeployment {
  readonly deployment: DeploymentRecord
  readonly certificates: readonly CertificateWithKeyPair[]
}

/** What a network is wished to answer, as an edge process reads it. */
export interface EdgeWishes {
  /** Every name of the network. A name that is not in the answer is not to be served. */
  names(network: Network): Promise<ReadonlyMap<string, DeploymentId>>
  /** The names that this deployment and every other one of its enrollment ever asked for; null: not to be served. */
  namesTouchedBy(network: Network, id: DeploymentId): Promise<ReadonlyMap<string, DeploymentId | null>>
  deployments(ids: readonly DeploymentId[]): Promise<readonly WishedDeployment[]>
  /** The revision that the network enforces; null: the account has no such set. */
  trustSet(network: Network, accountId: AccountId, setId: string): Promise<EdgeTrustSet | null>
}

export function createEdgeWishes(db: Kysely<Database>): EdgeWishes {
  return {
    async names(network) {
      const rows = await db
        .selectFrom('network_names')
        .select(['name', 'deployment_id'])
        .where('network', '=', network)
        .execute()
      return new Map(rows.map((row) => [row.name, deploymentId(row.deployment_id)]))
    },
    async namesTouchedBy(network, id) {
      const { rows } = await sql<{ name: string; deployment_id: string | null }>`
        select touched.name, wished.deployment_id
        from (
          select distinct unnest(served_names) as name from deployments
          where enrollment_id = (select enrollment_id from deployments where id = ${id})) as touched
        left join network_names as wished on wished.network = ${network} and wished.name = touched.name`.execute(
        db,
      )
      return new Map(
        rows.map((row) => [row.name, row.deployment_id === null ? null : deploymentId(row.deployment_id)]),
      )
    },
    async trustSet(network, accountId, setId) {
      const active = network === 'staging' ? 'staging_revision' : 'production_revision'
      const row = await db
        .selectFrom('trust_chain_sets as sets')
        .innerJoin('trust_chain_set_revisions as written', (join) =>
          join
            .onRef('written.account_id', '=', 'sets.account_id')
            .onRef('written.set_id', '=', 'sets.id')
            .onRef('written.revision', '=', `sets.${active}`),
        )
        .select(['written.revision', 'written.certificates'])
        .where('sets.account_id', '=', accountId)
        .where('sets.id', '=', setId)
        .executeTakeFirst()
      return row === undefined ? null : { accountId, setId, ...row }
    },
    async deployments(ids) {
      if (ids.length === 0) return []
      const rows = await db
        .selectFrom('deployments')
        .selectAll()
        .where('id', 'in', [...ids])
        .execute()
      const deployments = rows.map(toDeployment)
      const all = await certificatesWithKeyPairs(
        db,
        deployments.flatMap(({ certificateIds }) => certificateIds),
      )
      const byId = new Map(all.map((each) => [each.certificate.id, each] as const))
      return deployments.map((deployment) => ({
        deployment,
        certificates: deployment.certificateIds.flatMap((id) => byId.get(id) ?? []).sort(byKeyAlgorithm),
      }))
    },
  }
}

const byKeyAlgorithm = (
  { certificate: one }: CertificateWithKeyPair,
  { certificate: other }: CertificateWithKeyPair,
): number => one.keyAlgorithm.localeCompare(other.keyAlgorithm)
