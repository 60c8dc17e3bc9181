import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Change } from '../../src/domain/change/change.ts'
import { instant, MINUTE, plus } from '../../src/domain/time.ts'
import { takeAwayRecords } from '../../src/app/take-away-records.ts'
import type { PlacedRecord } from '../../src/ports/placed-records.ts'
import type { NameValidationRecord } from '../../src/ports/validations.ts'
import { openStore, type StoreUnderTest, T0 } from '../support/store-under-test.ts'

const ZONE = 'zone.example'
const NOW = instant(1_800_000_000_000)

let under: StoreUnderTest
beforeAll(async () => {
  under = await openStore()
})
afterAll(() => under?.close())

const records = () => under.store.read.placedRecords
const question = (changeId: Change['id'] | null, now = NOW) => ({
  changeId,
  now,
  until: plus(now, MINUTE),
  limit: 100,
})

let number = 0
/** A change that validates one name, with its record placed. */
async function placed(value = `value-${(number += 1)}`, owner = `_acme-challenge.n${number}.${ZONE}`) {
  const change = await under.newChange(undefined, {
    status: 'coordinate-domain-validation',
    state: 'awaiting-input',
  })
  const record: PlacedRecord = {
    changeId: change.id,
    domain: `n.${ZONE}`,
    generation: 1,
    zone: ZONE,
    owner,
    value,
  }
  await prove(change, { status: 'awaiting' })
  await records().begin(record, T0)
  return { change, record }
}

const prove = (change: Change, changed: Partial<NameValidationRecord>) =>
  under.store.read.validations.save([
    {
      changeId: change.id,
      enrollmentId: change.enrollmentId,
      accountId: change.accountId,
      domain: `n.${ZONE}`,
      generation: 1,
      status: 'awaiting',
      error: null,
      challenges: [],
      published: false,
      requestedAt: T0,
      validatedAt: null,
      expiresAt: null,
      ...changed,
    },
  ])

const unwanted = async (change: Change, now = NOW) => records().takeUpUnwanted(question(change.id, now))

describe('records that were placed', () => {
  it('remember when the first time was', async () => {
    const { record } = await placed()
    expect(await records().begin(record, plus(T0, MINUTE))).toBe(T0)
  })

  it.each(['awaiting', 'checking', 'failed-look'] as const)(
    'are wanted while the name is %s',
    async (status) => {
      const { change } = await placed()
      await prove(change, { status })
      expect(await unwanted(change)).toEqual([])
    },
  )

  it.each(['valid', 'invalid', 'expired'] as const)('are not wanted once it is %s', async (status) => {
    const { change, record } = await placed()
    await prove(change, { status })
    const { owner, value, zone } = record
    const told = { changeId: change.id, owner, value, zone, removals: 0, isNeededElsewhere: false }
    expect(await unwanted(change)).toEqual([told])
  })

  it('are not wanted once the name has newer tokens', async () => {
    const { change } = await placed()
    await prove(change, { generation: 2 })
    expect(await unwanted(change)).toHaveLength(1)
  })

  it.each([
    ['cancelled', { state: 'cancelled' }],
    ['past domain validation', { status: 'check-for-cert', state: 'running' }],
  ] as const)('are not wanted once the change is %s', async (_, moved) => {
    const { change } = await placed()
    expect(await under.store.read.changes.save({ ...change, ...moved })).toBe(true)
    expect(await unwanted(change)).toHaveLength(1)
  })

  it('are taken up by one process, and again when its time is over', async () => {
    const { change, record } = await placed()
    await prove(change, { status: 'valid' })
    const other = under.anotherProcess('other').store.read.placedRecords
    const both = await Promise.all([
      records().takeUpUnwanted(question(change.id)),
      other.takeUpUnwanted(question(change.id)),
    ])
    expect(both.map(({ length }) => length).toSorted()).toEqual([0, 1])
    expect(await unwanted(change, plus(NOW, MINUTE - 1))).toEqual([])
    expect(await unwanted(change, plus(NOW, MINUTE))).toMatchObject([{ removals: 1 }])
    await records().tryAgainAt(record, plus(NOW, 5 * MINUTE))
    expect(await unwanted(change, plus(NOW, 4 * MINUTE))).toEqual([])
    expect(await unwanted(change, plus(NOW, 5 * MINUTE))).toMatchObject([{ removals: 2 }])
    await records().forget(record)
    expect(await unwanted(change, plus(NOW, 60 * MINUTE))).toEqual([])
  })

  it('tell when an open authorization of another change needs the very same record', async () => {
    const one = await placed('shared', `_acme-challenge.shared.${ZONE}`)
    const other = await placed('shared', `_acme-challenge.shared.${ZONE}`)
    await prove(one.change, { status: 'valid' })
    expect(await unwanted(one.change)).toMatchObject([{ isNeededElsewhere: true }])
    await records().forget(one.record)
    await prove(other.change, { status: 'valid' })
    expect(await unwanted(other.change)).toMatchObject([{ isNeededElsewhere: false }])
  })

  it('are tried again, later each time, until they are gone; what others need is left where it is', async () => {
    const { change, record } = await placed()
    await prove(change, { status: 'valid' })
    const removed: string[] = []
    const told: string[] = []
    let isDown = true
    const remove = async ({ value }: { value: string }) => {
      if (isDown) throw new Error('the provider is down')
      removed.push(value)
    }
    const takeAway = (minutes: number) => {
      const clock = { now: () => plus(NOW, minutes * MINUTE) }
      const deps = {
        store: under.store,
        placement: { isEmpty: false, textFor: async () => null, place: remove, remove },
        clocks: { real: clock },
        observer: { recordLeftBehind: ({ error }: { error: string }) => void told.push(error) },
      }
      return takeAwayRecords(deps, change.id, new AbortController().signal)
    }
    for (const minutes of [0, 0.9, 1, 2.9, 3]) await takeAway(minutes)
    expect(told).toEqual(Array.from({ length: 3 }, () => 'the provider is down'))
    isDown = false
    await takeAway(6.9)
    expect(removed).toEqual([])
    await takeAway(7)
    await takeAway(1000)
    expect(removed).toEqual([record.value])
  })

  it('are found whatever change they belong to', async () => {
    const { change } = await placed()
    await prove(change, { status: 'valid' })
    const found = await records().takeUpUnwanted(question(null, plus(NOW, 1000 * MINUTE)))
    expect(found.map(({ changeId }) => changeId)).toContain(change.id)
  })
})
