import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type ChangeId, changeId } from '../domain/identifiers.ts'
import { createLog } from '../observe/log.ts'
import type { DueChange, Lane, WakeUp } from '../ports/wake-ups.ts'
import { startWorker } from './worker.ts'

const [ONE, TWO, THREE, FOUR] = [changeId(1), changeId(2), changeId(3), changeId(4)]
const CONCURRENCY = 2

const ofPeople = (...ids: ChangeId[]): DueChange[] => ids.map((changeId) => ({ changeId, lane: 'person' }))
const ofEngine = (...ids: ChangeId[]): DueChange[] => ids.map((changeId) => ({ changeId, lane: 'engine' }))

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

/** Runs of a change go on until the test ends them. */
async function started(due: () => Promise<readonly DueChange[]> = async () => []) {
  const runs: { readonly id: ChangeId; readonly signal: AbortSignal; end(fault?: Error): void }[] = []
  const waited: number[] = []
  let tell: (wakeUp: WakeUp | null) => void = () => {}
  const worker = await startWorker({
    concurrency: CONCURRENCY,
    engineConcurrency: CONCURRENCY - 1,
    log: createLog('silent'),
    due,
    wakeUps: {
      subscribe: (listener) => {
        tell = listener
        return () => {
          tell = () => {}
        }
      },
    },
    advance: (id, signal) =>
      new Promise((resolve, reject) => {
        runs.push({ id, signal, end: (fault) => (fault === undefined ? resolve() : reject(fault)) })
      }),
    onStarted: (seconds) => waited.push(seconds),
    realNow: () => Date.now(),
  })
  const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds)
  await pass(0)
  return {
    worker,
    runs,
    waited,
    pass,
    begun: () => runs.map(({ id }) => id),
    async end(index: number, fault?: Error) {
      runs[index]?.end(fault)
      await pass(0)
    },
    async wake(id: ChangeId, afterMs = 0, lane: Lane = 'person') {
      tell({ changeId: id, afterMs, lane })
      await pass(0)
    },
    async listenAgain() {
      tell(null)
      await pass(0)
    },
  }
}

describe('a worker', () => {
  it('takes at its start what is due, no more at once than it may, and the others in their order', async () => {
    const { begun, end, pass, waited } = await started(async () => ofPeople(ONE, TWO, THREE))
    expect(begun()).toEqual([ONE, TWO])
    await pass(1_500)
    await end(1)
    expect(begun()).toEqual([ONE, TWO, THREE])
    expect(waited).toEqual([0, 0, 1.5])
  })

  it('takes a change at once when it is told of it', async () => {
    const { begun, wake } = await started()
    await wake(ONE)
    expect(begun()).toEqual([ONE])
  })

  it('carries a change again that it was told of while it carried it, once, however often it was told', async () => {
    const { begun, end, wake } = await started()
    for (let count = 0; count < 4; count += 1) await wake(ONE)
    expect(begun()).toEqual([ONE])
    await end(0)
    expect(begun()).toEqual([ONE, ONE])
    await end(1)
    expect(begun()).toEqual([ONE, ONE])
  })

  it('leaves places to people however much the engine began, and lets them go first', async () => {
    const { begun, end, wake } = await started(async () => ofEngine(ONE, TWO))
    expect(begun()).toEqual([ONE])
    await wake(THREE)
    expect(begun()).toEqual([ONE, THREE])
    await wake(FOUR)
    await end(0)
    expect(begun()).toEqual([ONE, THREE, FOUR])
    await end(1)
    expect(begun()).toEqual([ONE, THREE, FOUR, TWO])
  })

  it('carries at once what the engine began and a person asks for', async () => {
    const { begun, wake } = await started(async () => ofEngine(ONE, TWO))
    await wake(TWO)
    expect(begun()).toEqual([ONE, TWO])
  })

  it('keeps the moment that it is told of', async () => {
    const { begun, pass, wake } = await started()
    await wake(ONE, 700)
    await pass(699)
    expect(begun()).toEqual([])
    await pass(1)
    expect(begun()).toEqual([ONE])
  })

  it('finds within two seconds what nobody told it of, and takes no second time what it carries', async () => {
    const due: DueChange[] = []
    const { begun, end, pass } = await started(async () => due)
    due.push(...ofPeople(ONE))
    await pass(2_000)
    expect(begun()).toEqual([ONE])
    await pass(10_000)
    await end(0)
    expect(begun()).toEqual([ONE])
  })

  it('looks at once when it may have missed something', async () => {
    const due: DueChange[] = []
    const { begun, listenAgain } = await started(async () => due)
    due.push(...ofPeople(ONE))
    await listenAgain()
    expect(begun()).toEqual([ONE])
  })

  it('comes back to a change that a fault interrupted, and carries the others on meanwhile', async () => {
    const { begun, end, pass } = await started(async () => ofPeople(ONE))
    await end(0, new Error('the connection was lost'))
    expect(begun()).toEqual([ONE])
    await pass(2_000)
    expect(begun()).toEqual([ONE, ONE])
  })

  it('goes on when the database has been away, however long', async () => {
    let isAway = false
    const { begun, listenAgain, pass } = await started(async () => {
      if (isAway) throw new Error('away')
      return ofPeople(ONE)
    })
    isAway = true
    await listenAgain()
    await pass(30_000)
    isAway = false
    await pass(2_000)
    expect(begun()).toEqual([ONE])
  })

  it('begins nothing more when it is closed, tells what it carries to stop, and waits for it', async () => {
    const { begun, end, pass, runs, wake, worker } = await started()
    await wake(ONE, 100)
    await wake(TWO)
    await wake(TWO)
    let isClosed = false
    const closing = worker.close().then(() => {
      isClosed = true
    })
    await wake(THREE)
    await pass(5_000)
    expect([begun(), runs[0]?.signal.aborted, isClosed]).toEqual([[TWO], true, false])
    await end(0)
    await closing
    expect([begun(), isClosed]).toEqual([[TWO], true])
  })
})
