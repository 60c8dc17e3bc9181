import type { Change } from '../domain/change/change.ts'
import { move } from '../domain/change/move.ts'
import { isOfRequest } from '../domain/findings/stages.ts'
import { Problem } from '../errors/problem.ts'
import { endWithoutEffect } from './cancel-change.ts'
import type { Dependencies } from './dependencies.ts'
import { requireChange } from './read-enrollments.ts'
import { Conflict, moveNote, retryingConflicts } from './record.ts'
import type { AcknowledgementWord, ChangeReference, WarningsKind } from './use-cases.ts'
import type { Caller, FindingView } from './views.ts'
import { awaitRest } from './wait.ts'

/** Where each kind of warnings is reviewed (spec: behaviour C3). */
const REVIEWS: Readonly<Record<WarningsKind, readonly Change['status'][]>> = {
  'pre-verification': ['wait-review-pre-verification-safety-checks'],
  'post-verification': ['wait-review-third-party-cert', 'wait-review-cert-warning'],
}

/** CPS API: Warnings. */
export async function getWarnings(
  deps: Dependencies,
  caller: Caller,
  ref: ChangeReference,
  kind: WarningsKind,
): Promise<readonly FindingView[]> {
  const { findings } = requireReview(await requireChange(deps.store, caller, ref), kind)
  // What was told about the request is not told again about its certificate.
  return findings.filter((found) => isOfRequest(found) === (kind === 'pre-verification'))
}

/** The very next read shows another status (spec: behaviour C4). To deny is to cancel. */
export async function acknowledgeWarnings(
  deps: Dependencies,
  caller: Caller,
  ref: ChangeReference,
  kind: WarningsKind,
  word: AcknowledgementWord,
): Promise<void> {
  await retryingConflicts(async () => {
    const change = requireReview(await requireChange(deps.store, caller, ref), kind)
    if (word === 'acknowledge') return acknowledge(deps, change)
    await deps.store.transaction((tx) => endWithoutEffect(tx, deps, change, 'denied'))
  })
  await awaitRest(deps, ref.changeId)
}

/** Also for change management: the review of what is on staging. */
export async function acknowledge(deps: Dependencies, change: Change): Promise<void> {
  const next = move(change, 'acknowledged', {
    now: deps.clocks.lifecycle.now(),
    policy: deps.validationPolicy,
  })
  if (!next.ok) throw new Problem('not-found')
  if (!(await deps.store.read.changes.record(next.change, moveNote(deps, next.change, 'acknowledged', true))))
    throw new Conflict()
}

function requireReview(change: Change, kind: WarningsKind): Change {
  if (change.state !== 'awaiting-input' || !REVIEWS[kind].includes(change.status))
    throw new Problem('not-found')
  return change
}
