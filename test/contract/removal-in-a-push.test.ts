import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { ChangeReference } from '../../src/app/use-cases.ts'
import { contractId } from '../../src/domain/identifiers.ts'
import { DAY, MINUTE, plus } from '../../src/domain/time.ts'
import { type InProcess, startInProcess } from '../support/in-process.ts'
import { dvSettings } from '../support/settings.ts'

const NO_SCHEDULE = { notBefore: null, notAfter: null }
const UPDATE = {
  schedule: NO_SCHEDULE,
  allowCancelPendingChanges: true,
  allowStagingBypass: false,
  forceRenewal: true,
  renewalDateCheckOverride: false,
  allowMissingCertificateAddition: false,
}
const REMOVE = { schedule: NO_SCHEDULE, allowCancelPendingChanges: true }

/** spec: behaviour C10, `deploy-cert-to-production` running. */
describe('while a push to production is running', () => {
  let running: InProcess
  let restore = () => {}
  beforeAll(async () => {
    running = await startInProcess()
  })
  afterEach(() => restore())
  afterAll(() => running.close())

  const begin = (cn: string) =>
    running.useCases.createEnrollment(running.caller, {
      contractId: contractId('1-SANDBOX'),
      settings: dvSettings(cn),
      schedule: NO_SCHEDULE,
      allowDuplicateCn: false,
    })
  const stateOf = async (ref: ChangeReference) =>
    (await running.useCases.getChange(running.caller, ref)).state
  const isGone = async ({ enrollmentId }: ChangeReference) =>
    running.useCases.getEnrollment(running.caller, enrollmentId).then(
      () => false,
      (error: { code?: string }) => error.code === 'not-found',
    )
  const acknowledge = (ref: ChangeReference) =>
    running.useCases.acknowledgeChallenges(running.caller, ref, 'acknowledge')
  const served = async () => {
    const { rows } = await running.database.pool.query('select name from network_names order by name')
    return rows.map(({ name }: { name: string }) => name)
  }

  /** Does this once, in the middle of the push of the next change that comes there. */
  function inThePush(work: () => Promise<unknown>): Promise<unknown> {
    const { failpoints } = running.services.deps
    const { reach } = failpoints
    restore = () => void Object.assign(failpoints, { reach })
    return new Promise((resolve) => {
      Object.assign(failpoints, {
        async reach(when: string, steps: readonly string[]) {
          if (when !== 'before' || !steps.includes('deploy-to-production')) return
          restore()
          resolve(await work().catch((error: unknown) => error))
        },
      })
    })
  }

  it('it is not cancelled, neither by name nor on the way to an update', async () => {
    const ref = await begin('www.not-cancelled.example')
    const { useCases, caller } = running
    const refusals = inThePush(() =>
      Promise.all([
        useCases.cancelChange(caller, ref).catch(({ code }) => code),
        useCases
          .updateEnrollment(caller, ref.enrollmentId, { ...UPDATE, settings: (settings) => settings })
          .catch(({ code }) => code),
        useCases
          .removeEnrollment(caller, ref.enrollmentId, { ...REMOVE, allowCancelPendingChanges: false })
          .catch(({ code }) => code),
      ]),
    )
    await acknowledge(ref)
    expect(await refusals).toEqual([
      'cannot-cancel',
      'cannot-cancel-pending-change',
      'cannot-cancel-pending-change',
    ])
    await expect.poll(() => stateOf(ref), { timeout: 20_000 }).toBe('completed')
  })

  it('a removal begins when it has ended', async () => {
    const ref = await begin('www.removed.example')
    const { useCases, caller } = running
    const answer = inThePush(() => useCases.removeEnrollment(caller, ref.enrollmentId, REMOVE))
    await acknowledge(ref)
    expect(await answer).toBe(ref.changeId)
    await expect.poll(() => isGone(ref), { timeout: 20_000 }).toBe(true)
    const { rows } = await running.database.pool.query(
      'select action, state from changes where enrollment_id = $1 order by id',
      [ref.enrollmentId],
    )
    expect(rows).toEqual([
      { action: 'new-certificate', state: 'completed' },
      { action: 'removal', state: 'completed' },
    ])
    expect(await served()).not.toContain('www.removed.example')
  })

  it('a removal begins when it has failed, and ends the change', async () => {
    const ref = await begin('www.failed.example')
    const { useCases, caller, database } = running
    const answer = inThePush(async () => {
      await database.pool.query(
        `insert into edge_listeners (id, network, addresses, real_seen_at) values ('unreachable', 'production', '{127.0.0.1:1}', $1)`,
        [Date.now() + DAY],
      )
      return useCases.removeEnrollment(caller, ref.enrollmentId, REMOVE)
    })
    await acknowledge(ref)
    expect(await answer).toBe(ref.changeId)
    try {
      await expect.poll(() => isGone(ref), { timeout: 20_000 }).toBe(true)
    } finally {
      await database.pool.query(`delete from edge_listeners where id = 'unreachable'`)
    }
    expect(await served()).not.toContain('www.failed.example')
  })

  it('a removal waits for its own date as well', async () => {
    const ref = await begin('www.dated.example')
    const { useCases, caller, services } = running
    const notBefore = plus(services.deps.clocks.lifecycle.now(), DAY)
    const answer = inThePush(() =>
      useCases.removeEnrollment(caller, ref.enrollmentId, {
        ...REMOVE,
        schedule: { notBefore, notAfter: null },
      }),
    )
    await acknowledge(ref)
    expect(await answer).toBe(ref.changeId)
    const pending = async () =>
      (await useCases.getEnrollment(caller, ref.enrollmentId)).pendingChanges.map(({ action }) => action)
    await expect.poll(pending, { timeout: 20_000 }).toEqual(['removal'])
    expect(await served()).toContain('www.dated.example')
    await useCases.advanceClock(caller, { to: plus(notBefore, MINUTE) })
    await expect.poll(() => isGone(ref), { timeout: 20_000 }).toBe(true)
  })

  it('a removal begins although whoever carried the push has died before he could begin it', async () => {
    const ref = await begin('www.forgotten.example')
    await acknowledge(ref)
    await expect.poll(() => stateOf(ref), { timeout: 20_000 }).toBe('completed')
    // As the database stands after such a death: the push is over, the removal is wished for, and nobody has been called.
    await running.database.pool.query('update enrollments set removal_wish = $2 where id = $1', [
      ref.enrollmentId,
      JSON.stringify({ ...NO_SCHEDULE, createdBy: 'somebody' }),
    ])
    await expect.poll(() => isGone(ref), { timeout: 20_000 }).toBe(true)
  })
})
