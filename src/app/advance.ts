import { type Change, progressAfterFailure } from '../domain/change/change.ts'
import type { ChangeEffect } from '../domain/change/effects.ts'
import type { ChangeEvent } from '../domain/change/events.ts'
import { type Circumstances, finishEffect, move } from '../domain/change/move.ts'
import { isLeftToPeople } from '../domain/change/last-resort.ts'
import { isOverdue, wakeEvent } from '../domain/change/wake.ts'
import type { ChangeId } from '../domain/identifiers.ts'
import { type Instant, instant, plus, SECOND } from '../domain/time.ts'
import { noticesOfMove } from '../domain/notices/notices-of-move.ts'
import { refusedNamesNotices } from '../domain/notices/refused-names.ts'
import { Problem } from '../errors/problem.ts'
import type { Kept } from '../ports/changes.ts'
import type { LockedStore, Repositories } from '../ports/store.ts'
import { showSettled } from './cancel-change.ts'
import type { Dependencies } from './dependencies.ts'
import { performEffect } from './effects/effects.ts'
import type { EffectOutcome, Write } from './effects/outcome.ts'
import { noticeRecords } from './notices/records.ts'
import { Conflict, laneOf, moveNote } from './record.ts'
import { followUpWish } from './remove-enrollment.ts'
import { takeAwayRecords } from './take-away-records.ts'

/**
 * Carries one change as far as it goes: performs the effect at the head of its queue, saves the outcome by compare-and-swap, and goes on until it
 * waits for a person, a clock or a CA. Under the change's lock, so that an order or an upload never happens twice at once. Who does not get the lock has
 * nothing to do: the holder looks, after it has let go, whether something came up meanwhile, and of a holder that dies another worker's look finds the change.
 */
export async function advanceChange(deps: Dependencies, id: ChangeId, signal: AbortSignal): Promise<void> {
  for (;;) {
    const { held } = await deps.store.withChangeLock(id, async (locked) => {
      // Another process may have turned the clock to the very moment for which this change was called.
      if (deps.mode === 'sandbox') await deps.clockControl.agree()
      await carry({ deps, locked, signal }, id)
    })
    if (!held || signal.aborted) return
    await takeAwayRecords(deps, id, signal)
    if (!(await deps.store.read.changes.isDue(id, deps.clocks.lifecycle.now()))) return
  }
}

interface Carrier {
  readonly deps: Dependencies
  readonly locked: LockedStore
  readonly signal: AbortSignal
}

/** `load`: somebody else wrote first. `rest`: nothing to do now. */
type Next = Change | 'load' | 'rest'

async function carry(carrier: Carrier, id: ChangeId): Promise<void> {
  let next: Next = 'load'
  while (next !== 'rest' && !carrier.signal.aborted) {
    const change: Change | null = next === 'load' ? await carrier.locked.read.changes.load(id) : next
    next = change === null ? 'rest' : await advanceOnce(carrier, change)
    if (change !== null && next === 'rest') await followUpWish(carrier.deps, change)
  }
}

async function advanceOnce(carrier: Carrier, change: Change): Promise<Next> {
  const { deps } = carrier
  if (change.nextAt === null || change.nextAt > deps.clocks.lifecycle.now()) return 'rest'
  const effect = change.effects[0]
  if (effect === undefined || isOverdue(change, deps.clocks.lifecycle.now())) return wake(carrier, change)
  const steps = [effect, change.status]
  await deps.failpoints.reach('before', steps)
  const outcome = await perform(carrier, change, effect)
  await deps.failpoints.reach('during', steps)
  const next = await settle(carrier, change, effect, outcome)
  await deps.failpoints.reach('after', steps)
  return next
}

async function wake(carrier: Carrier, change: Change): Promise<Next> {
  const at = circumstances(carrier.deps)
  const event = wakeEvent(change, at.now)
  const next = event === null ? null : move(change, event, at)
  if (event !== null && next?.ok === true) return saved(carrier, next.change, event, leftBy(event, change))
  // Nothing is to be done at this moment after all: it must not come again.
  await carrier.locked.read.changes.save({ ...change, nextAt: null })
  return 'rest'
}

/** What the enrollment shows goes back to what is settled when a renewal takes the place of its change. */
const leftBy = (event: ChangeEvent, change: Change): { readonly write?: Write } =>
  event === 'superseded' ? { write: (tx) => showSettled(tx, change) } : {}

async function perform(
  { deps, locked, signal }: Carrier,
  change: Change,
  effect: ChangeEffect,
): Promise<EffectOutcome> {
  try {
    return await performEffect(effect, { deps, locked, change, signal })
  } catch (error) {
    // Without its database the step has neither failed nor succeeded: the change is as it was, and comes again.
    if (error instanceof Problem && error.code === 'database-unavailable') throw error
    const problem = error instanceof Problem ? error : new Problem('internal-error', { cause: error })
    deps.observer.stepFailed({ changeId: change.id, effect, code: problem.code, cause: error })
    return {
      kind: 'event',
      event: 'step-failed',
      failure: { code: problem.code, description: problem.message },
      ...waitOf(problem, deps),
    }
  }
}

/** A CA that said when to come again is not asked sooner. */
const waitOf = ({ retryAfterSeconds }: Problem, deps: Dependencies): { readonly nextAt?: Instant } =>
  retryAfterSeconds === null ? {} : { nextAt: plus(deps.clocks.lifecycle.now(), retryAfterSeconds * SECOND) }

async function settle(
  carrier: Carrier,
  change: Change,
  effect: ChangeEffect,
  outcome: EffectOutcome,
): Promise<Next> {
  const at = circumstances(carrier.deps)
  if (outcome.kind === 'later') {
    const progress = { ...change.progress, ...outcome.progress }
    return saved(carrier, { ...change, progress, nextAt: outcome.at, updatedAt: at.now }, effect, outcome)
  }
  if (outcome.kind === 'done') {
    const progress = { ...change.progress, ...outcome.progress }
    return saved(carrier, finishEffect({ ...change, progress }, at), effect, outcome)
  }
  const next = move(change, outcome.event, at, { ...outcome, progress: progressOf(change, outcome, at.now) })
  if (next.ok) return saved(carrier, next.change, outcome.event, outcome)
  if (outcome.event !== 'step-failed') throw new Problem('internal-error', { cause: next })
  // A clean-up of an ended change has no state to fail into: it is tried again until it works.
  return saved(
    carrier,
    { ...change, nextAt: outcome.nextAt ?? instant(at.now + CLEAN_UP_AGAIN_MS), updatedAt: at.now },
    'clean-up-failed',
  )
}

const CLEAN_UP_AGAIN_MS = 30 * SECOND

const progressOf = (change: Change, outcome: Extract<EffectOutcome, { kind: 'event' }>, now: Instant) =>
  outcome.event === 'step-failed'
    ? { ...outcome.progress, ...progressAfterFailure(change, outcome.failure?.code, now) }
    : { ...outcome.progress }

/** What is due at once is done in this very run, so only of a later moment workers are told; if this process dies, the look at what is due finds the change. */
async function saved(
  carrier: Carrier,
  moved: Change,
  event: string,
  { keeps, write }: Pick<EffectOutcome & { kind: 'done' }, 'keeps' | 'write'> = {},
): Promise<Next> {
  const { deps, locked } = carrier
  const isLater = moved.nextAt !== null && moved.nextAt > deps.clocks.lifecycle.now()
  const note = { ...moveNote(deps, moved, event, isLater), lane: laneOf(moved) }
  const told = [
    ...noticesOfMove(moved, event, note.at),
    ...refusedNamesNotices(moved, refusedIn(event, keeps), note.at),
  ]
  const notices = noticeRecords(moved, told)
  const record = async (repositories: Repositories) => {
    if (!(await repositories.changes.record(moved, note, { ...keeps, notices }))) throw new Conflict()
  }
  try {
    if (write === undefined) await record(locked.read)
    else {
      await locked.transaction(async (tx) => {
        await write(tx)
        await record(tx)
      })
    }
  } catch (error) {
    if (!(error instanceof Conflict)) throw error
    return 'load'
  }
  observe(deps, moved, event)
  return isLater ? 'rest' : { ...moved, revision: moved.revision + 1 }
}

const refusedIn = (event: string, keeps: Kept | undefined): readonly string[] =>
  event === 'names-invalidated'
    ? (keeps?.validations ?? []).flatMap(({ domain, status }) => (status === 'invalid' ? [domain] : []))
    : []

function observe({ observer }: Dependencies, moved: Change, event: string): void {
  const { id: changeId, enrollmentId, action, status, state } = moved
  const seconds = (moved.updatedAt - moved.createdAt) / SECOND
  observer.changeMoved({ changeId, enrollmentId, event, status, state, seconds })
  if (isLeftToPeople(moved))
    observer.gaveUp({ changeId, enrollmentId, action, status, code: moved.error?.code ?? 'internal-error' })
}

const circumstances = (deps: Dependencies): Circumstances => ({
  now: deps.clocks.lifecycle.now(),
  policy: deps.validationPolicy,
})
