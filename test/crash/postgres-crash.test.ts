import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type Build,
  buildForChildren,
  type Child,
  endProcessesOf,
  familyOf,
  kill,
  GONE_WITHIN_MS,
  processesOf,
  seededBelow,
  startChild,
} from './postgres-rig.ts'

const ROUNDS = process.env['CERTRAIL_TEST_LONG'] === '1' ? 200 : 20
const SEED = Number(process.env['CERTRAIL_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31))

/** When the blow falls. `everything`: the server's processes with ours, as when a machine's memory runs out. */
const MOMENTS = ['first-start', 'start', 'running', 'shutdown', 'everything'] as const

let build: Build
const homes: string[] = []

beforeAll(async () => {
  build = await buildForChildren()
})

afterAll(async () => {
  await build.remove()
  for (const home of homes) await endProcessesOf(home)
  for (const home of homes) await rm(home, { recursive: true, force: true })
})

test(
  `kill -9 at any moment loses nothing acknowledged, leaves no process behind, and the home starts again (${ROUNDS} rounds, CERTRAIL_TEST_SEED=${SEED})`,
  async () => {
    console.log(`postgres-crash: ${ROUNDS} rounds, CERTRAIL_TEST_SEED=${SEED}`)
    const below = seededBelow(SEED)
    const tally: Record<string, number> = {}
    let home = await newHome()
    let acknowledged = 0
    let total = 0
    for (let round = 0; round < ROUNDS; round += 1) {
      // Each moment in turn, so that even few rounds meet all of them; the instant within it is random.
      const moment = MOMENTS[round % MOMENTS.length] ?? 'running'
      if (moment === 'first-start') {
        total += acknowledged
        await expectWhole(home, acknowledged, `before round ${round}`)
        home = await newHome()
        acknowledged = 0
      }
      const child = startChild(build, 'serve', home)
      const where = `round ${round}, ${moment}`
      await strike(child, moment, below)
      await child.ended
      expectKept(child, acknowledged, where)
      const reached = child.messages.length === 0 ? 'unready' : 'ready'
      tally[`${moment} ${reached}`] = (tally[`${moment} ${reached}`] ?? 0) + 1
      acknowledged = child.messages.reduce(
        (highest, { stored }) => Math.max(highest, stored ?? 0),
        acknowledged,
      )
      if (below(3) === 0) await expectNobody(home, where)
    }
    await expectWhole(home, acknowledged, 'after the last round')
    for (const each of homes) await expectNobody(each, 'at the end')
    console.log(`postgres-crash: ${total + acknowledged} acknowledged, 0 lost`, tally)
    expect(total + acknowledged).toBeGreaterThan(0)
  },
  ROUNDS * 20_000,
)

async function newHome(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'certrail-crash-'))
  homes.push(home)
  return home
}

async function strike(
  child: Child,
  moment: (typeof MOMENTS)[number],
  below: (limit: number) => number,
): Promise<void> {
  if (moment === 'first-start') await passed(child, below(1_400))
  else if (moment === 'start') await passed(child, below(500))
  else await child.saying((message) => message.stored !== undefined)
  if (moment === 'running' || moment === 'everything') await passed(child, below(300))
  if (moment === 'shutdown') {
    child.process.stdin?.write('stop\n')
    await child.saying((message) => message.stopping === true)
    await passed(child, below(60))
  }
  const pid = child.process.pid
  if (pid === undefined) throw new Error('the child did not start')
  const victims = moment === 'everything' ? await familyOf(pid) : [pid]
  for (const victim of victims) kill(victim)
}

/** The random instant is the test: nothing is being waited for, except that the child may end first. */
async function passed(child: Child, milliseconds: number): Promise<void> {
  await Promise.race([delay(milliseconds), child.ended])
}

/** What the child found at its start: everything that an earlier one said it had stored, and no half of a transaction. */
function expectKept(child: Child, acknowledged: number, where: string): void {
  const ended = child.process.exitCode
  expect(ended === null || ended === 0, `${where}: the child ended by itself\n${child.errors()}`).toBe(true)
  const ready = child.messages[0]?.ready
  if (ready === undefined) return
  expect(ready.highest, where).toBeGreaterThanOrEqual(acknowledged)
  // One more may have been committed without our hearing of it.
  expect(ready.highest, where).toBeLessThanOrEqual(acknowledged + 1)
  expect(ready.rows, where).toBe(ready.highest)
  expect(ready.counter, where).toBe(ready.highest)
}

/** The home starts, holds what it must, and stops in order. */
async function expectWhole(home: string, acknowledged: number, where: string): Promise<void> {
  const child = startChild(build, 'serve', home)
  const ready = await child.saying((message) => message.ready !== undefined)
  expect(ready, `${where}: does not start\n${child.errors()}`).not.toBeNull()
  child.process.stdin?.write('stop\n')
  await child.ended
  expectKept(child, acknowledged, where)
  expect(child.messages.at(-1), where).toEqual({ stopped: true })
  expect(await processesOf(home), where).toEqual([])
  expect((await readdir(home)).sort(), `${where}: leftovers`).toEqual(['keys', 'postgres'])
}

async function expectNobody(home: string, where: string): Promise<void> {
  await expect
    .poll(() => processesOf(home), { timeout: GONE_WITHIN_MS, interval: 50, message: `orphans, ${where}` })
    .toEqual([])
}
