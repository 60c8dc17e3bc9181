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
  let waited = 0
  let close = () => {}
  beforeEach(async () => {
    running = await startInProcess()
    waited = 0
    const { deps } = running.services
    const { pause } = deps
    // Only what the effects wait for between two looks goes over this; the answer of a call waits with a limit of its own.
    const counted: typeof pause = async (milliseconds, signal) => {
      if (!LOOKS.includes(milliseconds)) return pause(milliseconds, signal)
      waited += milliseconds
    }
    Object.assign(deps, { pause: counted })
  })
  afterEach(async () => {
    close()
    await running.close()
  })
  const LOOKS = [20, 100, 400, 2_000]

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
    const state = async () => (await useCases.getChange(caller, ref)).state
    await expect.poll(state, { timeout: 20_000 }).toBe('error')
    waited = 0
    await useCases.advanceClock(caller, { by: 4 * DAY })
    const change = await running.services.deps.store.read.changes.load(ref.changeId)
    expect(change).toMatchObject({ state: 'error', nextAt: null })
    return change?.progress.attempts ?? 0
  }

  it('nobody is waited for who does not listen', async () => {
    const attempts = await failFor('127.0.0.1:1')
    expect(attempts).toBe(RETRY_WAITS.length + 1)
    expect(waited).toBe(0)
  }, 60_000)

  it('an edge that answers with another certificate is looked at shortly, and at length in the last attempt', async () => {
    const authority = await makeTestAuthority()
    const strange = await authority.issue([NAME])
    const key = `-----BEGIN EC PRIVATE KEY-----\n${Buffer.from(strange.privateKey).toString('base64')}\n-----END EC PRIVATE KEY-----\n`
    const server = createServer({ cert: strange.certificatePem, key })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    close = () => server.close()
    const attempts = await failFor(`127.0.0.1:${(server.address() as AddressInfo).port}`)
    const short = 20 + 100 + 400
    expect(waited).toBe((attempts - 2) * short + short + 2_000)
  }, 60_000)
})
