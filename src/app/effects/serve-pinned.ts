import { acknowledgementDeadline } from '../../domain/change/acknowledgement-deadline.ts'
import type { ChangeProgress } from '../../domain/change/change.ts'
import { liveSpan } from '../../domain/change/last-resort.ts'
import type { NewNotice } from '../../domain/notices/notices-of-move.ts'
import { plus, SECOND } from '../../domain/time.ts'
import { Problem } from '../../errors/problem.ts'
import type { CertificateRecord } from '../../ports/certificates.ts'
import type { DeploymentRecord } from '../../ports/deployments.ts'
import type { Kept } from '../../ports/changes.ts'
import type { PinRecord } from '../../ports/pins.ts'
import { deadlineBefore } from '../change-content.ts'
import { renewExpiryNotices } from '../notices/expiry-notices.ts'
import { noticeRecords } from '../notices/records.ts'
import { bring } from './deploy.ts'
import type { Effect, EffectContext, EffectOutcome, Write } from './outcome.ts'
import { renewalOf } from './settle.ts'
import { obstaclesOf, tellNoWayBack } from './way-back.ts'

const AGAIN_MS = 30 * SECOND

/**
 * Brings production to the generation that the enrollment is pinned to. Done where it serves it, or is pinned no more; tried again until then. Names and settings
 * are those that the generation was proven with; what the enrollment is to become stays as it is.
 */
export const servePinned: Effect = async (context) => {
  const { deps, locked, change } = context
  const pin = await locked.read.pins.of(change.enrollmentId)
  const active = await locked.read.deployments.active(change.enrollmentId)
  const live = active.find(({ network }) => network === 'production')
  const [wanted] = pin === null ? [] : await locked.read.deployments.byIds([pin.deploymentId])
  if (live === undefined || wanted === undefined || live.id === wanted.id) return { kind: 'done' }
  const why = await obstacles(context, wanted)
  if (why.length > 0) return givenUp(context, why)
  try {
    return await served(context, wanted)
  } catch (error) {
    const code = error instanceof Problem ? error.code : 'internal-error'
    deps.observer.stepFailed({ changeId: change.id, effect: 'serve-pinned', code, cause: error })
    // Of a process that stops it is the next one's affair, at once.
    const wait = context.signal.aborted ? 0 : AGAIN_MS
    const at = plus(deps.clocks.lifecycle.now(), wait)
    return { kind: 'later', at, ...(wait > 0 && { write: tellFailure(context, pin, error) }) }
  }
}

/** Once for each rollback, however often it is tried again: which edge did not show it, and what was seen there. */
function tellFailure(context: EffectContext, pin: PinRecord | null, error: unknown): Write {
  if (error instanceof Problem && error.code === 'no-way-back') return tellNoWayBack(context, error)
  const { change } = context
  const why = error instanceof Problem ? error.message : 'It failed.'
  const notice: NewNotice = {
    occasion: 'failure',
    text: `${change.settings.csr.cn} (enrollment ${change.enrollmentId}): production has not gone back yet, and serves what it served. ${why} It is tried again every ${AGAIN_MS / SECOND} seconds until it is served or unpinned.`,
    dueAt: pin?.pinnedAt ?? change.updatedAt,
  }
  return (tx) => tx.notices.add(noticeRecords(change, [notice]))
}

async function obstacles(
  { deps, locked }: EffectContext,
  wanted: DeploymentRecord,
): Promise<readonly string[]> {
  const taken = await locked.read.deployments.namesOfOthers(wanted.id)
  return [
    ...(await obstaclesOf(deps, locked.read, [wanted])),
    ...(taken.length === 0 ? [] : [`others answer ${taken.join(', ')} now`]),
  ]
}

async function served(context: EffectContext, wanted: DeploymentRecord): Promise<EffectOutcome> {
  const { deps, locked, change } = context
  const withKeyPairs = await locked.read.certificates.withKeyPairs(wanted.certificateIds)
  const certificates = withKeyPairs.map(({ certificate }) => certificate)
  const { deployment, handshakes } = await bring(context, wanted, withKeyPairs)
  const now = deps.clocks.lifecycle.now()
  const settles = await settlement(context, certificates)
  return {
    kind: 'done',
    keeps: { handshakes, activates: { id: deployment.id, at: now }, ...(settles && { settles }) },
    write: (tx) => renewExpiryNotices(tx, change, certificates, now),
    progress: await momentsAnew(context, certificates),
  }
}

/** What is live ends sooner or later than the change knew when it began to wait: for a window it looks again at once, and without an acknowledgement it goes in time. */
async function momentsAnew(
  { deps, locked, change }: EffectContext,
  certificates: readonly CertificateRecord[],
): Promise<Partial<ChangeProgress>> {
  const now = deps.clocks.lifecycle.now()
  const live = liveSpan(certificates, now)
  const lastSafe = acknowledgementDeadline(certificates)
  const { heldUntil, deadline } = change.progress
  return {
    ...(live !== null && { live }),
    ...(heldUntil !== undefined && { heldUntil: now }),
    ...(deadline !== undefined &&
      lastSafe !== null && { deadline: await deadlineBefore(deps, locked.read, change.accountId, lastSafe) }),
  }
}

async function settlement(
  { deps, locked, change }: EffectContext,
  certificates: readonly CertificateRecord[],
): Promise<NonNullable<Kept['settles']> | null> {
  const settings = await locked.read.lifecycle.settled(change.enrollmentId)
  if (settings === null) return null
  return { settings, renewal: await renewalOf(deps, locked.read, { ...change, settings }, certificates) }
}

/** It was asked for when it could be done, and cannot any more: the pin would hold back for nothing. */
function givenUp({ change }: EffectContext, why: readonly string[]): EffectOutcome {
  const notice: NewNotice = {
    occasion: 'failure',
    text: `${change.settings.csr.cn} (enrollment ${change.enrollmentId}): production did not go back, and is pinned no more: ${why.join(', and ')}.`,
    dueAt: change.updatedAt,
  }
  return {
    kind: 'done',
    write: async (tx) => {
      await tx.pins.remove(change.enrollmentId)
      await tx.notices.add(noticeRecords(change, [notice]))
    },
  }
}
