import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Enrollment } from '../../src/domain/enrollment/enrollment.ts'
import { MINUTE, plus } from '../../src/domain/time.ts'
import { deploymentFor, openStore, type StoreUnderTest, T0 } from '../support/store-under-test.ts'

let under: StoreUnderTest
let enrollment: Enrollment
beforeAll(async () => {
  under = await openStore()
  enrollment = await under.newEnrollment()
})
afterAll(() => under.close())

const take = (now = T0, limit = 8) =>
  under.store.read.watch.takeForLook({ now, againAt: plus(now, 15 * MINUTE) }, limit)

async function makeLive(of: Enrollment, names: readonly string[]) {
  const change = await under.newChange(of, { state: 'completed', effects: [], nextAt: null })
  const deployment = deploymentFor(change, 'production', names)
  await under.store.read.deployments.begin(deployment)
  await under.store.read.deployments.activate(deployment.id, T0)
  return deployment.id
}

it('what becomes live is looked at at once, once in its time, and as soon as was said at the look', async () => {
  const id = await makeLive(enrollment, ['one.looks.example'])
  expect(await take()).toMatchObject({ taken: 1, live: [{ id, name: 'one.looks.example' }] })
  expect((await take()).taken).toBe(0)
  await under.store.read.watch.looked({ id, validity: null, problem: 'gone' }, T0, plus(T0, MINUTE))
  expect((await take(plus(T0, MINUTE - 1))).taken).toBe(0)
  expect((await take(plus(T0, MINUTE))).live.map((one) => one.id)).toEqual([id])
})

it('what takes its place is looked at instead, and after a way back again what was there before, as if never looked at', async () => {
  const [former] = (await under.store.read.deployments.active(enrollment.id)).map(({ id }) => id)
  const next = await makeLive(enrollment, ['one.looks.example'])
  expect((await take()).live.map(({ id }) => id)).toEqual([next])
  await under.store.read.deployments.revert(next)
  const { rows } = await under.pool.query(
    'select problem, real_looked_at from served_looks where real_due_at = 0',
  )
  expect(rows).toEqual([{ problem: null, real_looked_at: null }])
  expect((await take()).live.map(({ id }) => id)).toEqual([former])
  expect((await take(plus(T0, 60 * MINUTE))).live.map(({ id }) => id)).toEqual([former])
})

it('one of which no name is answered any more keeps nobody else from being looked at', async () => {
  const account = await under.newAccount()
  const [one, other] = [await under.newEnrollment(account), await under.newEnrollment(account)]
  await makeLive(one, ['taken.looks.example'])
  const heir = await makeLive(other, ['taken.looks.example'])
  const both = await take()
  expect([both.taken, both.live.map(({ id }) => id)]).toEqual([2, [heir]])
})

it('what is withdrawn is not looked at any more, nor kept a look that was under way', async () => {
  const later = plus(T0, 120 * MINUTE)
  const [former] = (await under.store.read.deployments.active(enrollment.id)).map(({ id }) => id)
  expect((await take(later)).live.map(({ id }) => id)).toContain(former)
  await under.store.read.lifecycle.withdraw(enrollment.id)
  if (former !== undefined)
    await under.store.read.watch.looked({ id: former, validity: null, problem: 'late' }, later, later)
  expect((await take(plus(later, 20 * MINUTE))).live.map(({ id }) => id)).not.toContain(former)
})

it('of several processes each takes its own', async () => {
  const account = await under.newAccount()
  for (let count = 0; count < 6; count += 1)
    await makeLive(await under.newEnrollment(account), [`n${count}.several.example`])
  const another = under.anotherProcess('another').store
  const times = { now: T0, againAt: plus(T0, 15 * MINUTE) }
  const takes = await Promise.all([take(T0, 3), another.read.watch.takeForLook(times, 3), take(T0, 3)])
  const taken = [...takes, await take()].flatMap(({ live }) => live.map(({ id }) => id))
  expect([taken.length, new Set(taken).size]).toEqual([6, 6])
})
