import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Dependencies } from '../../src/app/dependencies.ts'
import type { ChangeReference } from '../../src/app/use-cases.ts'
import type { EnrollmentSettings } from '../../src/domain/enrollment/enrollment.ts'
import { contractId, type EnrollmentId } from '../../src/domain/identifiers.ts'
import { DAY, type Instant, MINUTE, plus } from '../../src/domain/time.ts'
import { Problem } from '../../src/errors/problem.ts'
import { type InProcess, startInProcess, VALIDATES_BY_TIME } from '../support/in-process.ts'
import { dvSettings } from '../support/settings.ts'

// Each of these lives through months, with real handshakes.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 })

const NO_SCHEDULE = { notBefore: null, notAfter: null }
const UPDATE = {
  schedule: NO_SCHEDULE,
  allowCancelPendingChanges: false,
  allowStagingBypass: false,
  forceRenewal: false,
  renewalDateCheckOverride: false,
  allowMissingCertificateAddition: false,
}

/** Between a moment that was turned to and what is asked there the clock runs on, on a busy machine for minutes. */
const MARGIN_MS = 15 * MINUTE

let running: InProcess
beforeAll(async () => {
  running = await startInProcess({
    validation: VALIDATES_BY_TIME,
  })
})
afterAll(() => running.close())
/** What one test made must not be renewed by each later one that turns the clock. */
afterEach(async () => {
  for (const id of made.splice(0))
    await running.useCases
      .removeEnrollment(running.caller, id, { schedule: NO_SCHEDULE, allowCancelPendingChanges: true })
      .catch((error: unknown) => {
        if (!(error instanceof Problem) || error.code !== 'not-found') throw error
      })
})
const made: EnrollmentId[] = []

async function live(settings: EnrollmentSettings): Promise<EnrollmentId> {
  const { useCases, caller } = running
  const ref = await useCases.createEnrollment(caller, {
    contractId: contractId('1-SANDBOX'),
    settings,
    schedule: NO_SCHEDULE,
    allowDuplicateCn: false,
  })
  made.push(ref.enrollmentId)
  await useCases.acknowledgeChallenges(caller, ref, 'acknowledge')
  await ended(ref)
  return ref.enrollmentId
}

async function ended(ref: ChangeReference): Promise<void> {
  const { useCases, caller } = running
  const { signal } = new AbortController()
  for (let look = 0; look < 200; look += 1)
    if ((await useCases.waitForChange(caller, ref, 1, signal)).state === 'completed') return
  throw new Error('the change did not end')
}

const enrollmentOf = (id: EnrollmentId) => running.useCases.getEnrollment(running.caller, id)
const advanceTo = (to: Instant) => running.useCases.advanceClock(running.caller, { to })
const advanceBy = (by: number) => running.useCases.advanceClock(running.caller, { by })

async function renewalOf(id: EnrollmentId): Promise<Instant> {
  const { autoRenewalStartTime } = await enrollmentOf(id)
  if (autoRenewalStartTime === null) throw new Error('no renewal is planned')
  return autoRenewalStartTime
}

const historyOf = (id: EnrollmentId) => running.useCases.changeHistory(running.caller, id)

const pendingOf = async (id: EnrollmentId): Promise<ChangeReference | null> => {
  const [change = null] = (await enrollmentOf(id)).pendingChanges
  return change === null ? null : { enrollmentId: id, changeId: change.changeId }
}

describe('the renewal engine', () => {
  it('begins at autoRenewalStartTime and not before, and nobody has to act', async () => {
    const id = await live(dvSettings('a.renewal.example', ['b.renewal.example']))
    const start = await renewalOf(id)
    await advanceTo(plus(start, -MARGIN_MS))
    expect(await historyOf(id)).toHaveLength(1)
    await advanceTo(plus(start, 2 * MINUTE))
    const [renewal] = await historyOf(id)
    // The moment that it belongs to, not the one at which somebody turned the clock.
    expect(renewal).toMatchObject({
      action: 'renew',
      status: 'completed',
      createdBy: 'automatic renewal',
      createdOn: start,
    })
    expect(await renewalOf(id)).toBeGreaterThan(plus(start, 50 * DAY))
  })

  it('repeats what was issued and never the key', async () => {
    const id = await live(dvSettings('k.renewal.example', ['l.renewal.example']))
    await advanceTo(plus(await renewalOf(id), 2 * MINUTE))
    const history = await running.useCases.certificateHistory(running.caller, id, true)
    const facts = history.map(({ primary }) =>
      running.services.deps.certificates.read(primary?.certificatePem ?? ''),
    )
    expect(facts).toHaveLength(2)
    expect(new Set(facts.map(({ publicKeyFingerprint }) => publicKeyFingerprint)).size).toBe(2)
    expect(facts[0]?.dnsNames.toSorted()).toEqual(facts[1]?.dnsNames.toSorted())
    expect(facts[0]?.keyAlgorithm).toBe(facts[1]?.keyAlgorithm)
  })

  it('begins again half an hour after a person cancelled it (spec: behaviour C10)', async () => {
    const id = await live(dvSettings('c.renewal.example'))
    await advanceTo(await renewalOf(id))
    const cancelled = await pendingOf(id)
    if (cancelled === null) throw new Error('no renewal has begun')
    await running.useCases.cancelChange(running.caller, cancelled)
    await advanceBy(30 * MINUTE - MARGIN_MS)
    expect(await pendingOf(id)).toBeNull()
    expect(await historyOf(id)).toHaveLength(2)
    await advanceBy(MARGIN_MS + MINUTE)
    const [again] = await historyOf(id)
    expect(again).toMatchObject({ action: 'renew', status: 'completed' })
    expect(await historyOf(id)).toHaveLength(3)
  })

  it('waits for another change to end, and does not come twice with a forced renewal', async () => {
    const id = await live(dvSettings('w.renewal.example'))
    const start = await renewalOf(id)
    await advanceTo(plus(start, -DAY))
    const changeId = await running.useCases.updateEnrollment(running.caller, id, {
      ...UPDATE,
      settings: () => dvSettings('w.renewal.example'),
      forceRenewal: true,
      schedule: { notBefore: plus(start, 5 * DAY), notAfter: null },
    })
    if (changeId === null) throw new Error('a forced renewal starts a change')
    await advanceTo(plus(start, DAY))
    expect(await pendingOf(id)).toEqual({ enrollmentId: id, changeId })
    await advanceTo(plus(start, 6 * DAY))
    expect(await pendingOf(id)).toBeNull()
    expect(await historyOf(id)).toHaveLength(2)
  })

  it('leaves a removed enrollment alone', async () => {
    const id = await live(dvSettings('r.renewal.example'))
    const start = await renewalOf(id)
    await running.useCases.removeEnrollment(running.caller, id, {
      schedule: NO_SCHEDULE,
      allowCancelPendingChanges: false,
    })
    await advanceTo(plus(start, DAY))
    await expect(enrollmentOf(id)).rejects.toMatchObject({ code: 'not-found' })
    expect(await running.services.deps.store.read.changes.openOf([id])).toEqual([])
  })

  it('keeps the key type of what is live when the setting has changed since', async () => {
    const id = await live(dvSettings('t.renewal.example'))
    await withFault({ authorityKeyAlgorithm: 'RSA' }, async () =>
      advanceTo(plus(await renewalOf(id), 2 * MINUTE)),
    )
    const history = await running.useCases.certificateHistory(running.caller, id, true)
    expect(history.map(({ primary }) => primary?.keyAlgorithm)).toEqual(['ECDSA', 'ECDSA'])
  })

  it('orders again after an hour what its CA refused, and says so meanwhile', async () => {
    const id = await live(dvSettings('f.renewal.example'))
    const start = await renewalOf(id)
    const { authorityFor } = running.services.deps
    const refusing = (type: 'dv' | 'ov' | 'ev') => ({
      ...authorityFor(type),
      finalize: async () => ({ status: 'refused' as const, reason: 'Not today.' }),
    })
    await withFault({ authorityFor: refusing }, () => advanceTo(plus(start, 10 * MINUTE)))
    const pending = await pendingOf(id)
    if (pending === null) throw new Error('the renewal is not open')
    const { change, until } = await running.useCases.explain(running.caller, pending)
    expect(change).toMatchObject({ status: 'check-for-cert-error', error: { description: 'Not today.' } })
    expect(until).toBeGreaterThan(plus(start, 50 * MINUTE))
    await advanceTo(plus(start, 70 * MINUTE))
    expect(await pendingOf(id)).toBeNull()
    expect((await historyOf(id))[0]).toMatchObject({ action: 'renew', status: 'completed' })
  })

  it('keeps the key where the enrollment says so, in a pair of its own', async () => {
    const id = await live(dvSettings('p.renewal.example'))
    await running.useCases.setKeepKey(running.caller, id, true)
    await advanceTo(plus(await renewalOf(id), 2 * MINUTE))
    const history = await running.useCases.certificateHistory(running.caller, id, true)
    const facts = history.map(({ primary }) =>
      running.services.deps.certificates.read(primary?.certificatePem ?? ''),
    )
    expect(facts).toHaveLength(2)
    expect(new Set(facts.map(({ publicKeyFingerprint }) => publicKeyFingerprint)).size).toBe(1)
    expect(new Set(facts.map(({ serialNumber }) => serialNumber)).size).toBe(2)
  })

  it('goes to production in a window of its account, and the plan, the enrollment and what happens agree', async () => {
    const { useCases, caller } = running
    const id = await live(dvSettings('m.renewal.example'))
    const usual = await renewalOf(id)
    // The minute in which the window opens lies a day and a bit after the usual start.
    const opening = new Date(usual + DAY + 2 * MINUTE)
    const cron = `${opening.getUTCMinutes()} ${opening.getUTCHours()} ${opening.getUTCDate()} ${opening.getUTCMonth() + 1} *`
    await useCases.setMaintenance(caller, {
      windows: [{ cron, timeZone: 'UTC', durationMinutes: 60 }],
      freezes: [],
    })
    const planned = await renewalOf(id)
    const { steps, conflicts } = await useCases.plan(caller, id)
    expect(conflicts).toEqual([])
    expect(planned).toBe(Math.floor(opening.getTime() / MINUTE) * MINUTE)
    expect(steps.map(({ what, at }) => [what, at])).toEqual([
      ['begin-renewal', planned],
      ['deploy-to-production', planned],
      ['expiry', expect.any(Number)],
    ])
    await advanceTo(plus(planned, 5 * MINUTE))
    expect((await historyOf(id))[0]).toMatchObject({
      action: 'renew',
      status: 'completed',
      createdOn: planned,
    })
    await useCases.setMaintenance(caller, { windows: [], freezes: [] })
  })

  it('that has begun is held on staging while a freeze lasts, and goes when somebody says so', async () => {
    const { useCases, caller } = running
    const id = await live(dvSettings('z.renewal.example'))
    const start = await renewalOf(id)
    await advanceTo(start)
    const freezeUntil = (end: Instant) =>
      useCases.setMaintenance(caller, {
        windows: [],
        freezes: [{ from: plus(start, -DAY), until: end, reason: 'sale' }],
      })
    const open = await pendingOf(id)
    if (open === null) throw new Error('no renewal has begun')
    await freezeUntil(plus(start, 5 * DAY))
    await advanceTo(plus(start, DAY))
    const { change, until } = await useCases.explain(caller, open)
    expect([change.status, until]).toEqual(['wait-deployment-schedule', plus(start, 5 * DAY)])
    expect((await useCases.plan(caller, id)).steps[0]).toMatchObject({
      what: 'deploy-to-production',
      at: plus(start, 5 * DAY),
    })
    await freezeUntil(plus(start, 3 * DAY))
    await expect
      .poll(async () => (await useCases.explain(caller, open)).until, { timeout: 20_000 })
      .toBe(plus(start, 3 * DAY))
    await useCases.setDeploymentSchedule(caller, open, NO_SCHEDULE)
    await ended(open)
    await useCases.setMaintenance(caller, { windows: [], freezes: [] })
  })
})

/** Both the API's and the workers' dependencies: whoever turns the clock carries the changes. */
async function withFault(fault: Partial<Dependencies>, work: () => Promise<unknown>): Promise<void> {
  const { deps, jobDeps } = running.services
  const before = { ...deps }
  Object.assign(deps, fault)
  Object.assign(jobDeps, fault)
  try {
    await work()
  } finally {
    const names = Object.keys(fault) as (keyof Dependencies)[]
    const healed = Object.fromEntries(names.map((name) => [name, before[name]]))
    Object.assign(deps, healed)
    Object.assign(jobDeps, healed)
  }
}
