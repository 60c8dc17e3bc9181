import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { ChangeReference } from '../../src/app/use-cases.ts'
import type { EnrollmentSettings } from '../../src/domain/enrollment/enrollment.ts'
import { accountId, contractId } from '../../src/domain/identifiers.ts'
import { DAY, plus } from '../../src/domain/time.ts'
import { type InProcess, startInProcess, VALIDATES_BY_TIME } from '../support/in-process.ts'
import { dvSettings } from '../support/settings.ts'

const NO_SCHEDULE = { notBefore: null, notAfter: null }

describe('a pause', () => {
  let running: InProcess
  beforeAll(async () => {
    running = await startInProcess({
      validation: VALIDATES_BY_TIME,
    })
  })
  afterAll(() => running.close())
  afterEach(async () => {
    for (const { enrollmentId, network } of await running.useCases.pauses(running.caller))
      await resume(enrollmentId ?? 'account', network)
  })

  const create = async (settings: EnrollmentSettings): Promise<ChangeReference> => {
    const ref = await running.useCases.createEnrollment(running.caller, {
      contractId: contractId('1-SANDBOX'),
      settings,
      schedule: NO_SCHEDULE,
      allowDuplicateCn: false,
    })
    await rests(ref, 'coordinate-domain-validation awaiting-input')
    await running.useCases.acknowledgeChallenges(running.caller, ref, 'acknowledge')
    return ref
  }
  const statusOf = async (ref: ChangeReference) => {
    const { status, state } = await running.useCases.getChange(running.caller, ref)
    return `${status} ${state}`
  }
  const rests = async (ref: ChangeReference, at: string): Promise<void> => {
    await expect.poll(() => statusOf(ref), { timeout: 40_000 }).toBe(at)
  }
  const servedOn = async (ref: ChangeReference, network: 'staging' | 'production') =>
    (await running.useCases.getDeployments(running.caller, ref.enrollmentId))[network] !== null
  const pause = (of: 'account' | ChangeReference['enrollmentId'], network: 'staging' | 'production' | null) =>
    running.useCases.pauseDeployments(running.caller, { of, network, reason: 'incident 7' })
  const resume = (
    of: 'account' | ChangeReference['enrollmentId'],
    network: 'staging' | 'production' | null,
  ) => running.useCases.resumeDeployments(running.caller, { of, network })

  it('of production lets a change reach staging, holds it where it can be cancelled, and says why and what ends it', async () => {
    await pause('account', 'production')
    const ref = await create(dvSettings('one.pauses.example'))
    await rests(ref, 'wait-deployment-schedule suspended')
    expect([await servedOn(ref, 'staging'), await servedOn(ref, 'production')]).toEqual([true, false])
    const { waitsFor } = await running.useCases.explain(running.caller, ref)
    expect(waitsFor).toContain('incident 7')
    expect(waitsFor).toContain('certrail resume --network production')
    expect(await resume('account', 'production')).toEqual([])
    await rests(ref, 'complete completed')
    expect(await servedOn(ref, 'production')).toBe(true)
  })

  it('of both networks holds a change before staging, and the pause of a wider scope outlives a narrower one', async () => {
    await pause('account', null)
    const ref = await create(dvSettings('two.pauses.example'))
    await rests(ref, 'deploy-cert-to-staging running')
    const held = () => running.useCases.explain(running.caller, ref)
    await expect.poll(async () => (await held()).waitsFor, { timeout: 40_000 }).toMatch(/^Deployments of the/)
    await pause(ref.enrollmentId, 'production')
    await resume('account', null)
    await rests(ref, 'wait-deployment-schedule suspended')
    expect((await held()).waitsFor).toContain(`certrail resume ${ref.enrollmentId} --network production`)
    await running.useCases.cancelChange(running.caller, ref)
    await expect.poll(() => statusOf(ref), { timeout: 40_000 }).toBe('wait-deployment-schedule cancelled')
  })

  it('is idempotent, and keeps the first moment and the last reason', async () => {
    const [first] = await pause('account', 'staging')
    const again = await running.useCases.pauseDeployments(running.caller, {
      of: 'account',
      network: 'staging',
      reason: 'still',
    })
    expect(again).toEqual([{ ...first, reason: 'still' }])
    await resume('account', 'staging')
    expect(await resume('account', 'staging')).toEqual([])
  })

  it('holds a removal that has not begun', async () => {
    const ref = await create(dvSettings('three.pauses.example'))
    await rests(ref, 'complete completed')
    await pause(ref.enrollmentId, null)
    const removal = await running.useCases.removeEnrollment(running.caller, ref.enrollmentId, {
      schedule: NO_SCHEDULE,
      allowCancelPendingChanges: false,
    })
    const removing = { ...ref, changeId: removal ?? ref.changeId }
    await rests(removing, 'wait-deployment-schedule suspended')
    expect(await servedOn(ref, 'production')).toBe(true)
    await resume(ref.enrollmentId, null)
    const isGone = () =>
      running.useCases.getEnrollment(running.caller, ref.enrollmentId).then(
        () => false,
        () => true,
      )
    await expect.poll(isGone, { timeout: 40_000 }).toBe(true)
    expect(await running.useCases.pauses(running.caller)).toEqual([])
  })

  it('of the installation is for those who run it, and so is the list of edges', async () => {
    const stranger = { ...running.caller, accountId: accountId('A-STRANGER') }
    const everything = { of: 'installation', network: null, reason: '' } as const
    await expect(running.useCases.pauseDeployments(stranger, everything)).rejects.toMatchObject({
      code: 'forbidden',
    })
    await expect(running.useCases.edges(stranger)).rejects.toMatchObject({ code: 'forbidden' })
    expect(await running.useCases.pauseDeployments(running.caller, everything)).toHaveLength(1)
    await running.useCases.resumeDeployments(running.caller, everything)
  })

  it('a renewal that it keeps from production past the last safe moment is a conflict in the plan and told loudly; then it goes on at once', async () => {
    const ref = await create(dvSettings('four.pauses.example'))
    await rests(ref, 'complete completed')
    const { useCases, caller } = running
    await pause(ref.enrollmentId, 'production')
    const { lastSafe, conflicts } = await useCases.plan(caller, ref.enrollmentId)
    if (lastSafe === null) throw new Error('nothing is live')
    expect(conflicts).toEqual([])
    await useCases.advanceClock(caller, { to: plus(lastSafe, 2 * DAY) })
    const held = await useCases.plan(caller, ref.enrollmentId)
    expect(held.conflicts.map(({ code }) => code)).toContain('held-back')
    const told = async () =>
      (await useCases.notices(caller, 100))
        .filter(({ enrollmentId }) => enrollmentId === ref.enrollmentId)
        .map(({ occasion }) => occasion)
    await expect.poll(told, { timeout: 40_000 }).toContain('held-past-safe')
    expect((await told()).filter((occasion) => occasion === 'held')).toHaveLength(1)
    const before = await useCases.getDeployments(caller, ref.enrollmentId)
    await resume(ref.enrollmentId, 'production')
    const serial = async () =>
      (await useCases.getDeployments(caller, ref.enrollmentId)).production?.primary?.serialNumber
    await expect.poll(serial, { timeout: 40_000 }).not.toBe(before.production?.primary?.serialNumber)
  })

  it('every edge tells what it is, that it serves the wish, and when it was last proven', async () => {
    const { useCases, caller } = running
    const ref = await create(dvSettings('five.pauses.example'))
    await rests(ref, 'complete completed')
    const states = async () => (await useCases.edges(caller)).map(({ network, state }) => [network, state])
    // What it serves it says with its next heartbeat.
    await expect.poll(states, { timeout: 40_000 }).toEqual([
      ['production', 'serving'],
      ['staging', 'serving'],
    ])
    const [production] = await useCases.edges(caller)
    expect(production?.status).toMatchObject({ kind: 'builtin', names: production?.wishedNames })
    expect(production?.lastProbe?.changeId).toBe(ref.changeId)
  })
})
