import { expect, it } from 'vitest'
import { resumeAdvance } from '../../src/app/advance-clock.ts'
import { contractId, type EnrollmentId } from '../../src/domain/identifiers.ts'
import { RENEWAL_ENGINE } from '../../src/domain/renewal/renewal-start.ts'
import { DAY, HOUR, type Instant, plus } from '../../src/domain/time.ts'
import { dvSettings } from '../support/settings.ts'
import { altered } from '../support/simulation/memory/tables.ts'
import { createWorld, type World } from '../support/simulation/world.ts'

const UNWATCHED = { moved() {}, served() {}, ordered() {} }

/** Three enrollments that are live; nobody disturbs anything. */
async function fleet(): Promise<{ readonly world: World; readonly ids: readonly EnrollmentId[] }> {
  const world = createWorld({ seed: 1, days: 0, isQuiet: true }, UNWATCHED)
  const ids: EnrollmentId[] = []
  for (const name of ['one', 'two', 'three']) {
    const { enrollmentId } = await world.useCases.createEnrollment(world.caller, {
      contractId: contractId('1-SANDBOX'),
      settings: dvSettings(`${name}.turns.example`),
      schedule: { notBefore: null, notAfter: null },
      allowDuplicateCn: false,
    })
    ids.push(enrollmentId)
  }
  await world.useCases.advanceClock(world.caller, { by: HOUR })
  return { world, ids }
}

it('a server that is stopped leaves the clock where it stands, says where it goes on to, and the next one lives the same life', async () => {
  const [whole, stopped] = [await fleet(), await fleet()]
  const to = plus(whole.world.now(), 200 * DAY)
  await whole.world.useCases.advanceClock(whole.world.caller, { to })

  const { deps, useCases, caller, now } = stopped.world
  const { clockControl, stopping: going } = deps
  const stop = new AbortController()
  let stands = 0
  const standAt = (at: Instant) => {
    stands += 1
    if (stands === 9) stop.abort()
    return clockControl.standAt(at)
  }
  Object.assign(deps, { clockControl: { ...clockControl, standAt }, stopping: stop.signal })
  await expect(useCases.advanceClock(caller, { to })).rejects.toMatchObject({
    code: 'not-ready',
    message: expect.stringContaining('The clock goes on to 2026-07-'),
  })
  expect([await clockControl.target(), now() < to]).toEqual([to, true])
  expect(await resumeAdvance(deps)).toBeUndefined()
  expect(now()).toBeLessThan(to)

  Object.assign(deps, { stopping: going })
  await resumeAdvance(deps)
  expect([await clockControl.target(), now()]).toEqual([null, to])
  expect(stopped.world.store.history()).toEqual(whole.world.store.history())
})

it('what is due at one moment: changes that are under way by enrollment, then renewals, those with the least of their life left first', async () => {
  const { world, ids } = await fleet()
  const { store, useCases, caller, now } = world
  const due = plus(now(), 10 * DAY)
  const [one, two, three] = ids as [EnrollmentId, EnrollmentId, EnrollmentId]
  const { live } = store.tables.enrollments.get(one) ?? {}
  if (!live) throw new Error('nothing is live')
  // The second one's certificate is the oldest.
  altered(store.tables, two, {
    live: { notBefore: plus(live.notBefore, -30 * DAY), notAfter: plus(live.notAfter, -30 * DAY) },
  })
  for (const id of [three, two, one]) altered(store.tables, id, { renewAt: due })
  const started = () =>
    [...store.tables.changes.values()]
      .filter(({ createdBy }) => createdBy === RENEWAL_ENGINE)
      .map(({ enrollmentId, createdAt }) => [enrollmentId, createdAt])
  await useCases.advanceClock(caller, { to: due })
  expect(started()).toEqual([two, one, three].map((id) => [id, due]))
  const begun = [...store.tables.events.values()].filter(({ at, event }) => at === due && event !== 'started')
  const order = [...new Set(begun.map(({ enrollmentId }) => enrollmentId))]
  expect(order).toEqual([one, two, three])
})
