import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ChangeReference } from '../../src/app/use-cases.ts'
import { acknowledgementDeadline } from '../../src/domain/change/acknowledgement-deadline.ts'
import { contractId, type EnrollmentId } from '../../src/domain/identifiers.ts'
import { DAY, HOUR, type Instant, MINUTE, plus } from '../../src/domain/time.ts'
import { type InProcess, startInProcess, VALIDATES_BY_TIME } from '../support/in-process.ts'
import { dvSettings } from '../support/settings.ts'

const NO_SCHEDULE = { notBefore: null, notAfter: null }
const CN = 'forgotten.example'
const UPDATE = {
  allowCancelPendingChanges: false,
  allowStagingBypass: false,
  renewalDateCheckOverride: true,
  allowMissingCertificateAddition: false,
}

let running: InProcess
beforeAll(async () => {
  running = await startInProcess({
    validation: VALIDATES_BY_TIME,
  })
})
afterAll(() => running.close())

const settings = (sans: readonly string[] = []) => ({ ...dvSettings(CN, sans), changeManagement: true })
const now = () => running.services.deps.clocks.lifecycle.now()
const advanceTo = (to: Instant) => running.useCases.advanceClock(running.caller, { to })
const statusOf = async (ref: ChangeReference) => {
  const { status, state } = await running.useCases.getChange(running.caller, ref)
  return `${status} ${state}`
}
const planOf = (id: EnrollmentId) => running.useCases.plan(running.caller, id)

/** What production serves, and until when. */
async function live(
  id: EnrollmentId,
): Promise<{ readonly names: readonly string[]; readonly notAfter: Instant; readonly lastSafe: Instant }> {
  const [newest] = await running.useCases.certificateHistory(running.caller, id, true)
  const facts = running.services.deps.certificates.read(newest?.primary?.certificatePem ?? '')
  const lastSafe = acknowledgementDeadline([facts])
  if (lastSafe === null) throw new Error('nothing is live')
  return { names: facts.dnsNames, notAfter: facts.notAfter, lastSafe }
}

describe('a change that everybody forgot', () => {
  let id: EnrollmentId
  let expires: Instant

  async function update(
    sans: readonly string[],
    forceRenewal: boolean,
    notBefore: Instant,
  ): Promise<ChangeReference> {
    const changeId = await running.useCases.updateEnrollment(running.caller, id, {
      ...UPDATE,
      settings: () => settings(sans),
      forceRenewal,
      schedule: { notBefore, notAfter: null },
    })
    if (changeId === null) throw new Error('nothing to change')
    await advanceTo(plus(now(), MINUTE))
    return { enrollmentId: id, changeId }
  }

  beforeAll(async () => {
    const { useCases, caller } = running
    const ref = await useCases.createEnrollment(caller, {
      contractId: contractId('1-SANDBOX'),
      settings: settings(),
      schedule: NO_SCHEDULE,
      allowDuplicateCn: false,
    })
    id = ref.enrollmentId
    await advanceTo(plus(now(), MINUTE))
    await useCases.acknowledgeChangeManagement(caller, ref, 'acknowledge', null)
    await advanceTo(plus(now(), MINUTE))
    expires = (await live(id)).notAfter
  })

  it('ends for the renewal of what is live, and plan and explain say so beforehand', async () => {
    const { useCases, caller } = running
    const { lastSafe } = await live(id)
    const forgotten = await update(['new.forgotten.example'], false, plus(now(), DAY))
    expect(await statusOf(forgotten)).toBe('wait-ack-change-management awaiting-input')
    expect(await useCases.explain(caller, forgotten)).toMatchObject({
      until: lastSafe,
      otherwise: expect.stringContaining('renewed instead'),
    })
    expect((await planOf(id)).conflicts).toEqual([])

    await advanceTo(plus(lastSafe, -HOUR))
    const { steps, conflicts } = await planOf(id)
    expect(conflicts).toMatchObject([{ code: 'change-in-the-way' }])
    expect(await useCases.renewalConflicts(caller)).toMatchObject([
      { enrollmentId: id, code: 'change-in-the-way' },
    ])
    expect(steps.find(({ what }) => what === 'begin-renewal')?.at).toBe(lastSafe)
    expect(await statusOf(forgotten)).toBe('wait-ack-change-management awaiting-input')

    await advanceTo(plus(lastSafe, 5 * MINUTE))
    expect(await statusOf(forgotten)).toBe('wait-ack-change-management cancelled')
    const [renewal, superseded] = await useCases.changeHistory(caller, id)
    expect([renewal, superseded]).toMatchObject([
      { action: 'renew', status: 'completed' },
      { action: 'modify-san', status: 'cancelled' },
    ])
    expect((await live(id)).names).toEqual([CN])
    expect((await live(id)).notAfter).toBeGreaterThan(plus(expires, 40 * DAY))
    const shown = await useCases.getEnrollment(caller, id)
    expect([shown.settings.csr.sans, shown.pendingChanges]).toEqual([[], []])
  })

  it('goes to production without its date and acknowledgement where it renews what is live itself', async () => {
    expires = (await live(id)).notAfter
    const { lastSafe } = await live(id)
    const forgotten = await update([], true, plus(expires, DAY))
    expect((await planOf(id)).conflicts).toMatchObject([{ text: expect.stringContaining('goes on at') }])
    await advanceTo(plus(lastSafe, -HOUR))
    expect(await statusOf(forgotten)).toBe('wait-ack-change-management awaiting-input')
    await advanceTo(plus(lastSafe, 5 * MINUTE))
    expect(await statusOf(forgotten)).toBe('complete completed')
    expect((await live(id)).notAfter).toBeGreaterThan(plus(expires, 40 * DAY))
  })

  it('ends for the renewal also when it removes the enrollment only after the expiry', async () => {
    const { useCases, caller, database } = running
    const { names, notAfter, lastSafe } = await live(id)
    const changeId = await useCases.removeEnrollment(caller, id, {
      allowCancelPendingChanges: false,
      schedule: { notBefore: plus(notAfter, DAY), notAfter: null },
    })
    if (changeId === null) throw new Error('it is gone at once')
    const removal = { enrollmentId: id, changeId }
    expect(await statusOf(removal)).toBe('wait-deployment-schedule suspended')
    expect((await planOf(id)).conflicts).toMatchObject([
      { code: 'change-in-the-way', until: lastSafe, text: expect.stringContaining('stay up past its date') },
    ])
    expect(await useCases.explain(caller, removal)).toMatchObject({
      until: lastSafe,
      otherwise: expect.stringContaining('renewed instead'),
    })

    await advanceTo(plus(lastSafe, -HOUR))
    expect(await statusOf(removal)).toBe('wait-deployment-schedule suspended')
    await advanceTo(plus(lastSafe, 5 * MINUTE))
    expect(await statusOf(removal)).toBe('wait-deployment-schedule cancelled')
    expect((await live(id)).names).toEqual(names)
    expect((await live(id)).notAfter).toBeGreaterThan(plus(notAfter, 40 * DAY))
    const { rows } = await database.pool.query<{ occasion: string }>(
      'select occasion from notices where change_id = $1 order by id',
      [changeId],
    )
    expect(rows.map(({ occasion }) => occasion)).toEqual(['conflict', 'conflict', 'superseded'])

    await advanceTo(plus(notAfter, 2 * DAY))
    expect((await useCases.getEnrollment(caller, id)).pendingChanges).toEqual([])
  })

  it('a removal dated before the expiry is carried out, though the renewal would be due', async () => {
    const { useCases, caller } = running
    const { notAfter, lastSafe } = await live(id)
    const at = plus(notAfter, -HOUR)
    await useCases.removeEnrollment(caller, id, {
      allowCancelPendingChanges: false,
      schedule: { notBefore: at, notAfter: null },
    })
    await advanceTo(plus(lastSafe, HOUR))
    expect((await useCases.getEnrollment(caller, id)).pendingChanges).toMatchObject([{ action: 'removal' }])
    await advanceTo(plus(at, MINUTE))
    await expect(useCases.getEnrollment(caller, id)).rejects.toMatchObject({ code: 'not-found' })
  })
})
