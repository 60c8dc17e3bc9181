import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Dependencies } from '../../src/app/dependencies.ts'
import { beginDueRenewals } from '../../src/app/renewals.ts'
import { DAY, HOUR, plus } from '../../src/domain/time.ts'
import type { Store } from '../../src/ports/store.ts'
import { openStore, type StoreUnderTest, T0 } from '../support/store-under-test.ts'

const { renewalEngine } = (await import('../support/renewal-engine.mjs' as string)) as {
  renewalEngine(store: Store, engine: unknown): Dependencies
}

const CHILD = join(import.meta.dirname, 'order-grant-child.mjs')
const ENGINE = {
  account: { name: 'lets-encrypt', directoryUrl: 'https://ca.example/directory' },
  limit: { orders: 3, periodMs: 3 * HOUR },
  now: T0,
}
const DUE = 5

let under: StoreUnderTest
beforeEach(async () => {
  under = await openStore()
  const account = await under.newAccount()
  for (let count = 0; count < DUE; count += 1) await under.newEnrollment(account)
  await under.pool.query(
    'update enrollments set settled_settings = settings, renew_at = $1, auto_renewal_at = $1, live_from = $2, live_until = $3',
    [T0, plus(T0, -60 * DAY), plus(T0, 30 * DAY)],
  )
})
afterEach(() => under.close())

/** Kills a process that holds an order, while another one waits for the rest. How many renewals that one began. */
async function killedWhere(place: 'within' | 'after'): Promise<number> {
  const child = spawn(process.execPath, [CHILD, under.database.url, place, JSON.stringify(ENGINE)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  expect(line).toBe('holding')
  const survivor = beginDueRenewals(renewalEngine(under.store, ENGINE))
  child.kill('SIGKILL')
  expect((await exited)[1]).toBe('SIGKILL')
  return survivor
}

const orders = async () => {
  const { rows } = await under.pool.query<{ begun: number; enrollments: number; tokens: number }>(
    `select count(*)::integer as begun, count(distinct enrollment_id)::integer as enrollments,
      (select tokens from order_budgets) as tokens from changes where action = 'renewal'`,
  )
  return rows[0]
}

it.each([
  ['within', 'before it has begun the renewal: the order goes to another', 3],
  ['after', 'that has just begun it: the order is its change’s, which another carries on', 2],
] as const)(
  'a process killed %s the transaction that takes an order from the bucket, %s',
  async (place, _what, left) => {
    expect(await killedWhere(place)).toBe(left)
    expect(await orders()).toEqual({ begun: 3, enrollments: 3, tokens: 0 })
    expect(await beginDueRenewals(renewalEngine(under.store, ENGINE))).toBe(0)
    expect(await under.store.read.renewals.heldCounts()).toEqual([
      { account: 'lets-encrypt https://ca.example/directory', count: DUE - 3 },
    ])
  },
  // A first run builds what the process is made of.
  180_000,
)
