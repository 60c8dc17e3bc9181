import { acknowledgementDeadline } from '../domain/change/acknowledgement-deadline.ts'
import type { Change } from '../domain/change/change.ts'
import { canonicalJson, contentDocument, contentHash } from '../domain/change/content.ts'
import type { AccountId } from '../domain/identifiers.ts'
import type { Instant } from '../domain/time.ts'
import { Problem } from '../errors/problem.ts'
import type { Repositories } from '../ports/store.ts'
import type { CertificateRecord } from '../ports/certificates.ts'
import type { DeploymentRecord } from '../ports/deployments.ts'
import type { Dependencies } from './dependencies.ts'
import { lastOpening } from '../domain/plan/maintenance.ts'
import { liveCertificates } from './live-certificates.ts'

export interface ChangeContent {
  /** On staging. */
  readonly deployment: DeploymentRecord
  readonly certificates: readonly CertificateRecord[]
  /** Canonical JSON. */
  readonly document: string
  readonly hash: string
}

/**
 * What an acknowledgement of this change would be of: what its deployment on staging serves, which is written once. So it is the same whether it was frozen
 * already or is worked out now, between the status becoming visible and the freezing.
 */
export async function contentOf(
  { sha256 }: Pick<Dependencies, 'sha256'>,
  read: Repositories,
  change: Change,
): Promise<ChangeContent> {
  const [deployment, frozen] = await Promise.all([
    read.deployments.find(change.id, 'staging'),
    read.frozenContents.find(change.id),
  ])
  if (deployment === null)
    throw new Problem('internal-error', { detail: 'The change has nothing on staging.' })
  const certificates = await read.certificates.byIds(deployment.certificateIds)
  if (frozen !== null) {
    return { deployment, certificates, document: frozen.document, hash: frozen.hash }
  }
  const comparison = await read.comparisons.find(deployment.id)
  const document = canonicalJson(
    contentDocument({
      certificates,
      servedNames: deployment.servedNames,
      networkSettings: deployment.settings,
      findings: change.findings,
      comparison: comparison === null ? undefined : JSON.parse(comparison.document),
    }),
  )
  return { deployment, certificates, document, hash: contentHash(document, sha256) }
}

/**
 * Until when the acknowledgement is waited for: the last window of the account before the last safe moment, or that moment itself. Null: nothing of the
 * enrollment is live. Once the content is frozen it stays what it was, unless production goes back to something else.
 */
export async function deadlineOf(
  { clocks }: Pick<Dependencies, 'clocks'>,
  read: Repositories,
  { enrollmentId, accountId, progress }: Pick<Change, 'enrollmentId' | 'accountId' | 'progress'>,
): Promise<Instant | null> {
  if (progress.deadline !== undefined) return progress.deadline
  const lastSafe = acknowledgementDeadline(await liveCertificates(read, enrollmentId))
  return lastSafe === null ? null : deadlineBefore({ clocks }, read, accountId, lastSafe)
}

/** The last window of the account before the last safe moment of what is live, or that moment itself. */
export async function deadlineBefore(
  { clocks }: Pick<Dependencies, 'clocks'>,
  read: Pick<Repositories, 'maintenances'>,
  account: AccountId,
  lastSafe: Instant,
): Promise<Instant> {
  return lastOpening(await read.maintenances.of(account), clocks.lifecycle.now(), lastSafe) ?? lastSafe
}
