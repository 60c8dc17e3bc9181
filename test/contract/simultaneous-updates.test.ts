import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Dependencies } from '../../src/app/dependencies.ts'
import { removeEnrollment } from '../../src/app/remove-enrollment.ts'
import { updateEnrollment } from '../../src/app/update-enrollment.ts'
import type { UpdateEnrollment } from '../../src/app/use-cases.ts'
import type { EnrollmentSettings } from '../../src/domain/enrollment/enrollment.ts'
import { contractId, type EnrollmentId } from '../../src/domain/identifiers.ts'
import { instant } from '../../src/domain/time.ts'
import { type InProcess, startInProcess } from '../support/in-process.ts'
import { dvSettings } from '../support/settings.ts'

const NO_SCHEDULE = { notBefore: null, notAfter: null }
const input = (
  settings: UpdateEnrollment['settings'],
  more: Partial<UpdateEnrollment> = {},
): UpdateEnrollment => ({
  settings,
  schedule: NO_SCHEDULE,
  allowCancelPendingChanges: false,
  allowStagingBypass: false,
  forceRenewal: false,
  renewalDateCheckOverride: false,
  allowMissingCertificateAddition: false,
  ...more,
})
const titled = (settings: EnrollmentSettings, title: string): EnrollmentSettings => ({
  ...settings,
  techContact: { ...settings.techContact, title },
})
const named = (settings: EnrollmentSettings, name: string): EnrollmentSettings => ({
  ...settings,
  org: { ...settings.org, name },
})

describe('updates that meet', () => {
  let running: InProcess
  beforeAll(async () => {
    running = await startInProcess()
  })
  afterAll(() => running.close())

  async function begin(cn: string) {
    const { useCases, caller } = running
    const ref = await useCases.createEnrollment(caller, {
      contractId: contractId('1-SANDBOX'),
      settings: dvSettings(cn),
      schedule: NO_SCHEDULE,
      allowDuplicateCn: false,
    })
    const status = async () => (await useCases.getChange(caller, ref)).state
    await expect.poll(status, { timeout: 20_000 }).toBe('awaiting-input')
    return { ...ref, status }
  }

  async function live(cn: string): Promise<EnrollmentId> {
    const begun = await begin(cn)
    await running.useCases.acknowledgeChallenges(running.caller, begun, 'acknowledge')
    await expect.poll(begun.status, { timeout: 20_000 }).toBe('completed')
    return begun.enrollmentId
  }

  const stored = async (id: EnrollmentId) =>
    (await running.useCases.getEnrollment(running.caller, id)).settings

  /** The parts, with `work` done once between what an update reads first and what it stores. */
  function meeting(work: () => Promise<unknown>): Dependencies {
    const { deps } = running.services
    let met = false
    const openOf: typeof deps.store.read.changes.openOf = async (ids) => {
      const open = await deps.store.read.changes.openOf(ids)
      if (!met) {
        met = true
        await work()
      }
      return open
    }
    const read = { ...deps.store.read, changes: { ...deps.store.read.changes, openOf } }
    return { ...deps, store: { ...deps.store, read } }
  }

  it('keep what both changed: the later is read again over what the earlier stored', async () => {
    const { useCases, caller } = running
    const id = await live('both.meet.example')
    const bases: (string | null)[] = []
    const other = () =>
      useCases.updateEnrollment(
        caller,
        id,
        input((settings) => named(settings, 'Stored meanwhile')),
      )
    const mine = input((settings) => {
      bases.push(settings.org.name)
      return titled(settings, 'Mine')
    })
    expect(await updateEnrollment(meeting(other), caller, id, mine)).toBeNull()
    expect(bases).toEqual([expect.any(String), 'Stored meanwhile'])
    const after = await stored(id)
    expect([after.org.name, after.techContact.title]).toEqual(['Stored meanwhile', 'Mine'])
  })

  it('do not start two changes: the later is refused as if it had come later', async () => {
    const { useCases, caller } = running
    const id = await live('two.meet.example')
    const wider = (name: string) =>
      input((settings) => ({ ...settings, csr: { ...settings.csr, sans: [name] } }))
    const other = () => useCases.updateEnrollment(caller, id, wider('other.two.meet.example'))
    const mine = updateEnrollment(meeting(other), caller, id, wider('mine.two.meet.example'))
    await expect(mine).rejects.toMatchObject({
      code: 'cannot-cancel-pending-change',
    })
    expect((await useCases.getEnrollment(caller, id)).pendingChanges).toHaveLength(1)
  })

  it('are judged by the removal that began meanwhile, and removals that meet are one', async () => {
    const { useCases, caller } = running
    const later = { notBefore: instant(Date.UTC(2090, 0, 1)), notAfter: null }
    const removal = { schedule: later, allowCancelPendingChanges: false }
    const id = await live('removed.meet.example')
    const begun: unknown[] = []
    const other = async () => begun.push(await useCases.removeEnrollment(caller, id, removal))
    expect([await removeEnrollment(meeting(other), caller, id, removal)]).toEqual(begun)
    expect((await useCases.getEnrollment(caller, id)).pendingChanges).toMatchObject([{ action: 'removal' }])
    const updated = await live('wider.meet.example')
    const mine = updateEnrollment(
      meeting(() => useCases.removeEnrollment(caller, updated, removal)),
      caller,
      updated,
      input((settings) => ({ ...settings, csr: { ...settings.csr, sans: ['more.wider.meet.example'] } })),
    )
    await expect(mine).rejects.toMatchObject({ code: 'cannot-cancel-pending-change' })
  })

  it('with the completion of a change win over it: what was accepted last is what is stored', async () => {
    const { useCases, caller, services } = running
    const begun = await begin('completed.meet.example')
    const id = begun.enrollmentId
    const { failpoints } = services.deps
    const { reach } = failpoints
    const answers: unknown[] = []
    Object.assign(failpoints, {
      async reach(when: 'before' | 'after', steps: readonly string[]) {
        await reach(when, steps)
        if (when !== 'after' || !steps.includes('deploy-to-production') || answers.length > 0) return
        answers.push(
          await useCases.updateEnrollment(
            caller,
            id,
            input((settings) => titled(settings, 'Last')),
          ),
        )
      },
    })
    try {
      await useCases.acknowledgeChallenges(caller, begun, 'acknowledge')
      await expect.poll(begun.status, { timeout: 20_000 }).toBe('completed')
      await expect.poll(() => answers, { timeout: 20_000 }).toEqual([null])
    } finally {
      Object.assign(failpoints, { reach })
    }
    expect((await services.deps.store.read.changes.load(begun.changeId))?.effects).toEqual([])
    expect((await stored(id)).techContact.title).toBe('Last')
    expect((await services.deps.store.read.lifecycle.settled(id))?.techContact.title).toBe('Last')
    expect((await useCases.getEnrollment(caller, id)).autoRenewalStartTime).not.toBeNull()
  })

  it('are judged by what has completed while they were read', async () => {
    const { useCases, caller } = running
    const begun = await begin('judged.meet.example')
    const completes = async () => {
      await useCases.acknowledgeChallenges(caller, begun, 'acknowledge')
      await expect.poll(begun.status, { timeout: 20_000 }).toBe('completed')
    }
    // Read while the first change was open, stored when it had completed: it has nothing left to cancel, and nothing to issue.
    const mine = input((settings) => titled(settings, 'Mine'), { allowCancelPendingChanges: true })
    expect(await updateEnrollment(meeting(completes), caller, begun.enrollmentId, mine)).toBeNull()
    expect((await useCases.getChange(caller, begun)).state).toBe('completed')
    expect((await stored(begun.enrollmentId)).techContact.title).toBe('Mine')
  })
})
