import { connect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { ChangeReference, UpdateEnrollment } from '../../src/app/use-cases.ts'
import { STATUSES } from '../../src/domain/change/statuses.ts'
import { CHANGE_STATUSES } from '../../src/domain/change/vocabulary.ts'
import type { EnrollmentSettings } from '../../src/domain/enrollment/enrollment.ts'
import { contractId, type EnrollmentId } from '../../src/domain/identifiers.ts'
import type { Network } from '../../src/domain/network.ts'
import { DAY, MINUTE, plus } from '../../src/domain/time.ts'
import { type InProcess, startInProcess } from '../support/in-process.ts'
import { hasOpenssl, makeOutsideAuthority, type OutsideAuthority } from '../support/outside-authority.ts'
import { dvSettings } from '../support/settings.ts'
import { thirdPartySettings } from '../support/third-party-settings.ts'

const NO_SCHEDULE = { notBefore: null, notAfter: null }
const CN = { dv: 'www.dv-out.example', ov: 'www.ov-out.example', tp: 'www.tp-out.example' }
type Kind = keyof typeof CN

interface Way {
  readonly status: string
  readonly kind: Kind
  /** What begins the change that gets there. */
  readonly settings?: (settings: EnrollmentSettings) => EnrollmentSettings
  readonly update?: () => Partial<UpdateEnrollment>
  readonly brings?: (ref: ChangeReference) => Promise<unknown>
  readonly deny?: (ref: ChangeReference) => Promise<unknown>
}

describe.skipIf(!hasOpenssl)('ways out of a change (skipped when the program openssl is missing)', () => {
  let running: InProcess
  let authority: OutsideAuthority
  const live = {} as Record<Kind, EnrollmentId>

  beforeAll(async () => {
    ;[running, authority] = await Promise.all([
      startInProcess({ vettingMs: null, preVerification: 'review' }),
      makeOutsideAuthority(),
    ])
    const ov = {
      ...dvSettings(CN.ov),
      ra: 'symantec',
      validationType: 'ov',
      certificateType: 'san',
    } as const
    const dv = await begin(dvSettings(CN.dv, [`api.${CN.dv}`]))
    await use().acknowledgeChallenges(running.caller, dv, 'acknowledge')
    const vetted = await begin(ov)
    await decide(vetted, true)
    const outside = await begin({ ...thirdPartySettings(CN.tp), changeManagement: false })
    await upload(outside, authority.intermediatePem)
    for (const ref of [dv, vetted, outside]) await until(ref, 'complete')
    Object.assign(live, { dv: dv.enrollmentId, ov: vetted.enrollmentId, tp: outside.enrollmentId })
  }, 60_000)
  afterAll(async () => {
    await authority.close()
    await running.close()
  })

  const use = () => running.useCases
  const begin = (settings: EnrollmentSettings) =>
    use().createEnrollment(running.caller, {
      contractId: contractId('1-SANDBOX'),
      settings,
      schedule: NO_SCHEDULE,
      allowDuplicateCn: false,
    })
  const decide = async (ref: ChangeReference, approve: boolean) => {
    await until(ref, 'check-for-cert')
    const { vettings } = running.services.deps.store.read
    await vi.waitFor(async () => expect(await vettings.find(ref.changeId)).not.toBeNull(), {
      timeout: 20_000,
    })
    await use().decideVetting(
      running.caller,
      ref,
      approve ? { approve } : { approve, reason: 'Nobody knows it.' },
    )
  }
  async function upload(ref: ChangeReference, trustChain: string): Promise<void> {
    await until(ref, 'wait-upload-third-party')
    const [request] = await use().getSigningRequests(running.caller, ref)
    const certificate = await authority.sign(request?.pem ?? '')
    await use().uploadCertificates(running.caller, ref, [{ keyAlgorithm: 'RSA', certificate, trustChain }])
  }
  const changeOf = (ref: ChangeReference) => use().getChange(running.caller, ref)
  /** Also before the tests begin. */
  const until = (ref: ChangeReference, status: string) =>
    vi.waitFor(async () => expect((await changeOf(ref)).status).toBe(status), { timeout: 20_000 })
  async function update(
    enrollmentId: EnrollmentId,
    settings: UpdateEnrollment['settings'],
    more: Partial<UpdateEnrollment> = {},
  ): Promise<ChangeReference> {
    const changeId = await use().updateEnrollment(running.caller, enrollmentId, {
      settings,
      schedule: NO_SCHEDULE,
      allowCancelPendingChanges: false,
      allowStagingBypass: false,
      forceRenewal: false,
      renewalDateCheckOverride: true,
      allowMissingCertificateAddition: false,
      ...more,
    })
    if (changeId === null) throw new Error('no change was begun')
    return { enrollmentId, changeId }
  }
  const serial = (network: Network, servername: string) =>
    new Promise<string>((resolve, reject) => {
      const address = running.services.edgeSide?.networks.get(network)?.network.addresses[0]
      const socket = connect({ ...address, servername, rejectUnauthorized: false }, () => {
        resolve(socket.getPeerCertificate().serialNumber)
        socket.destroy()
      })
      socket.on('error', reject)
    })

  const withSans = (sans: readonly string[]) => (settings: EnrollmentSettings) => ({
    ...settings,
    csr: { ...settings.csr, sans },
  })
  const later = () => plus(running.services.deps.clocks.lifecycle.now(), 30 * DAY)
  const renewal = { forceRenewal: true }
  const denyWarnings = (kind: 'pre-verification' | 'post-verification') => (ref: ChangeReference) =>
    use().acknowledgeWarnings(running.caller, ref, kind, 'deny')

  /** Every wait of the lifecycle, and a step that has failed for good (spec: behaviour C10, C11). */
  const WAYS: readonly Way[] = [
    {
      status: 'wait-review-pre-verification-safety-checks',
      kind: 'dv',
      settings: withSans([]),
      deny: denyWarnings('pre-verification'),
    },
    {
      status: 'coordinate-domain-validation',
      kind: 'dv',
      settings: withSans([`api.${CN.dv}`, `more.${CN.dv}`]),
    },
    {
      status: 'wait-review-cert-warning',
      kind: 'dv',
      settings: (settings) => ({ ...settings, signatureAlgorithm: 'SHA-1' }),
      deny: denyWarnings('post-verification'),
    },
    {
      status: 'wait-ack-change-management',
      kind: 'dv',
      settings: (settings) => ({ ...settings, changeManagement: true }),
      update: () => renewal,
      deny: (ref) => use().acknowledgeChangeManagement(running.caller, ref, 'deny', null),
    },
    {
      status: 'wait-deployment-schedule',
      kind: 'dv',
      update: () => ({ ...renewal, schedule: { notBefore: later(), notAfter: null } }),
    },
    {
      status: 'check-for-cert',
      kind: 'ov',
      settings: (settings) => ({
        ...settings,
        org: { ...settings.org, name: 'Another' },
        csr: { ...settings.csr, o: 'Another' },
      }),
    },
    {
      status: 'check-for-cert-error',
      kind: 'ov',
      settings: (settings) => ({
        ...settings,
        org: { ...settings.org, name: 'Another' },
        csr: { ...settings.csr, o: 'Another' },
      }),
      brings: (ref) => decide(ref, false),
    },
    { status: 'wait-upload-third-party', kind: 'tp', update: () => renewal },
    {
      status: 'wait-review-third-party-cert',
      kind: 'tp',
      update: () => renewal,
      brings: (ref) => upload(ref, authority.rootPem),
      deny: denyWarnings('post-verification'),
    },
  ]
  const CASES = WAYS.flatMap((way) => [
    { ...way, word: 'cancelled', end: (ref: ChangeReference) => use().cancelChange(running.caller, ref) },
    ...(way.deny ? [{ ...way, word: 'denied', end: way.deny }] : []),
  ])

  it('are tried at every status in which a change rests', () => {
    const rests = CHANGE_STATUSES.filter(
      (status) => !['running', 'completed'].includes(STATUSES[status].usualState),
    )
    const tried = new Set(WAYS.map(({ status }) => status))
    expect(rests.filter((status) => !tried.has(status))).toEqual([])
  })

  it.each(CASES)('$word in $status, everything is as it was before', async (way) => {
    const { caller, services } = running
    const id = live[way.kind]
    const networks = async () =>
      Promise.all((['staging', 'production'] as const).map((network) => serial(network, CN[way.kind])))
    const [before, served] = [await use().getEnrollment(caller, id), await networks()]
    const ref = await update(id, way.settings ?? ((settings) => settings), way.update?.())
    await way.brings?.(ref)
    await until(ref, way.status)
    if (way.status === 'check-for-cert-error')
      expect((await changeOf(ref)).error?.description).toContain('Nobody knows it.')

    await way.end(ref)
    expect(await changeOf(ref)).toMatchObject({ status: way.status, state: 'cancelled' })
    const after = await use().getEnrollment(caller, id)
    expect([after.pendingChanges, after.settings]).toEqual([[], before.settings])
    expect((await use().changeHistory(caller, id))[0]).toMatchObject({ status: 'cancelled' })
    const made = () => services.deps.store.read.certificates.keyPairsOf(ref.changeId)
    await expect
      .poll(async () => (await made()).every(({ sealedPrivateKey }) => sealedPrivateKey === null), {
        timeout: 20_000,
      })
      .toBe(true)
    await expect.poll(networks, { timeout: 20_000 }).toEqual(served)
    await expect(use().cancelChange(caller, ref)).rejects.toMatchObject({ code: 'not-found' })
    await expect(way.end(ref)).rejects.toMatchObject({ code: 'not-found' })
  })

  it('a date that has passed is an error that says so; another schedule resumes, and until then it can be cancelled', async () => {
    const { caller, services } = running
    const now = services.deps.clocks.lifecycle.now()
    const schedule = { notBefore: plus(now, 2 * DAY), notAfter: plus(now, 3 * DAY) }
    const late = { ...renewal, schedule: { notBefore: null, notAfter: plus(now, DAY) } }
    const missed = await update(live.tp, (settings) => ({ ...settings, changeManagement: true }), late)
    await upload(missed, authority.intermediatePem)
    await until(missed, 'wait-ack-change-management')
    await use().advanceClock(caller, { by: DAY + MINUTE })
    const before = await serial('production', CN.tp)
    await use().acknowledgeChangeManagement(caller, missed, 'acknowledge', null)
    expect(await changeOf(missed)).toMatchObject({ status: 'wait-deployment-schedule', state: 'error' })
    const { waitsFor, moves } = await use().explain(caller, missed)
    expect(waitsFor).toMatch(/notAfter/)
    expect(moves.map(({ how }) => how).join('\n')).toMatch(/deployment-schedule[^]*certrail cancel/)
    expect(await serial('production', CN.tp)).toBe(before)

    await use().setDeploymentSchedule(caller, missed, schedule)
    expect(await changeOf(missed)).toMatchObject({ status: 'wait-deployment-schedule', state: 'suspended' })
    await use().advanceClock(caller, { to: plus(schedule.notBefore, MINUTE) })
    await until(missed, 'complete')
    expect(await serial('production', CN.tp)).not.toBe(before)
  })

  it('inside the renewal window another certificate needs an override, a renewal and settings do not', async () => {
    const { caller } = running
    const { autoRenewalStartTime } = await use().getEnrollment(caller, live.ov)
    if (autoRenewalStartTime === null) throw new Error('nothing is live')
    // The automatic renewal waits while this change is open.
    const open = await update(live.ov, (settings) => settings, {
      ...renewal,
      schedule: { notBefore: plus(autoRenewalStartTime, 2 * DAY), notAfter: null },
    })
    await until(open, 'wait-deployment-schedule')
    await use().advanceClock(caller, { to: plus(autoRenewalStartTime, DAY) })
    const more = withSans([`more.${CN.ov}`])
    const inside = { allowCancelPendingChanges: true, renewalDateCheckOverride: false }
    await expect(update(live.ov, more, inside)).rejects.toMatchObject({ code: 'renewal-window' })
    expect(await changeOf(open)).toMatchObject({ state: 'suspended' })
    const forced = await update(live.ov, (settings) => settings, { ...inside, ...renewal })
    await until(forced, 'complete')
  })
})
