import { setMaxListeners } from 'node:events'
import type { ChangeId } from '../domain/identifiers.ts'
import { SECOND } from '../domain/time.ts'
import type { Logger } from '../observe/log.ts'
import type { DueChange, Lane, WakeUps } from '../ports/wake-ups.ts'
import { every } from './every.ts'

export interface WorkerDependencies {
  /** How many changes are carried at once. */
  readonly concurrency: number
  /** How many of them the renewal engine's may be: the other places are for what a person waits for. */
  readonly engineConcurrency: number
  readonly log: Logger
  readonly wakeUps: WakeUps
  /** Changes whose moment has come, those that a person waits for first, of each lane the earliest first. */
  readonly due: () => Promise<readonly DueChange[]>
  /** Carries a change as far as it goes. What it throws is a fault: the change is still due then, and comes again. */
  readonly advance: (id: ChangeId, signal: AbortSignal) => Promise<void>
  readonly onStarted: (waitedSeconds: number) => void
  readonly realNow: () => number
}

/** The longest time until what a wake-up did not tell, or a fault interrupted, is taken up. */
const LOOK_EVERY_MS = 2 * SECOND

/**
 * Carries every change that is due. The `changes` table is the only queue: what is due is looked up every now and then, and a wake-up makes that sooner. Nothing
 * is claimed and nothing has to be given back, so that a process or a database that goes away leaves nothing behind: of those who come for a change, in this
 * process or another, its advisory lock lets one in (docs/adr/0008).
 */
export async function startWorker(deps: WorkerDependencies): Promise<{ close(): Promise<void> }> {
  const stopped = new AbortController()
  // Everything that is under way for any change listens to it.
  setMaxListeners(0, stopped.signal)
  /** With the moment since which they wait for their turn. */
  const wanted: Record<Lane, Map<ChangeId, number>> = { person: new Map(), engine: new Map() }
  const running = new Map<ChangeId, Promise<void>>()
  const ofEngine = new Set<ChangeId>()

  /** What the engine began and a person asks for now goes over to the person's lane, with its wait. */
  function want({ changeId: id, lane }: DueChange): void {
    const since = wanted.person.get(id) ?? wanted.engine.get(id) ?? deps.realNow()
    const taken = lane === 'person' || wanted.person.has(id) ? 'person' : 'engine'
    if (taken === 'person') wanted.engine.delete(id)
    if (!wanted[taken].has(id)) wanted[taken].set(id, since)
    startNext()
  }

  function startNext(): void {
    start('person', () => running.size < deps.concurrency)
    start('engine', () => running.size < deps.concurrency && ofEngine.size < deps.engineConcurrency)
  }

  /** A change that is being carried keeps its place: what it was called for may have come too late for that run. */
  function start(lane: Lane, hasRoom: () => boolean): void {
    for (const [id, since] of wanted[lane]) {
      if (!hasRoom() || stopped.signal.aborted) return
      if (running.has(id)) continue
      wanted[lane].delete(id)
      deps.onStarted(Math.max(0, deps.realNow() - since) / SECOND)
      if (lane === 'engine') ofEngine.add(id)
      running.set(id, run(id))
    }
  }

  const run = (id: ChangeId): Promise<void> =>
    Promise.resolve()
      .then(() => deps.advance(id, stopped.signal))
      .catch((error: unknown) => deps.log.warn({ err: error, change: id }, 'a change could not go on'))
      .then(() => {
        running.delete(id)
        ofEngine.delete(id)
        startNext()
      })

  async function look(): Promise<void> {
    for (const change of await deps.due()) if (!running.has(change.changeId)) want(change)
  }

  const unsubscribe = deps.wakeUps.subscribe((wakeUp) => {
    if (wakeUp === null) look().catch(() => {})
    else if (wakeUp.afterMs === 0) want(wakeUp)
    // A later moment than the next look's is that look's.
    else if (wakeUp.afterMs < LOOK_EVERY_MS) setTimeout(want, wakeUp.afterMs, wakeUp).unref()
  })

  await look()
  const looks = every(LOOK_EVERY_MS, look, deps.log)

  return {
    async close() {
      stopped.abort()
      unsubscribe()
      await looks.close()
      await Promise.all(running.values())
    },
  }
}
