import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { acknowledgeChallenges, createEnrollment, dvEnrollment, readChange } from '../support/enrollments.ts'
import { type Instance, makeHome, removeHome, startInstance } from '../support/instance.ts'
import { servedFingerprint } from '../support/third-party.ts'

const KILLS = process.env['CERTRAIL_TEST_LONG'] === '1' ? 5 : 1

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

const killDatabase = async (): Promise<void> => {
  const [pid] = (await readFile(join(home, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')
  process.kill(Number(pid), 'SIGKILL')
}

/** 503 as long as it is away, which may begin at any moment after the kill. */
async function complete(change: string): Promise<void> {
  const { client } = instance
  const stateOf = async () => (await readChange(client, change)).body.statusInfo?.state
  const acknowledged = async () => (await acknowledgeChallenges(client, change)).status
  await expect.poll(stateOf, { timeout: 30_000 }).toBe('awaiting-input')
  await expect.poll(acknowledged, { timeout: 30_000 }).not.toBe(503)
  await expect.poll(stateOf, { timeout: 60_000 }).toBe('completed')
}

it('the embedded PostgreSQL is killed, again and again: it comes back, edges serve on, and every change goes on', async () => {
  const { client, ready } = instance
  const first = await createEnrollment(client, ready.contract, dvEnrollment('live.killed.example'))
  await complete(first.change)
  const served = await servedFingerprint(ready.production, 'live.killed.example')
  for (let kill = 0; kill < KILLS; kill += 1) {
    const { change } = await createEnrollment(client, ready.contract, dvEnrollment(`n${kill}.killed.example`))
    await killDatabase()
    expect(await servedFingerprint(ready.production, 'live.killed.example')).toBe(served)
    await complete(change)
  }
  expect(await servedFingerprint(ready.production, 'live.killed.example')).toBe(served)
  expect(await servedFingerprint(ready.production, 'n0.killed.example')).not.toBeNull()
})
