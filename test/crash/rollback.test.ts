import { describe, expect, it } from 'vitest'
import {
  acknowledgeChallenges,
  createEnrollment,
  dvEnrollment,
  followChange,
} from '../support/enrollments.ts'
import { runCommandLine } from '../support/command-line.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { type Instance, makeHome, removeHome, startInstance } from '../support/instance.ts'
import { servedFingerprint } from '../support/third-party.ts'
import { watchProduction } from '../support/watch-production.ts'

const NAME = 'www.back.example'
const isLong = process.env['CERTRAIL_TEST_LONG'] === '1'
const FAILPOINTS = ['during:serve-pinned', 'before:serve-pinned', 'after:serve-pinned'] as const
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

describe('a rollback whose process is killed', () => {
  async function inHome(work: (home: string, database: TestDatabase) => Promise<void>): Promise<void> {
    const [home, database] = await Promise.all([makeHome(), createTestDatabase()])
    try {
      await work(home, database)
    } finally {
      await database.drop()
      await removeHome(home)
    }
  }

  it.each(isLong ? FAILPOINTS : FAILPOINTS.slice(0, 1))(
    '%s: the next one ends it, clients see the one or the other meanwhile, and the command line unpins it',
    { timeout: 240_000 },
    async (failpoint) => {
      await inHome(async (home, database) => {
        const env = { DATABASE_URL: database.url }
        const before = await startInstance(home, env)
        const [first, second] = await renewedOnce(before)
        expect(second).not.toBe(first)
        expect(await before.stop()).toBe(0)

        const doomed = await startInstance(home, { ...env, CERTRAIL_FAILPOINT: failpoint })
        // The call waits for what it began, so it ends with the process.
        await runCommandLine(['rollback', NAME, '--reason', 'a client broke'], { home })
        expect((await doomed.exited).signal).toBe('SIGKILL')
        expect(doomed.output()).toContain('failpoint fired')

        const restarted = await startInstance(home, env)
        try {
          const watch = watchProduction(restarted.ready.production, NAME)
          const served = () => servedFingerprint(restarted.ready.production, NAME)
          await expect.poll(served, { timeout: 60_000 }).toBe(first)
          const live = async () =>
            (await runCommandLine(['generations', NAME, '--json'], { home })).json() as {
              live: number
              pin: { generation: number; reason: string } | null
            }
          await expect.poll(live, { timeout: 60_000 }).toMatchObject({
            live: 1,
            pin: { generation: 1, reason: 'a client broke' },
          })
          const seen = await watch.end()
          expect([[first], [second, first]]).toContainEqual(seen)

          const shown = await runCommandLine(['generations', NAME], { home })
          expect(shown.stdout).toMatch(/pin/i)
          expect((await runCommandLine(['rollback', NAME, '--generation', '7'], { home })).exitCode).not.toBe(
            0,
          )
          expect((await runCommandLine(['unpin', NAME], { home })).exitCode).toBe(0)
          expect(await live()).toMatchObject({ live: 1, pin: null })
          expect(await served()).toBe(first)
        } finally {
          expect(await restarted.stop()).toBe(0)
        }
      })
    },
  )
})
