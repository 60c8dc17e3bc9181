import type { Change } from '../domain/change/change.ts'
import { finishEffect, move, type Circumstances } from '../domain/change/move.ts'
import type { ChangeEffect } from '../domain/change/effects.ts'
import { wakeEvent } from '../domain/change/wake.ts'
import type { ChangeId } from '../domain/identifiers.ts'
import { instant } from '../domain/time.ts'
import { Problem } from '../errors/problem.ts'
import type { LockedStore } from '../ports/store.ts'
import type { Dependencies } from './dependencies.ts'
import { performEffect } from './effects/effects.ts'
import type { EffectOutcome } from './effects/outcome.ts'
import { Conflict, recordMove, scheduleWake } from './record.ts'

/**
 * Carries one change as far as it goes: performs the effect at the head of its queue, saves the outcome by compare-and-swap, and goes on until it
 * waits for a person, a clock or a CA. Under the change's lock, so that an order or an upload never happens twice at once; who does not get the lock
 * leaves a mark, and the holder looks at the mark before and after it lets go.
 */
export async function advanceChange(deps: Dependencies, id: ChangeId, signal: AbortSignal): Promise<void> {
  for (;;) {
    const seen = await deps.store.read.changes.wakeups(id)
    const run = await deps.store.withChangeLock(id, (locked) => carry(deps, locked, id, signal))
    if (!run.held) return deps.store.read.changes.raiseWakeups(id)
    if (signal.aborted || (await deps.store.read.changes.wakeups(id)) === seen) return
  }
}

async function carry(deps: Dependencies, locked: LockedStore, id: ChangeId, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const change = await locked.read.changes.load(id)
    if (change === null || !(await advanceOnce(deps, locked, change, signal))) return
  }
}

/** False when the change rests. */
async function advanceOnce(deps: Dependencies, locked: LockedStore, change: Change, signal: AbortSignal): Promise<boolean> {
  const effect = change.effects[0]
  if (effect === undefined) return wake(deps, locked, change)
  if (change.nextAt !== null && change.nextAt > deps.clocks.lifecycle.now()) return later(deps, locked, change)
  const steps = [effect, change.status]
  await deps.failpoints.reach('before', steps)
  const outcome = await perform(deps, locked, change, effect, signal)
  const goesOn = await settle(deps, locked, change, effect, outcome)
  await deps.failpoints.reach('after', steps)
  return goesOn
}

async function wake(deps: Dependencies, locked: LockedStore, change: Change): Promise<boolean> {
  const at = circumstances(deps)
  if (change.nextAt === null || change.nextAt > at.now) return later(deps, locked, change)
  const event = wakeEvent(change, at.now)
  if (event === null) return rest(locked, change)
  const next = move(change, event, at)
  if (!next.ok) return rest(locked, change)
  return saved(locked, deps, next.change, event)
}

async function later(deps: Dependencies, locked: LockedStore, change: Change): Promise<boolean> {
  await scheduleWake(locked.read, deps, change)
  return false
}

/** Nothing is to be done at this wake-up after all: it must not come again. */
async function rest(locked: LockedStore, change: Change): Promise<boolean> {
  await locked.read.changes.save({ ...change, nextAt: null })
  return false
}

async function perform(
  deps: Dependencies,
  locked: LockedStore,
  change: Change,
  effect: ChangeEffect,
  signal: AbortSignal,
): Promise<EffectOutcome> {
  try {
    return await performEffect(effect, { deps, locked, change, signal })
  } catch (error) {
    if (error instanceof Conflict) throw error
    const problem = error instanceof Problem ? error : new Problem('internal-error', { cause: error })
    deps.observer.stepFailed({ changeId: change.id, effect, code: problem.code, cause: error })
    return {
      kind: 'event',
      event: 'step-failed',
      failure: { code: problem.code, description: problem.message },
    }
  }
}

async function settle(
  deps: Dependencies,
  locked: LockedStore,
  change: Change,
  effect: ChangeEffect,
  outcome: EffectOutcome,
): Promise<boolean> {
  const at = circumstances(deps)
  if (outcome.kind === 'done') {
    return saved(locked, deps, finishEffect(change, at), effect, outcome.write)
  }
  const attempts = outcome.event === 'step-failed' ? change.progress.attempts + 1 : undefined
  const next = move(change, outcome.event, at, {
    ...(outcome.findings && { findings: outcome.findings }),
    ...(outcome.failure && { failure: outcome.failure }),
    ...(outcome.nextAt !== undefined && { nextAt: outcome.nextAt }),
    progress: { ...outcome.progress, ...(attempts !== undefined && { attempts }) },
  })
  if (!next.ok) {
    if (outcome.event !== 'step-failed') throw new Problem('internal-error', { cause: next })
    return saved(locked, deps, { ...change, nextAt: instant(at.now + CLEANUP_RETRY_MS), updatedAt: at.now }, effect).then(() => false)
  }
  return saved(locked, deps, next.change, outcome.event, outcome.write)
}

/** A clean-up effect of an ended change has no state to fail into: it is tried again until it works. */
const CLEANUP_RETRY_MS = 30_000

/** True: go on, also after a lost compare-and-swap, since the next load shows what the other one did. */
async function saved(
  locked: LockedStore,
  deps: Dependencies,
  moved: Change,
  event: string,
  write?: EffectOutcome['write'],
): Promise<boolean> {
  try {
    await locked.transaction(async (tx) => {
      if (write) await write(tx)
      if (!(await recordMove(tx, deps, moved, event))) throw new Conflict()
    })
  } catch (error) {
    if (!(error instanceof Conflict)) throw error
    return true
  }
  deps.observer.changeMoved({
    changeId: moved.id,
    enrollmentId: moved.enrollmentId,
    event,
    status: moved.status,
    state: moved.state,
    seconds: (moved.updatedAt - moved.createdAt) / 1000,
  })
  return true
}

const circumstances = (deps: Dependencies): Circumstances => ({
  now: deps.clocks.lifecycle.now(),
  policy: deps.validationPolicy,
})
