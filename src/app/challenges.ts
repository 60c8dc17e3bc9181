import { isOpen } from '../domain/change/vocabulary.ts'
import type { Change } from '../domain/change/change.ts'
import { move } from '../domain/change/move.ts'
import { Problem } from '../errors/problem.ts'
import type { NameValidationRecord } from '../ports/validations.ts'
import type { Dependencies } from './dependencies.ts'
import { requireChange } from './read-enrollments.ts'
import { Conflict, moveNote, retryingConflicts } from './record.ts'
import type { AcknowledgementWord, ChangeReference } from './use-cases.ts'
import type { Caller, NameValidationView } from './views.ts'
import { awaitRest } from './wait.ts'

/** CPS API: DvChallenges. Readable from the moment they exist until the change leaves domain validation. */
export async function getChallenges(
  deps: Dependencies,
  caller: Caller,
  ref: ChangeReference,
): Promise<readonly NameValidationView[]> {
  const change = await requireChange(deps.store, caller, ref)
  if (!showsChallenges(change)) throw new Problem('not-found')
  return (await deps.store.read.validations.currentOf(change.id)).map(validationView)
}

/** Asks for a look at once. May be sent many times: 200 while the change is open and DV (spec: behaviour C12). */
export async function acknowledgeChallenges(
  deps: Dependencies,
  caller: Caller,
  ref: ChangeReference,
  word: AcknowledgementWord,
): Promise<void> {
  const change = await requireChange(deps.store, caller, ref)
  if (!isOpen(change) || change.settings.validationType !== 'dv') throw new Problem('not-found')
  if (word === 'deny') return
  const moved = await retryingConflicts(() => requestValidation(deps, caller, ref))
  if (moved) await awaitRest(deps, change.id)
}

/** False when nothing is waited for: the look is under way, or the change is past it. */
async function requestValidation(deps: Dependencies, caller: Caller, ref: ChangeReference): Promise<boolean> {
  const change = await requireChange(deps.store, caller, ref)
  if (!showsChallenges(change)) return false
  const at = { now: deps.clocks.lifecycle.now(), policy: deps.validationPolicy }
  const next = move(change, 'validation-requested', at, {
    progress: { trigger: 'acknowledgement', acknowledgedAt: at.now },
  })
  if (!next.ok) return false
  const note = moveNote(deps, next.change, 'validation-requested', true)
  if (!(await deps.store.read.changes.record(next.change, note))) throw new Conflict()
  return true
}

const showsChallenges = (change: Change): boolean =>
  change.status === 'coordinate-domain-validation' && change.state === 'awaiting-input'

export const validationView = (record: NameValidationRecord): NameValidationView => ({
  domain: record.domain,
  status: record.status,
  error: record.error,
  requestedAt: record.requestedAt,
  validatedAt: record.validatedAt,
  expires: record.expiresAt,
  challenges: record.challenges.flatMap(({ type, ...challenge }) =>
    type === 'tls-alpn-01' ? [] : [{ ...challenge, type }],
  ),
})
