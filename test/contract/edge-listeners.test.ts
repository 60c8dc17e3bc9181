import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Instant, plus, SECOND } from '../../src/domain/time.ts'
import { createEdgeListeners } from '../../src/store/edge-listeners.ts'
import { openStore, type StoreUnderTest, T0 } from '../support/store-under-test.ts'

let under: StoreUnderTest
let now: Instant = T0
beforeAll(async () => {
  under = await openStore()
})
afterAll(() => under.close())

it('an edge that is silent while others are heard is gone; where nobody could be heard, all are there that were', async () => {
  const listeners = createEdgeListeners(under.db, { now: () => now })
  const beat = (id: string) =>
    listeners.beat({ id, network: 'production', addresses: [`${id}:1`], status: null })
  const there = async () => (await listeners.of('production')).map(({ id }) => id)
  await Promise.all([beat('one'), beat('other')])
  now = plus(T0, 30 * SECOND)
  expect(await there()).toEqual(['one', 'other'])
  await beat('other')
  expect(await there()).toEqual(['other'])
  await beat('one')
  expect(await there()).toEqual(['one', 'other'])
})
