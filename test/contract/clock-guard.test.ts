import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { advanceUnlessTurned } from '../../src/app/advance-clock.ts'
import { beginDueRenewals } from '../../src/app/renewals.ts'
import { createUseCases } from '../../src/app/create-use-cases.ts'
import { accountId, contractId } from '../../src/domain/identifiers.ts'
import { HOUR, instant, MINUTE, plus, SECOND } from '../../src/domain/time.ts'
import { createClockGuard } from '../../src/store/clock-guard.ts'
import { type InProcess, startInProcess } from '../support/in-process.ts'
import { dvSettings } from '../support/settings.ts'

let running: InProcess
/** How far this machine's clock is from the database's. */
let moved = 0
let stops: string[] = []

beforeAll(async () => {
  running = await startInProcess()
})
afterAll(() => running.close())
afterEach(async () => {
  await running.foundation.db.deleteFrom('clock_checks').execute()
  await running.foundation.db.deleteFrom('notices').execute()
  moved = 0
  stops = []
})

const guard = (instance = 'one') =>
  createClockGuard(running.foundation.db, {
    instance,
    real: { now: () => instant(Date.now() + moved) },
    operatorAccount: accountId('A-SANDBOX'),
    onStopped: (reason) => stops.push(reason),
  })
const signal = new AbortController().signal

it('a clock that moves more than five minutes against the database stops until somebody confirms it, and is told of once', async () => {
  const clock = guard()
  expect(await clock.isStopped()).toBe(false)
  moved = 6 * MINUTE
  expect(await clock.isStopped()).toBe(true)
  moved = 0
  expect(await clock.isStopped()).toBe(true)
  expect(stops).toEqual([expect.stringContaining('6 minutes ahead of')])
  const told = await running.foundation.db.selectFrom('notices').selectAll().execute()
  expect(told).toMatchObject([{ occasion: 'clock-moved', account_id: 'A-SANDBOX', enrollment_id: null }])
  expect(told[0]?.text).toContain('certrail clock confirm')
  await clock.confirm()
  expect(await clock.isStopped()).toBe(false)
})

it('what was confirmed is where it is measured from, and a restart forgets neither a stop nor a confirmation', async () => {
  moved = HOUR
  expect(await guard().isStopped()).toBe(true)
  const restarted = guard()
  expect(await restarted.isStopped()).toBe(true)
  await restarted.confirm()
  expect(await guard().isStopped()).toBe(false)
  moved = 0
  expect(await guard().isStopped()).toBe(true)
})

it('a step back while the process was down is seen at its start, where the database shares the clock too', async () => {
  const clock = guard()
  await clock.isStopped()
  const ahead = plus(instant(Date.now()), HOUR)
  await running.foundation.db.updateTable('clock_checks').set({ real_seen_at: ahead }).execute()
  expect(await guard().isStopped()).toBe(true)
  expect(stops).toEqual([expect.stringContaining('gone back by 60 minutes')])
})

it('small corrections, and a machine that wakes up, stop nothing', async () => {
  const clock = guard()
  for (const step of [-4 * MINUTE, 4 * MINUTE, 0]) {
    moved = step
    expect(await clock.isStopped()).toBe(false)
  }
  await running.foundation.db
    .updateTable('clock_checks')
    .set({ real_seen_at: plus(instant(Date.now()), -10 * HOUR) })
    .execute()
  expect(await guard().isStopped()).toBe(false)
})

it('each process stops by its own clock; one confirmation is for all of them, as they are then', async () => {
  const one = guard('one')
  await one.isStopped()
  moved = HOUR
  const other = guard('two')
  expect(await other.isStopped()).toBe(true)
  moved = 0
  expect(await one.isStopped()).toBe(false)
  expect(await one.checks()).toMatchObject([
    { instance: 'one', stoppedSince: null },
    { instance: 'two', stoppedSince: expect.any(Number), reason: expect.stringContaining('60 minutes') },
  ])
  await one.confirm()
  moved = HOUR + 6 * SECOND
  expect(await other.isStopped()).toBe(false)
})

it('while it is stopped no change is carried and no renewal begins; the API answers, and says why', async () => {
  const { services, caller } = running
  const clockGuard = guard()
  const deps = { ...services.jobDeps, clockGuard }
  const useCases = createUseCases(deps, async () => [])
  const ref = await useCases.createEnrollment(caller, {
    contractId: contractId('1-SANDBOX'),
    settings: dvSettings('www.clock.example'),
    schedule: { notBefore: null, notAfter: null },
    allowDuplicateCn: false,
  })
  await useCases.acknowledgeChallenges(caller, ref, 'acknowledge')
  for (let look = 0; look < 60; look += 1)
    if ((await useCases.waitForChange(caller, ref, 1, signal)).state === 'completed') break
  moved = HOUR
  expect(await clockGuard.isStopped()).toBe(true)
  await services.jobDeps.store.transaction((tx) =>
    tx.renewals.replan(ref.enrollmentId, instant(Date.now() - HOUR)),
  )
  expect(await beginDueRenewals(deps)).toBe(0)
  expect(await beginDueRenewals({ ...deps, clockGuard: services.jobDeps.clockGuard })).toBe(1)

  const [renewal] = await services.jobDeps.store.read.changes.openOf([ref.enrollmentId])
  if (renewal === undefined) throw new Error('no renewal')
  const store = {
    ...deps.store,
    withChangeLock: () => Promise.reject(new Error('it was carried')),
  }
  await advanceUnlessTurned({ ...deps, store }, renewal.id, signal)
  const explained = await useCases.explain(caller, { ...ref, changeId: renewal.id })
  expect(explained.waitsFor).toContain('Somebody to confirm the clock.')
  expect(explained.moves[0]?.how).toBe('certrail clock confirm')

  const tenant = { ...caller, accountId: accountId('A-OTHER') }
  await expect(useCases.confirmClock(tenant)).rejects.toMatchObject({ code: 'forbidden' })
  expect(await useCases.confirmClock(caller)).toMatchObject([{ instance: 'one', stoppedSince: null }])
  expect(await clockGuard.isStopped()).toBe(false)
  await expect(advanceUnlessTurned({ ...deps, store }, renewal.id, signal)).rejects.toThrow('it was carried')
})
