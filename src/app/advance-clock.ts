import type { ChangeId } from '../domain/identifiers.ts'
import { type Instant, instant, plus, SECOND, toWireTime } from '../domain/time.ts'
import { Problem } from '../errors/problem.ts'
import type { Dependencies } from './dependencies.ts'
import { advanceChange } from './advance.ts'
import { tellConflicts } from './notices/conflict-notices.ts'
import { formDeliveries } from './notices/form-deliveries.ts'
import { beginDueRenewals } from './renewals.ts'
import type { ClockView } from './views.ts'
import { lookAtNames } from './watch/look-at-names.ts'

export type ClockTarget = { readonly by: number } | { readonly to: Instant }

const DUE_AT_ONCE = 200
/** How often a change is looked at that somebody else has in hand. */
const LOOK_EVERY_MS = 25

/**
 * Own API, sandbox only. The clock stands at each due moment until all that is due there rests, then at the next, and runs on from the target: what happens on
 * the way happens at its own moment. A process killed on the way goes on after its start (resumeAdvance).
 */
export async function advanceClock(deps: Dependencies, target: ClockTarget): Promise<ClockView> {
  const { clockControl, clocks } = deps
  await clockControl.exclusively(async () => {
    await finishInterrupted(deps)
    const goal = 'by' in target ? plus(clocks.lifecycle.now(), target.by) : target.to
    refuseImpossible(deps, goal, 'by' in target ? '/by' : '/to')
    await clockControl.setTarget(goal)
    await reach(deps, goal)
  })
  return readClock(deps)
}

/** As the database has it: another process may have turned it a moment ago. */
export async function readClock({ clocks, clockControl }: Dependencies): Promise<ClockView> {
  await clockControl.agree()
  const now = clocks.lifecycle.now()
  const target = await clockControl.target()
  const offsetSeconds = Math.round((now - clocks.real.now()) / SECOND)
  return { now, offsetSeconds, ...(target !== null && { target }) }
}

/** At a start and now and then: an advance that was under way when a process ended, this one or another. */
export async function resumeAdvance(deps: Dependencies): Promise<void> {
  if ((await deps.clockControl.target()) === null) return
  try {
    await deps.clockControl.exclusively(() => finishInterrupted(deps))
  } catch (error) {
    if (!deps.stopping.aborted) throw error
  }
}

/** Under the clock's lock a target can only be one that its process did not live to reach. */
async function finishInterrupted(deps: Dependencies): Promise<void> {
  const goal = await deps.clockControl.target()
  if (goal !== null) await reach(deps, goal)
}

function refuseImpossible({ clocks, lastInstant }: Dependencies, goal: Instant, field: '/by' | '/to'): void {
  const refuse = (detail: string) => new Problem('validation-error', { errors: [{ field, detail }] })
  if (goal < clocks.lifecycle.now()) throw refuse('the clock goes forwards only')
  if (goal > lastInstant)
    throw refuse(`the sandbox ends with its root certificate at ${toWireTime(lastInstant)}`)
}

/** Whoever is started next, or lives on, finds the target in the database. */
function refuseWhenStopping({ stopping }: Dependencies, goal: Instant): void {
  if (!stopping.aborted) return
  const detail = `The server is being stopped. The clock goes on to ${toWireTime(goal)} by itself when one runs again.`
  throw new Problem('not-ready', { detail })
}

async function reach(deps: Dependencies, goal: Instant): Promise<void> {
  if (deps.standingLook === null) await deps.store.read.nameStandings.stop()
  // What people did since the last look is told at its own moment, also where nothing is due on the way.
  while ((await tellConflicts(deps)) > 0);
  for (;;) {
    refuseWhenStopping(deps, goal)
    const due = await deps.store.read.due.earliest()
    if (due === null || due > goal) break
    const at = instant(Math.max(due, deps.clocks.lifecycle.now()))
    await deps.clockControl.standAt(at)
    await letRest(deps, at)
  }
  await deps.clockControl.runFrom(goal)
}

/** A failed step waits for a later moment, and a renewal that begins takes itself off the list, so this ends. */
async function letRest(deps: Dependencies, at: Instant): Promise<void> {
  do await letChangesRest(deps, at)
  while (!deps.stopping.aborted && (await beginDueRenewals(deps)) > 0)
  while ((await tellConflicts(deps)) > 0);
  while ((await lookAtNames(deps, new AbortController().signal)) > 0);
  while ((await formDeliveries(deps)) > 0);
}

/**
 * One after the other, in the order in which they became due, those of one moment by enrollment: what happens at one moment happens in the same order every
 * time. Here, not by the workers, which take what comes first.
 */
async function letChangesRest(deps: Dependencies, at: Instant): Promise<void> {
  // A step that has begun is finished: it belongs to this moment, whoever stops the server.
  const never = new AbortController().signal
  while (!deps.stopping.aborted) {
    const due = await deps.store.read.changes.due(at, DUE_AT_ONCE)
    if (due.length === 0) return
    for (const id of due) if (!deps.stopping.aborted) await advanceChange(deps, id, never)
    const [first] = await deps.store.read.changes.due(at, 1)
    // Another process has it in hand, and will leave it at rest or behind.
    if (first !== undefined && due.includes(first)) await deps.pause(LOOK_EVERY_MS, deps.stopping)
  }
}

/** While somebody turns the clock, what is due is done there, one after the other. A change that was called for meanwhile is still due at the next look, as one is whose clock nobody trusts. */
export async function advanceUnlessTurned(
  deps: Dependencies,
  id: ChangeId,
  signal: AbortSignal,
): Promise<void> {
  if (await deps.clockGuard.isStopped()) return
  if (deps.mode === 'sandbox') await deps.clockControl.agree()
  if (!deps.clockControl.isTurned()) await advanceChange(deps, id, signal)
}
