import { createServer } from 'node:tls'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RETRY_WAITS } from '../../src/domain/change/retry.ts'
import { contractId } from '../../src/domain/identifiers.ts'
import { DAY } from '../../src/domain/time.ts'
import { type InProcess, startInProcess } from '../support/in-process.ts'
import { makeTestAuthority } from '../support/self-signed.ts'
import { dvSettings } from '../support/settings.ts'

const NAME = 'www.turned.example'

/** The clock is turned over all retries of a push that cannot succeed: real time is what somebody waits who turns it. */
describe('while the clock is turned over days of failing', () => {
  let running: InProcess
  /** Before the clock is turned the first retries come after real seconds, as many as this machine has time for. */
  let waits: number[] = []
  let close = () => {}
  beforeEach(async () => {
    running = await startInProcess()
    waits = []
    const { deps } = running.services
    const { pause } = deps
    // Only what the effects wait for between two looks goes over this; the answer of a call waits with a limit of its own.
    const counted: typeof pause = async (milliseconds, signal) => {
      if (!LOOKS.includes(milliseconds)) return pause(milliseconds, signal)
      if (deps.clockControl.isTurned()) waits.push(milliseconds)
    }
    Object.assign(deps, { pause: counted })
  })
  afterEach(async () => {
    close()
    await running.close()
  })
  const LOOKS = [20, 100, 400, 2_000]

  /** How many attempts there were until the change gave up. */
  async function failFor(address: string): Promise<number> {
    const { useCases, caller, database } = running
    await database.pool.query(
      `insert into edge_listeners (id, network, addresses, real_seen_at) values ('strange', 'production', $1, $2)`,
      [[address], Date.now() + DAY],
    )
    const ref = await useCases.createEnrollment(caller, {
      contractId: contractId('1-SANDBOX'),
      settings: dvSettings(NAME),
      schedule: { notBefore: null, notAfter: null },
      allowDuplicateCn: false,
    })
    await useCases.acknowledgeChallenges(caller, ref, 'acknowledge')
    const load = () => running.services.deps.store.read.changes.load(ref.changeId)
    const failed = { status: 'deploy-cert-to-production', state: 'error' }
    await expect.poll(load, { timeout: 20_000 }).toMatchObject(failed)
    await useCases.advanceClock(caller, { by: 4 * DAY })
    const change = await load()
    expect(change).toMatchObject({ state: 'error', nextAt: null })
    return change?.progress.attempts ?? 0
  }

  it('nobody is waited for who does not listen', async () => {
    expect(await failFor('127.0.0.1:1')).toBe(RETRY_WAITS.length + 1)
    expect(waits).toEqual([])
  }, 60_000)

  it('an edge that answers with another certificate is looked at shortly, and at length in the last attempt', async () => {
    const authority = await makeTestAuthority()
    const strange = await authority.issue([NAME])
    const key = `-----BEGIN EC PRIVATE KEY-----\n${Buffer.from(strange.privateKey).toString('base64')}\n-----END EC PRIVATE KEY-----\n`
    const server = createServer({ cert: strange.certificatePem, key })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    close = () => server.close()
    const attempts = await failFor(`127.0.0.1:${(server.address() as AddressInfo).port}`)
    expect(attempts).toBe(RETRY_WAITS.length + 1)
    const long = LOOKS.at(-1)
    expect(waits.filter((wait) => wait === long)).toEqual([long])
    expect(waits.at(-1)).toBe(long)
    expect(waits.length).toBeGreaterThan(3 * (attempts / 2))
    expect(waits.length).toBeLessThanOrEqual(3 * attempts + 1)
  }, 60_000)
})
