import type { KyselyPlugin } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { advanceUnlessTurned, readClock } from '../../src/app/advance-clock.ts'
import { changeId } from '../../src/domain/identifiers.ts'
import { DAY, instant, plus } from '../../src/domain/time.ts'
import { CLOCK_CHANNEL } from '../../src/store/channels.ts'
import { createLifecycleClock } from '../../src/store/lifecycle-clock.ts'
import type { Listener, Note } from '../../src/store/listener.ts'
import { openStore, type StoreUnderTest, T0 } from '../support/store-under-test.ts'

let subject: StoreUnderTest
beforeAll(async () => {
  subject = await openStore()
})
afterAll(() => subject.close())

/** Notes come when the test says so. */
function scriptedListener() {
  const heard = new Set<(note: Note | null) => void>()
  const listener: Pick<Listener, 'subscribe'> = {
    subscribe(hear) {
      heard.add(hear)
      return () => heard.delete(hear)
    },
  }
  return {
    listener: listener as Listener,
    tell: () => heard.forEach((hear) => hear({ channel: CLOCK_CHANNEL, payload: '' })),
  }
}

/** What the database answers to a read of the clock is kept back while there is a gate. */
function lateAnswers() {
  let gate: Promise<void> | null = null
  let waiting = () => {}
  const plugin: KyselyPlugin = {
    transformQuery: ({ node }) => node,
    async transformResult({ result }) {
      const held = gate
      if (held !== null && result.rows.some((row) => 'offset_milliseconds' in row)) {
        waiting()
        await held
      }
      return result
    },
  }
  return {
    plugin,
    hold() {
      let release = () => {}
      gate = new Promise((resolve) => {
        release = resolve
      })
      const read = new Promise<void>((resolve) => {
        waiting = resolve
      })
      return {
        /** The answer has come from the database. */
        read,
        letGo() {
          gate = null
          release()
        },
      }
    },
  }
}

it('an answer that was read before the clock was turned, and comes after, does not turn it back', async () => {
  const answers = lateAnswers()
  const { listener, tell } = scriptedListener()
  const real = { now: () => T0 }
  const db = subject.db.withPlugin(answers.plugin)
  const { clock, control } = await createLifecycleClock(db, real, listener)
  const held = answers.hold()
  tell()
  await held.read
  await control.runFrom(plus(instant(T0), DAY))
  held.letGo()
  await new Promise((resolve) => setImmediate(resolve))
  expect(clock.now()).toBe(plus(instant(T0), DAY))
})

it('follows what another process wrote', async () => {
  const { listener, tell } = scriptedListener()
  const { clock } = await createLifecycleClock(subject.db, { now: () => T0 }, listener)
  const other = await createLifecycleClock(subject.db, { now: () => T0 }, scriptedListener().listener)
  await other.control.runFrom(plus(instant(T0), 3 * DAY))
  tell()
  await expect.poll(() => clock.now()).toBe(plus(instant(T0), 3 * DAY))
})

it('agrees with what another process wrote before any note has come', async () => {
  const { clock, control } = await createLifecycleClock(
    subject.db,
    { now: () => T0 },
    scriptedListener().listener,
  )
  const other = await createLifecycleClock(subject.db, { now: () => T0 }, scriptedListener().listener)
  await other.control.standAt(plus(instant(T0), 4 * DAY))
  await control.agree()
  expect(clock.now()).toBe(plus(instant(T0), 4 * DAY))
  await other.control.runFrom(plus(instant(T0), 4 * DAY))
})

it('begins and stands where a seeded sandbox wants it, also after a turn and another start', async () => {
  await subject.db.updateTable('lifecycle_clock').set({ offset_milliseconds: 0, standing_at: null }).execute()
  const standsFrom = instant(Date.UTC(2026, 0, 1))
  let real = T0
  const start = () =>
    createLifecycleClock(subject.db, { now: () => real }, scriptedListener().listener, { standsFrom })
  const { clock, control } = await start()
  real = plus(real, DAY)
  expect(clock.now()).toBe(standsFrom)
  await control.runFrom(plus(standsFrom, 2 * DAY))
  real = plus(real, DAY)
  expect(clock.now()).toBe(plus(standsFrom, 2 * DAY))
  expect((await start()).clock.now()).toBe(plus(standsFrom, 2 * DAY))
})

const anotherProcess = (db = subject.db) =>
  createLifecycleClock(db, { now: () => T0 }, scriptedListener().listener)

function deferred() {
  let settle = () => {}
  const promise = new Promise<void>((resolve) => {
    settle = resolve
  })
  return { promise, settle }
}

/** Tells when whoever wants to turn the clock has found that somebody else does. */
function refusedLock() {
  const { promise, settle } = deferred()
  const plugin: KyselyPlugin = {
    transformQuery: ({ node }) => node,
    async transformResult({ result }) {
      if (result.rows.some((row) => 'held' in row && row['held'] === false)) settle()
      return result
    },
  }
  return { refused: promise, plugin }
}

it('a second call waits its turn, in whichever process it was made', async () => {
  const { refused, plugin } = refusedLock()
  const one = await anotherProcess()
  const other = await anotherProcess(subject.db.withPlugin(plugin))
  const order: string[] = []
  const [begun, ended] = [deferred(), deferred()]
  const first = one.control.exclusively(async () => {
    begun.settle()
    await ended.promise
    order.push('first')
  })
  await begun.promise
  const second = other.control.exclusively(async () => order.push('second'))
  await refused
  expect(order).toEqual([])
  ended.settle()
  await Promise.all([first, second])
  expect(order).toEqual(['first', 'second'])
})

it('while one process turns the clock the workers of another leave to it what is due, and take it up afterwards', async () => {
  const [one, other] = await Promise.all([anotherProcess(), anotherProcess()])
  const carried = Promise.reject(new Error('it was carried'))
  carried.catch(() => {})
  const deps = {
    mode: 'sandbox',
    clockGuard: { isStopped: async () => false },
    clockControl: other.control,
    store: { withChangeLock: () => carried },
  } as unknown as Parameters<typeof advanceUnlessTurned>[0]
  const work = () => advanceUnlessTurned(deps, changeId(1), new AbortController().signal)
  await one.control.setTarget(plus(instant(T0), 9 * DAY))
  await work()
  await one.control.runFrom(plus(instant(T0), 9 * DAY))
  await expect(work()).rejects.toThrow('it was carried')
})

it('says in every process where it is being turned to, as long as it is', async () => {
  const [one, other] = await Promise.all([anotherProcess(), anotherProcess()])
  const clocks = { lifecycle: other.clock, real: { now: () => T0 } }
  const deps = { clocks, clockControl: other.control } as unknown as Parameters<typeof readClock>[0]
  const [middle, target] = [plus(instant(T0), 10 * DAY), plus(instant(T0), 20 * DAY)]
  await one.control.setTarget(target)
  await one.control.standAt(middle)
  expect(await readClock(deps)).toEqual({ now: middle, offsetSeconds: 864_000, target })
  await one.control.runFrom(target)
  expect(await readClock(deps)).toEqual({ now: target, offsetSeconds: 1_728_000 })
})
