import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EnrollmentId } from '../../src/domain/identifiers.ts'
import { contractId } from '../../src/domain/identifiers.ts'
import { filled } from '../../src/domain/renewal/order-limit.ts'
import { DAY, HOUR, type Instant, plus, toWireTime } from '../../src/domain/time.ts'
import { createSpendOrder } from '../../src/store/order-budgets.ts'
import { type InProcess, startInProcess } from '../support/in-process.ts'
import { dvSettings } from '../support/settings.ts'
import { openStore, type StoreUnderTest, T0 } from '../support/store-under-test.ts'

const NO_SCHEDULE = { notBefore: null, notAfter: null }
const ACCOUNT = { name: 'lets-encrypt', directoryUrl: 'https://ca.example/directory' }

describe('the orders of a CA account in the database', () => {
  const limit = { orders: 5, periodMs: 5 * HOUR }
  let under: StoreUnderTest
  beforeAll(async () => {
    under = await openStore()
  })
  afterAll(() => under.close())

  it('are taken by no more than there are, by however many processes at once', async () => {
    const stores = [under.store, under.anotherProcess('second').store]
    const takes = Array.from({ length: 20 }, (_, index) =>
      (stores[index % 2] ?? under.store).transaction(async ({ orderBudgets }) => {
        const { tokens } = filled(await orderBudgets.lock(ACCOUNT, limit, T0), limit, T0)
        if (tokens < 1) return 0
        await orderBudgets.save(ACCOUNT, { tokens: tokens - 1, at: T0 })
        return 1
      }),
    )
    const taken = await Promise.all(takes)
    expect(taken.reduce((sum: number, one) => sum + one, 0)).toBe(5)
  })

  it('stand as they were when whoever took one did not live to begin its renewal', async () => {
    const other = { ...ACCOUNT, name: 'other' }
    const dying = under.store.transaction(async ({ orderBudgets }) => {
      await orderBudgets.lock(other, limit, T0)
      await orderBudgets.save(other, { tokens: 0, at: T0 })
      throw new Error('killed')
    })
    await expect(dying).rejects.toThrow('killed')
    const left = await under.store.transaction(({ orderBudgets }) => orderBudgets.lock(other, limit, T0))
    expect(left.tokens).toBe(5)
  })

  it('are counted for each account, also those that nothing held back', async () => {
    const spend = createSpendOrder(under.db, { now: () => T0 })
    const [one, another] = [
      { ...ACCOUNT, name: 'one' },
      { ...ACCOUNT, name: 'another' },
    ]
    for (let order = 0; order < 7; order += 1) await spend(one, limit)
    await spend(another, limit)
    const leftOf = (account: typeof ACCOUNT) =>
      under.store.transaction(({ orderBudgets }) => orderBudgets.lock(account, limit, T0))
    expect([(await leftOf(one)).tokens, (await leftOf(another)).tokens]).toEqual([0, 4])
  })
})

describe('renewals that are due at one moment', () => {
  let running: InProcess
  const ids: EnrollmentId[] = []
  let due: Instant

  beforeAll(async () => {
    running = await startInProcess({
      orderLimit: { orders: 3, periodMs: 3 * HOUR },
      validation: {
        triggers: ['acknowledgement', 'dwell'],
        publishes: 'on-trigger',
        dwellMs: 2_000,
        preflight: { default: 'advise', accounts: new Map() },
      },
    })
    for (let count = 0; count < 6; count += 1) ids.push(await live(`h${count}.held.example`))
    due = plus(running.foundation.clocks.lifecycle.now(), 61 * DAY)
    // The first is the least urgent.
    await running.database.pool.query(
      'update enrollments set renew_at = $1, live_until = live_until - id * 60000',
      [due],
    )
  })
  afterAll(() => running.close())

  async function live(name: string): Promise<EnrollmentId> {
    const { useCases, caller } = running
    const ref = await useCases.createEnrollment(caller, {
      contractId: contractId('1-SANDBOX'),
      settings: dvSettings(name),
      schedule: NO_SCHEDULE,
      allowDuplicateCn: false,
    })
    await useCases.acknowledgeChallenges(caller, ref, 'acknowledge')
    const { signal } = new AbortController()
    for (let look = 0; look < 60; look += 1)
      if ((await useCases.waitForChange(caller, ref, 1, signal)).state === 'completed')
        return ref.enrollmentId
    throw new Error(`${name} did not come to production`)
  }

  const advanceTo = (to: Instant) => running.useCases.advanceClock(running.caller, { to })
  const planOf = (id: EnrollmentId) => running.useCases.plan(running.caller, id)
  const beginOf = async (id: EnrollmentId) =>
    (await planOf(id)).steps.find(({ what }) => what === 'begin-renewal')
  const startsOf = async () =>
    Promise.all(
      ids.map(async (id) => {
        const history = await running.useCases.changeHistory(running.caller, id)
        return history.find(({ createdBy }) => createdBy === 'automatic renewal')?.createdOn ?? null
      }),
    )

  it('begin as many as the account takes, the most urgent first; the others get their turns and say why', async () => {
    await advanceTo(due)
    expect(await startsOf()).toEqual([null, null, null, due, due, due])
    for (const [place, id] of ids.slice(0, 3).toReversed().entries()) {
      const turn = plus(due, (place + 1) * HOUR)
      const { autoRenewalStartTime } = await running.useCases.getEnrollment(running.caller, id)
      const begin = await beginOf(id)
      expect([autoRenewalStartTime, begin?.at]).toEqual([turn, turn])
      expect(begin?.reason).toContain(`Held back: due since ${toWireTime(due)}`)
      expect(begin?.reason).toContain('"sandbox"')
    }
    expect(await running.services.metrics.render()).toContain('certrail_renewals_held{account="sandbox"} 3')
  })

  it('do not keep a person waiting, whose order is counted all the same', async () => {
    await live('fresh.held.example')
    const { rows } = await running.database.pool.query('select tokens from order_budgets')
    expect(Number(rows[0]?.tokens)).toBeLessThan(0.1)
  })

  it('begin at their turns', async () => {
    await advanceTo(plus(due, 4 * HOUR))
    const hoursAfter = (await startsOf()).map((start) => ((start ?? 0) - due) / HOUR)
    // The order of the person in between took the little that had come back since.
    for (const [index, hours] of [3, 2, 1, 0, 0, 0].entries()) expect(hoursAfter[index]).toBeCloseTo(hours, 1)
    expect(await running.services.metrics.render()).not.toContain('certrail_renewals_held{')
  })
})
