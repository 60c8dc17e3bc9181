import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  requireInterval,
  requireRoomForEnrollment,
  requireRoomForRecordSets,
  requireRoomForTrustChainSet,
  requireRoomForUpload,
  requireRoomForZone,
} from '../../src/app/quotas.ts'
import { type AccountId, contractId, enrollmentId } from '../../src/domain/identifiers.ts'
import { type Instant, MINUTE, plus, SECOND } from '../../src/domain/time.ts'
import type { Repositories } from '../../src/ports/store.ts'
import { NO_QUOTAS } from '../support/no-quotas.ts'
import { NOTE, openStore, type StoreUnderTest, T0 } from '../support/store-under-test.ts'

let under: StoreUnderTest
let now: Instant = T0
beforeAll(async () => {
  under = await openStore()
})
afterAll(() => under.close())

const zoneOf = (account: AccountId, name: string) => ({
  name,
  accountId: account,
  contractId: contractId(`C-${account}`),
  comment: '',
  endCustomerId: '',
  signAndServe: false,
  signAndServeAlgorithm: null,
  serial: 1,
  versionId: 'v1',
  realModifiedAt: T0,
  modifiedBy: 'somebody',
})

describe('quotas', () => {
  it('calls of several processes that come at once get the places that there are, and no more', async () => {
    const account = await under.newAccount()
    const stranger = await under.newEnrollment()
    const processes = [under.store, under.anotherProcess('second').store]
    const outcomes = await Promise.allSettled(
      [...processes, ...processes, ...processes, ...processes].map((store, n) =>
        store.transaction(async (tx) => {
          await requireRoomForEnrollment(tx, { quotas: { ...NO_QUOTAS, enrollments: 3 } }, account)
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

  it('zones and trust-chain sets that are made at once get no more places either', async () => {
    const account = await under.newAccount()
    const processes = [under.store, under.anotherProcess('third').store]
    const quotas = { ...NO_QUOTAS, zones: 2, trustChainSets: 1 }
    const atOnce = async (make: (tx: Repositories, name: string) => Promise<unknown>) => {
      const outcomes = await Promise.allSettled(
        [...processes, ...processes, ...processes].map((store, n) =>
          store.transaction((tx) => make(tx, `n${n}.zone.example`)),
        ),
      )
      const refused = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
      expect(new Set(refused.map(({ code }) => code))).toEqual(new Set(['quota-exceeded']))
      return outcomes.length - refused.length
    }
    const zones = await atOnce(async (tx, name) => {
      expect(await tx.dnsZones.claim(account, name)).toBeNull()
      await requireRoomForZone(tx, { quotas }, account)
      await tx.dnsZones.insert(zoneOf(account, name), [])
    })
    const sets = await atOnce(async (tx, id) => {
      await requireRoomForTrustChainSet(tx, { quotas }, account)
      const active = { staging: 1, production: 1 }
      const revision = { accountId: account, setId: id, revision: 1, certificates: [], createdBy: 'me' }
      const set = { accountId: account, id, name: id, active, realCreatedAt: T0 }
      await tx.trustChainSets.insert(set, { ...revision, realCreatedAt: T0 })
    })
    expect([zones, sets]).toEqual([2, 1])
  })

  it('a zone with more record sets than a lowered quota allows may lose some, and gets none', () => {
    const room = (standing: number, wanted: number) => () =>
      requireRoomForRecordSets({ quotas: { ...NO_QUOTAS, recordSets: 3 } }, { standing, wanted })
    for (const [standing, wanted] of [
      [2, 3],
      [9, 8],
      [9, 9],
    ] as const)
      expect(room(standing, wanted)).not.toThrow()
    for (const [standing, wanted] of [
      [3, 4],
      [9, 10],
    ] as const)
      expect(room(standing, wanted)).toThrow(/may have 3 record sets/)
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
    const quotas = { ...NO_QUOTAS, uploads: 1 }
    const require = () => under.store.transaction((tx) => requireRoomForUpload(tx, { quotas }, change.id))
    await require()
    await under.store.read.changes.record(change, { ...NOTE, event: 'uploaded' })
    await expect(require()).rejects.toMatchObject({ code: 'quota-exceeded' })
  })

  it('between two enrollments of one contract lies the time that was set', async () => {
    const account = await under.newAccount()
    const contract = contractId(`C-${account}`)
    const clocks = { real: { now: () => now }, lifecycle: { now: () => T0 } }
    const quotas = { ...NO_QUOTAS, enrollmentIntervalMs: 5 * MINUTE }
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
