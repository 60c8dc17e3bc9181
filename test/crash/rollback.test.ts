import { describe, expect, it } from 'vitest'
import {
  acknowledgeChallenges,
  createEnrollment,
  dvEnrollment,
  followChange,
} from '../support/enrollments.ts'
import { runCommandLine } from '../support/command-line.ts'
import { createTestDatabase } from '../support/database.ts'
import { hasHaproxy, placeholderPem, startHaproxy } from '../support/haproxy.ts'
import { at, environmentOf } from '../support/haproxy-fleet.ts'
import { type Instance, makeHome, removeHome, startInstance } from '../support/instance.ts'
import { makeTestAuthority } from '../support/self-signed.ts'
import { servedFingerprint } from '../support/third-party.ts'
import { watchProduction, watchWithoutGaps } from '../support/watch-production.ts'

const NAME = 'www.back.example'
const isLong = process.env['CERTRAIL_TEST_LONG'] === '1'
const FAILPOINTS = ['during:serve-pinned', 'before:serve-pinned', 'after:serve-pinned'] as const
const EDGES = ['built-in', ...(hasHaproxy ? ['HAProxy'] : [])]
const CASES = EDGES.flatMap((edge) => FAILPOINTS.map((failpoint) => ({ edge, failpoint })))
const isCompleted = ({ state }: { readonly state: string }) => state === 'completed'

/** Once live, once renewed: its two certificates, in this order. */
async function renewedOnce({ client, ready }: Instance): Promise<readonly (string | null)[]> {
  const body = dvEnrollment(NAME)
  const { change, enrollment } = await createEnrollment(client, ready.contract, body)
  await acknowledgeChallenges(client, change)
  await followChange(client, change, isCompleted)
  const first = await servedFingerprint(ready.production, NAME)
  const renewal = await client.call('PUT', `${enrollment}?force-renewal=true`, {
    accept: 'application/vnd.akamai.cps.enrollment-status.v1+json',
    contentType: 'application/vnd.akamai.cps.enrollment.v11+json',
    body,
  })
  await followChange(client, renewal.body.changes[0], isCompleted)
  return [first, await servedFingerprint(ready.production, NAME)]
}

interface Around {
  readonly home: string
  readonly env: Record<string, string>
  /** Of a server that goes on while Certrail is dead; null: nobody does. */
  readonly outlives: string | null
}

/** Rolls back in a process that kills itself on the way; the next one ends it. */
async function killedAndEnded(failpoint: string, { home, env, outlives }: Around): Promise<void> {
  const before = await startInstance(home, env)
  const [first, second] = await renewedOnce(before)
  expect(second).not.toBe(first)
  expect(await before.stop()).toBe(0)
  const throughout = outlives === null ? null : watchWithoutGaps(outlives, NAME)

  const doomed = await startInstance(home, { ...env, CERTRAIL_FAILPOINT: failpoint })
  // The call waits for what it began, so it ends with the process.
  await runCommandLine(['rollback', NAME, '--reason', 'a client broke'], { home })
  expect((await doomed.exited).signal).toBe('SIGKILL')
  expect(doomed.output()).toContain('failpoint fired')

  const restarted = await startInstance(home, env)
  try {
    const watch = watchProduction(restarted.ready.production, NAME)
    await expectRolledBack(restarted, first ?? null)
    expect([[first], [second, first]]).toContainEqual(await watch.end())
    if (throughout !== null) expect(await throughout.end()).toEqual([second, first])
    await expectCommands(restarted, first ?? null)
  } finally {
    await throughout?.end()
    expect(await restarted.stop()).toBe(0)
  }
}

const generationsAt = async (home: string) =>
  (await runCommandLine(['generations', NAME, '--json'], { home })).json() as {
    live: number
    pin: { generation: number; reason: string } | null
  }

async function expectRolledBack({ home, ready }: Instance, first: string | null): Promise<void> {
  await expect.poll(() => servedFingerprint(ready.production, NAME), { timeout: 60_000 }).toBe(first)
  await expect
    .poll(() => generationsAt(home), { timeout: 60_000 })
    .toMatchObject({
      live: 1,
      pin: { generation: 1, reason: 'a client broke' },
    })
}

async function expectCommands({ home, ready }: Instance, first: string | null): Promise<void> {
  const shown = await runCommandLine(['generations', NAME], { home })
  expect(shown.stdout).toMatch(/pin/i)
  expect((await runCommandLine(['rollback', NAME, '--generation', '7'], { home })).exitCode).not.toBe(0)
  expect((await runCommandLine(['unpin', NAME], { home })).exitCode).toBe(0)
  expect(await generationsAt(home)).toMatchObject({ live: 1, pin: null })
  expect(await servedFingerprint(ready.production, NAME)).toBe(first)
}

describe('a rollback whose process is killed', () => {
  async function inHome(work: (around: Around) => Promise<void>): Promise<void> {
    const [home, database] = await Promise.all([makeHome(), createTestDatabase()])
    try {
      await work({ home, env: { DATABASE_URL: database.url }, outlives: null })
    } finally {
      await database.drop()
      await removeHome(home)
    }
  }

  async function withHaproxy(work: (around: Partial<Around>) => Promise<void>): Promise<void> {
    const haproxy = await startHaproxy({ placeholderPem: await placeholderPem(await makeTestAuthority()) })
    try {
      await work({ env: environmentOf('PRODUCTION', haproxy), outlives: at(haproxy.address) })
    } finally {
      await haproxy.close()
    }
  }

  it.each(isLong ? CASES : CASES.slice(0, 1))(
    '$failpoint, $edge: the next one ends it, clients see the one or the other meanwhile, and the command line unpins it',
    { timeout: 240_000 },
    async ({ edge, failpoint }) => {
      const live = (more: Partial<Around>) =>
        inHome((around) =>
          killedAndEnded(failpoint, { ...around, ...more, env: { ...around.env, ...more.env } }),
        )
      await (edge === 'HAProxy' ? withHaproxy(live) : live({}))
    },
  )
})
