import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { requireInterval, requireRoomForEnrollment, requireRoomForUpload } from '../../src/app/quotas.ts'
import { contractId, enrollmentId } from '../../src/domain/identifiers.ts'
import { type Instant, MINUTE, plus, SECOND } from '../../src/domain/time.ts'
import { NOTE, openStore, type StoreUnderTest, T0 } from '../support/store-under-test.ts'

let under: StoreUnderTest
let now: Instant = T0
beforeAll(async () => {
  under = await openStore()
})
afterAll(() => under.close())

const NONE = { enrollments: null, openChanges: null, uploads: null, enrollmentIntervalMs: 0 }

describe('quotas', () => {
  it('calls of several processes that come at once get the places that there are, and no more', async () => {
    const account = await under.newAccount()
    const stranger = await under.newEnrollment()
    const processes = [under.store, under.anotherProcess('second').store]
    const outcomes = await Promise.allSettled(
      [...processes, ...processes, ...processes, ...processes].map((store, n) =>
        store.transaction(async (tx) => {
          await requireRoomForEnrollment(tx, { quotas: { ...NONE, enrollments: 3 } }, account)
          const id = enrollmentId(1_000 + n)
          await tx.enrollments.insert(
            { ...stranger, id, accountId: account, contractId: contractId(`C-${account}`) },
            [`n${n}.quota.example`],
          )
        }),
      ),
    )
    const refused = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
    expect(outcomes.length - refused.length).toBe(3)
    expect(new Set(refused.map(({ code, detail }) => `${code}: ${detail}`))).toEqual(
      new Set(['quota-exceeded: There may be 3 enrollments, and there are 3.']),
    )
  })

  it('removed enrollments and ended changes free their places', async () => {
    const enrollment = await under.newEnrollment()
    const change = await under.newChange(enrollment)
    const { accountId } = enrollment
    const used = async () => [
      await under.store.read.usage.enrollments(accountId),
      await under.store.read.usage.openChanges(accountId),
    ]
    expect(await used()).toEqual([1, 1])
    await under.store.read.changes.record({ ...change, state: 'cancelled' }, NOTE)
    expect(await used()).toEqual([1, 0])
    await under.store.read.lifecycle.remove(enrollment.id, T0)
    expect(await used()).toEqual([0, 0])
  })

  it('uploads are counted for each change', async () => {
    const change = await under.newChange()
    const quotas = { ...NONE, uploads: 1 }
    const require = () => under.store.transaction((tx) => requireRoomForUpload(tx, { quotas }, change.id))
    await require()
    await under.store.read.changes.record(change, { ...NOTE, event: 'uploaded' })
    await expect(require()).rejects.toMatchObject({ code: 'quota-exceeded' })
  })

  it('between two enrollments of one contract lies the time that was set', async () => {
    const account = await under.newAccount()
    const contract = contractId(`C-${account}`)
    const clocks = { real: { now: () => now }, lifecycle: { now: () => T0 } }
    const quotas = { ...NONE, enrollmentIntervalMs: 5 * MINUTE }
    const next = () => under.store.transaction((tx) => requireInterval(tx, { quotas, clocks }, contract))
    await next()
    now = plus(T0, 5 * MINUTE - SECOND)
    await expect(next()).rejects.toMatchObject({
      code: 'too-many-certificate-requests',
      retryAfterSeconds: 1,
    })
    now = plus(T0, 5 * MINUTE)
    const outcomes = await Promise.allSettled([next(), next(), next()])
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })
})
