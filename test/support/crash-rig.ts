import { cp } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll } from 'vitest'
import type { CrashFlow } from './crash-flows.ts'
import { NAME } from './crash-flows.ts'
import { copyDatabase, createTestDatabase, type TestDatabase } from './database.ts'
import { type Driven, driveToItsEnd } from './drive.ts'
import { createEnrollment } from './enrollments.ts'
import { type Instance, makeHome, removeHome, startInstance } from './instance.ts'
import { makeOutsideAuthority, type OutsideAuthority } from './outside-authority.ts'
import { servedFingerprint } from './third-party.ts'

/** Beyond it a failpoint that has not fired never will. */
const FIRES_WITHIN_MS = 20_000

/** A home and a database of their own, as they stand when the change is to begin. */
export interface Situation {
  readonly home: string
  readonly database: TestDatabase
  readonly env: Readonly<Record<string, string>>
  /** What is live; empty and null: nothing is. */
  readonly enrollment: string
  readonly served: string | null
  /** The newest change so far. */
  readonly lastChange: number
  close(): Promise<void>
}

type Origin = Omit<Situation, 'env' | 'close'>

/** What serves the networks, as settings: while what is live is made, and in a case that begins with a copy of it. */
export interface CrashEdges {
  forOrigin(live: CrashFlow['live']): Promise<Readonly<Record<string, string>>>
  forCase(live: CrashFlow['live']): Promise<Readonly<Record<string, string>>>
}

const BUILTIN: CrashEdges = { forOrigin: async () => ({}), forCase: async () => ({}) }

interface CrashRig {
  /** `env`: what this situation has beside the database. */
  begin(flow: Pick<CrashFlow, 'live' | 'fails'>, env?: Readonly<Record<string, string>>): Promise<Situation>
  close(): Promise<void>
}

/** In a `describe`: the rig and the CA outside of it, there once the tests begin. */
export function crashRig(edges: CrashEdges = BUILTIN): {
  readonly rig: CrashRig
  readonly authority: OutsideAuthority
} {
  let authority: OutsideAuthority
  let rig: CrashRig
  beforeAll(async () => {
    authority = await makeOutsideAuthority()
    rig = createCrashRig(authority, edges)
  })
  afterAll(async () => {
    await rig.close()
    await authority.close()
  })
  return {
    get rig() {
      return rig
    },
    get authority() {
      return authority
    },
  }
}

/** What is live is made once for each kind of it, by a server that nobody disturbs; every case begins with a copy. */
function createCrashRig(authority: OutsideAuthority, edges: CrashEdges): CrashRig {
  const origins = new Map<CrashFlow['live'], Promise<Origin>>()
  const originOf = (live: CrashFlow['live']): Promise<Origin> => {
    const known = origins.get(live) ?? edges.forOrigin(live).then((env) => makeOrigin(live, authority, env))
    origins.set(live, known)
    return known
  }
  return {
    async begin({ live, fails }) {
      const origin = await originOf(live)
      const [home, database] = await Promise.all([makeHome(), copyDatabase(origin.database)])
      await cp(origin.home, home, { recursive: true })
      if (fails === 'deploy-to-production') await plantUnreachableEdge(database)
      return {
        ...origin,
        home,
        database,
        env: { ...environment(database), ...(await edges.forCase(live)) },
        async close() {
          await database.drop()
          await removeHome(home)
        },
      }
    },
    async close() {
      for (const origin of await Promise.allSettled(origins.values())) {
        if (origin.status === 'rejected') continue
        await origin.value.database.drop()
        await removeHome(origin.value.home)
      }
    },
  }
}

const environment = ({ url }: TestDatabase) => ({
  DATABASE_URL: url,
  CERTRAIL_SANDBOX_VETTING: 'PT0S',
  // The flows speak of statuses as the transition table spells them.
  CERTRAIL_WIRE_SPELLING: 'coordinate',
})

async function makeOrigin(
  live: CrashFlow['live'],
  authority: OutsideAuthority,
  env: Readonly<Record<string, string>>,
): Promise<Origin> {
  const [home, database] = await Promise.all([makeHome(), createTestDatabase()])
  const calm = await startInstance(home, { ...environment(database), ...env })
  try {
    const enrollment = live === null ? '' : await makeLive(calm, live, authority)
    const served = await servedFingerprint(calm.ready.production, NAME)
    return { home, database, enrollment, served, lastChange: await newestChange(database) }
  } finally {
    await calm.stop()
    await database.pool.end()
  }
}

async function makeLive(
  calm: Instance,
  live: NonNullable<CrashFlow['live']>,
  authority: OutsideAuthority,
): Promise<string> {
  const { enrollment, change } = await createEnrollment(calm.client, calm.ready.contract, live)
  const { state, status } = await driveToItsEnd(calm, change, authority)
  if (state !== 'completed') throw new Error(`not live: ${status}\n${calm.output()}`)
  return enrollment
}

async function newestChange({ pool }: TestDatabase): Promise<number> {
  const { rows } = await pool.query<{ id: string | null }>('select max(id) as id from changes')
  return Number(rows[0]?.id ?? 0)
}

/** An edge that says it serves production, and where nobody can connect. */
async function plantUnreachableEdge({ pool }: TestDatabase): Promise<void> {
  await pool.query(
    `insert into edge_listeners (id, network, addresses, real_seen_at) values ('unreachable', 'production', '{127.0.0.1:1}', $1)`,
    [Date.now() + 3_600_000],
  )
}

/** Where the change of this situation is; null as long as there is none. */
export async function locationOfChange({ database, lastChange }: Situation): Promise<string | null> {
  const { rows } = await database.pool.query<{ id: string; enrollment_id: string }>(
    'select id, enrollment_id from changes where id > $1',
    [lastChange],
  )
  if (rows.length > 1) throw new Error(`${rows.length} changes were begun`)
  const [row] = rows
  return row === undefined ? null : `/cps/v2/enrollments/${row.enrollment_id}/changes/${row.id}`
}

/** What a person would do who wants this change, and who comes back after a fault: look, begin it if it is not there, and answer what it asks. */
export async function carryThrough(
  instance: Instance,
  situation: Situation,
  flow: CrashFlow,
  authority: OutsideAuthority,
): Promise<Driven> {
  const change = (await locationOfChange(situation)) ?? (await flow.begin(instance, situation.enrollment))
  return driveToItsEnd(instance, change, authority, flow.cancelledAt)
}

/** Starts the server with the failpoint and drives the change until the process has killed itself. Requests that meet the kill fail, as for any client. */
export async function killAt(
  failpoint: string,
  situation: Situation,
  flow: CrashFlow,
  authority: OutsideAuthority,
): Promise<Instance> {
  const doomed = await startInstance(situation.home, { ...situation.env, CERTRAIL_FAILPOINT: failpoint })
  const driven = await carryThrough(doomed, situation, flow, authority).catch((error: unknown) => error)
  const late = pause(FIRES_WITHIN_MS, null, { ref: false })
  const exit = await Promise.race([doomed.exited, late])
  if (exit?.signal !== 'SIGKILL' || !doomed.output().includes('failpoint fired')) {
    if (exit === null) await doomed.kill()
    throw new Error(
      `${failpoint} did not fire: ${String(driven)} ${JSON.stringify(driven)}\n${doomed.output()}`,
    )
  }
  return doomed
}
