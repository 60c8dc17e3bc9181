import { expect, it } from 'vitest'
import { createTestDatabase } from '../support/database.ts'
import {
  acknowledgeIfAsked,
  advanceBy,
  makeFleet,
  type Member,
  openChangesOf,
  type Served,
  servedBy,
} from '../support/fleet.ts'
import { type Instance, makeHome, removeHome, startInstance } from '../support/instance.ts'

const LONG = process.env['CERTRAIL_TEST_LONG'] === '1'
const FLEET = LONG ? 20 : 4
const DAYS = LONG ? 400 : 108
const STEP = LONG ? 1 : 3
const SEED = Number(process.env['CERTRAIL_TEST_SEED'] ?? 1)

/** Of those with change management every other one's owner forgets; the others come so many days late, each time as the seed has it. */
const forgets = (index: number): boolean => index % 4 === 3
const daysLate = (index: number, day: number): number =>
  (Math.imul(SEED + index * 401 + day, 2_654_435_761) >>> 0) % 9

interface Lived {
  readonly members: readonly Member[]
  readonly certificates: ReadonlyMap<string, readonly Served[]>
  /** Every event of every change, in the order in which they were written. */
  readonly history: readonly string[]
  /** Of `automatic renewal`, by name. */
  readonly renewals: ReadonlyMap<string, number>
}

/** A fleet's life under the real server, day by day; on each day a full handshake with production for every name. */
async function live(): Promise<Lived> {
  const [home, database] = await Promise.all([makeHome(), createTestDatabase()])
  const instance = await startInstance(home, {
    DATABASE_URL: database.url,
    CERTRAIL_SANDBOX_SEED: String(SEED),
  })
  try {
    const members = await makeFleet(instance, 'fleet', FLEET)
    const certificates = new Map<string, Served[]>(members.map(({ name }) => [name, []]))
    for (let day = 0; day < DAYS; day += STEP) {
      const now = await advanceBy(instance, `P${STEP}D`)
      for (const [index, member] of members.entries()) {
        note(certificates, member, await servedValid(instance, member, now, day))
        if (member.changeManagement && !forgets(index)) await acknowledge(instance, member, index, day)
      }
    }
    const { rows } = await database.pool.query<{ line: string }>(
      "select concat_ws(' ', at, enrollment_id, change_id, event, status, state) as line from change_events order by id",
    )
    const renewals = new Map<string, number>()
    for (const member of members) renewals.set(member.name, await renewalsOf(instance, member))
    return { members, certificates, renewals, history: rows.map(({ line }) => line) }
  } finally {
    expect(await instance.stop()).toBe(0)
    await database.drop()
    await removeHome(home)
  }
}

async function servedValid(instance: Instance, { name }: Member, now: number, day: number): Promise<Served> {
  const served = await servedBy(instance, name)
  expect(served.notAfter, `${name} on day ${day}`).toBeGreaterThan(now)
  expect(served.notBefore, `${name} on day ${day}`).toBeLessThanOrEqual(now)
  return served
}

function note(certificates: Map<string, Served[]>, { name }: Member, served: Served): void {
  const all = certificates.get(name) ?? []
  if (all.at(-1)?.serialNumber !== served.serialNumber) all.push(served)
}

async function acknowledge(instance: Instance, member: Member, index: number, day: number): Promise<void> {
  for (const change of await openChangesOf(instance, member))
    if (daysLate(index, day) === 0) await acknowledgeIfAsked(instance, change)
}

async function renewalsOf({ client }: Instance, { enrollment }: Member): Promise<number> {
  const { body } = await client.call('GET', `${enrollment}/history/changes`, {
    accept: 'application/vnd.akamai.cps.change-history.v5+json',
  })
  const renewals = body.changes.filter(({ action }: { action: string }) => action === 'renew')
  expect(new Set(renewals.map(({ createdBy }: { createdBy: string }) => createdBy))).toEqual(
    new Set(['automatic renewal']),
  )
  return renewals.length
}

it(`on none of ${DAYS} days does production show an expired certificate, whoever acknowledges or forgets, and a second run from the same seed gives the same history`, async () => {
  const [first, second] = await Promise.all([live(), live()])
  for (const [index, { name }] of first.members.entries()) {
    const certificates = first.certificates.get(name) ?? []
    // A certificate of 90 days that is renewed 30 days before its end lives 60 days; one whose owner forgets is pushed a week before its end.
    const longest = 62 + (index % 2 === 0 ? 0 : 23)
    expect(certificates.length, name).toBeGreaterThanOrEqual(Math.floor(DAYS / longest))
    expect(first.renewals.get(name)).toBeGreaterThanOrEqual(certificates.length - 1)
  }
  expect(first.history.length).toBeGreaterThan(FLEET * 20)
  expect(second.history).toEqual(first.history)
}, 900_000)
