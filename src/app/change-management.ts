import type { Change } from '../domain/change/change.ts'
import { move } from '../domain/change/move.ts'
import { Problem } from '../errors/problem.ts'
import type { CertificateRecord } from '../ports/certificates.ts'
import { endWithoutEffect } from './cancel-change.ts'
import { type ChangeContent, contentOf, deadlineOf } from './change-content.ts'
import type { Dependencies } from './dependencies.ts'
import { deploymentView } from './deployments.ts'
import { requireChange, requireEnrollment } from './read-enrollments.ts'
import { Conflict, moveNote, retryingConflicts } from './record.ts'
import type { AcknowledgementWord, ChangeReference } from './use-cases.ts'
import type { Caller, ChangeManagementView, DeploymentView, PendingCertificateView } from './views.ts'
import { awaitRest } from './wait.ts'

/** CPS API: ChangeManagementInfo. */
export async function getChangeManagementInfo(
  deps: Dependencies,
  caller: Caller,
  ref: ChangeReference,
): Promise<ChangeManagementView> {
  const change = requireWaiting(await requireChange(deps.store, caller, ref))
  const { read } = deps.store
  const [content, deadline] = await Promise.all([
    contentOf(deps, read, change),
    deadlineOf(deps, read, change),
  ])
  return {
    acknowledgementDeadline: deadline,
    pendingCertificates: primaryFirst(change, content.certificates).map((certificate) =>
      pendingView(change, content, certificate),
    ),
    pendingSettings: content.deployment.settings,
    errors: [],
    warnings: change.findings,
    hash: content.hash,
  }
}

/** The same resource in its form as a deployment: what staging serves for this change. */
export async function getPendingDeployment(
  deps: Dependencies,
  caller: Caller,
  ref: ChangeReference,
): Promise<DeploymentView> {
  const change = requireWaiting(await requireChange(deps.store, caller, ref))
  const enrollment = await requireEnrollment(deps.store, caller, change.enrollmentId)
  const { deployment, certificates } = await contentOf(deps, deps.store.read, change)
  return deploymentView({ ...enrollment, settings: change.settings }, deployment, certificates)
}

/** Without a hash it stands for what is frozen. Another hash changes nothing, and is not told the right one: that is for whoever looks at the content. */
export async function acknowledgeChangeManagement(
  deps: Dependencies,
  caller: Caller,
  ref: ChangeReference,
  word: AcknowledgementWord,
  hash: string | null,
): Promise<void> {
  await retryingConflicts(async () => {
    const change = requireWaiting(await requireChange(deps.store, caller, ref))
    const content = await contentOf(deps, deps.store.read, change)
    if (hash !== null && hash !== content.hash) throw mismatch()
    if (word === 'acknowledge') await release(deps, change, content)
    else await deps.store.transaction((tx) => endWithoutEffect(tx, deps, change, 'denied'))
  })
  await awaitRest(deps, ref.changeId)
}

const mismatch = (): Problem =>
  new Problem('hash-mismatch', {
    detail:
      'The hash is not the one of what waits for the acknowledgement now. Look at change-management-info again before you acknowledge.',
  })

/** The content is kept with the move: the acknowledgement may come before the effect that freezes it has run. */
async function release(deps: Dependencies, change: Change, content: ChangeContent): Promise<void> {
  const now = deps.clocks.lifecycle.now()
  const next = move(change, 'acknowledged', { now, policy: deps.validationPolicy })
  if (!next.ok) throw new Problem('not-found')
  const { document, hash } = content
  await deps.store.transaction(async (tx) => {
    await tx.frozenContents.keep({ changeId: change.id, document, hash, frozenAt: now })
    if (!(await tx.changes.record(next.change, moveNote(deps, next.change, 'acknowledged', true))))
      throw new Conflict()
  })
}

function requireWaiting(change: Change): Change {
  if (change.status !== 'wait-ack-change-management' || change.state !== 'awaiting-input')
    throw new Problem('not-found')
  return change
}

/** Third-party: ECDSA is primary; CA-issued: RSA (spec: api 5.7). Older versions show the first one alone. */
function primaryFirst({ settings }: Change, certificates: readonly CertificateRecord[]) {
  const primary = settings.validationType === 'third-party' ? 'ECDSA' : 'RSA'
  const rank = ({ keyAlgorithm }: CertificateRecord) => (keyAlgorithm === primary ? 0 : 1)
  return [...certificates].sort((one, other) => rank(one) - rank(other))
}

const pendingView = (
  { settings }: Change,
  { deployment }: ChangeContent,
  certificate: CertificateRecord,
): PendingCertificateView => ({
  certificateType: settings.certificateType,
  fullCertificatePem: certificate.certificatePem,
  keyAlgorithm: certificate.keyAlgorithm,
  signatureAlgorithm: certificate.signatureHash === 'SHA-1' ? 'SHA-1' : 'SHA-256',
  ocspStapled: deployment.settings.ocspStapling === 'on' && certificate.ocspUris.length > 0,
  ocspUris: certificate.ocspUris,
})
