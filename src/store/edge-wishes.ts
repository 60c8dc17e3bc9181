import type { Kysely } from 'kysely'
import { type DeploymentId, deploymentId } from '../domain/identifiers.ts'
import type { Network } from '../domain/network.ts'
import type { CertificateRecord, DeploymentRecord, KeyPairRecord } from '../ports/store.ts'
import { toCertificate } from './certificates.ts'
import { toDeployment } from './deployments.ts'
import type { Database } from './schema.ts'
import { keyPairId, accountId } from '../domain/identifiers.ts'

export interface WishedDeployment {
  readonly deployment: DeploymentRecord
  readonly certificates: readonly {
    readonly certificate: CertificateRecord
    readonly keyPair: Pick<KeyPairRecord, 'id' | 'accountId' | 'sealedPrivateKey'>
  }[]
}

/** What a network is wished to answer, as an edge process reads it. */
export interface EdgeWishes {
  /** Every name of the network, or only these. A name that is not in the answer is not to be served. */
  names(network: Network, only?: readonly string[]): Promise<ReadonlyMap<string, DeploymentId>>
  deployments(ids: readonly DeploymentId[]): Promise<readonly WishedDeployment[]>
  /** Names that point at this deployment now, and those of every other deployment of its enrollment. */
  namesTouchedBy(id: DeploymentId): Promise<readonly string[]>
}

export function createEdgeWishes(db: Kysely<Database>): EdgeWishes {
  return {
    async names(network, only) {
      if (only?.length === 0) return new Map()
      const all = db.selectFrom('network_names').select(['name', 'deployment_id']).where('network', '=', network)
      const rows = await (only === undefined ? all : all.where('name', 'in', [...only])).execute()
      return new Map(rows.map((row) => [row.name, deploymentId(row.deployment_id)]))
    },
    async deployments(ids) {
      if (ids.length === 0) return []
      const rows = await db
        .selectFrom('deployments')
        .selectAll()
        .where('id', 'in', [...ids])
        .execute()
      return withCertificates(db, rows.map(toDeployment))
    },
    async namesTouchedBy(id) {
      const rows = await db
        .selectFrom('deployments')
        .select('served_names')
        .where('enrollment_id', '=', (query) => query.selectFrom('deployments').select('enrollment_id').where('id', '=', id))
        .execute()
      return [...new Set(rows.flatMap((row) => row.served_names))]
    },
  }
}

async function withCertificates(db: Kysely<Database>, deployments: readonly DeploymentRecord[]): Promise<WishedDeployment[]> {
  const ids = deployments.flatMap(({ certificateIds }) => certificateIds)
  if (ids.length === 0) return deployments.map((deployment) => ({ deployment, certificates: [] }))
  const rows = await db
    .selectFrom('certificates')
    .innerJoin('key_pairs', 'key_pairs.id', 'certificates.key_pair_id')
    .selectAll('certificates')
    .select(['key_pairs.sealed_private_key', 'key_pairs.account_id as key_account_id'])
    .where('certificates.id', 'in', ids)
    .orderBy('certificates.key_algorithm')
    .execute()
  return deployments.map((deployment) => ({
    deployment,
    certificates: rows
      .filter((row) => deployment.certificateIds.some((id) => id === row.id))
      .map((row) => ({
        certificate: toCertificate(row),
        keyPair: {
          id: keyPairId(row.key_pair_id),
          accountId: accountId(row.key_account_id),
          sealedPrivateKey: row.sealed_private_key,
        },
      })),
  }))
}
