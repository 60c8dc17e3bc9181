import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  acknowledgeIfAsked,
  advanceBy,
  makeFleet,
  openChangesOf,
  type Served,
  servedBy,
} from '../support/fleet.ts'
import { type Instance, makeHome, removeHome, startInstance } from '../support/instance.ts'

const LONG = process.env['CERTRAIL_TEST_LONG'] === '1'
const FLEET = LONG ? 20 : 4
const DAYS = LONG ? 400 : 108
const STEP = LONG ? 1 : 3

let home: string
let instance: Instance

beforeAll(async () => {
  home = await makeHome()
  instance = await startInstance(home)
})
afterAll(async () => {
  expect(await instance.stop()).toBe(0)
  await removeHome(home)
})

/** Whoever has an even number among those with change management acknowledges at once; the others forget. */
const forgets = (index: number): boolean => index % 4 === 3

it(`on none of ${DAYS} days does production show an expired certificate, whether people acknowledge or forget`, async () => {
  const members = await makeFleet(instance, 'fleet', FLEET)
  const seen = new Map<string, Served[]>(members.map(({ name }) => [name, []]))
  for (let day = 0; day < DAYS; day += STEP) {
    const now = await advanceBy(instance, `P${STEP}D`)
    for (const [index, member] of members.entries()) {
      const served = await servedBy(instance, member.name)
      expect(served.notAfter, `${member.name} on day ${day}`).toBeGreaterThan(now)
      expect(served.notBefore, `${member.name} on day ${day}`).toBeLessThanOrEqual(now)
      const all = seen.get(member.name) ?? []
      if (all.at(-1)?.serialNumber !== served.serialNumber) all.push(served)
      if (!member.changeManagement || forgets(index)) continue
      for (const change of await openChangesOf(instance, member)) await acknowledgeIfAsked(instance, change)
    }
  }
  for (const [index, { name, enrollment }] of members.entries()) {
    const certificates = seen.get(name) ?? []
    // A certificate of 90 days that is renewed 30 days before its end lives 60 days; one whose owner forgets is pushed a week before its end.
    expect(certificates.length, name).toBeGreaterThanOrEqual(Math.floor(DAYS / (forgets(index) ? 85 : 62)))
    const { body } = await instance.client.call('GET', `${enrollment}/history/changes`, {
      accept: 'application/vnd.akamai.cps.change-history.v5+json',
    })
    const renewals = body.changes.filter(({ action }: { action: string }) => action === 'renew')
    expect(renewals.length).toBeGreaterThanOrEqual(certificates.length - 1)
    expect(new Set(renewals.map(({ createdBy }: { createdBy: string }) => createdBy))).toEqual(
      new Set(['automatic renewal']),
    )
  }
}, 300_000)
