import { connect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ChangeReference, UpdateEnrollment } from '../../src/app/use-cases.ts'
import type { EnrollmentSettings } from '../../src/domain/enrollment/enrollment.ts'
import { contractId } from '../../src/domain/identifiers.ts'
import type { Network } from '../../src/domain/network.ts'
import { MINUTE, plus } from '../../src/domain/time.ts'
import { addressOf, type InProcess, startInProcess } from '../support/in-process.ts'
import { dvSettings } from '../support/settings.ts'

const NO_SCHEDULE = { notBefore: null, notAfter: null }
const HOUR = 3_600_000

const named = (sans: readonly string[]) => (settings: EnrollmentSettings) => ({
  ...settings,
  csr: { ...settings.csr, sans },
})
const without = (version: 'TLSv1_2' | 'TLSv1_3') => (settings: EnrollmentSettings) => ({
  ...settings,
  networkConfiguration: { ...settings.networkConfiguration, disallowedTlsVersions: [version] },
})

/** CPS API: PUT enrollments, `allow-staging-bypass`: network settings go to production at once, and the change that is open is updated with the same. */
describe('network settings past staging while another change is open', () => {
  let running: InProcess
  beforeAll(async () => {
    running = await startInProcess()
  })
  afterAll(() => running.close())

  const update = (
    { enrollmentId }: Pick<ChangeReference, 'enrollmentId'>,
    settings: UpdateEnrollment['settings'],
    more: Partial<UpdateEnrollment> = {},
  ) =>
    running.useCases.updateEnrollment(running.caller, enrollmentId, {
      settings,
      schedule: NO_SCHEDULE,
      allowCancelPendingChanges: false,
      allowStagingBypass: true,
      forceRenewal: false,
      renewalDateCheckOverride: false,
      allowMissingCertificateAddition: false,
      ...more,
    })
  const statusOf = async (ref: ChangeReference) => {
    const { status, state } = await running.useCases.getChange(running.caller, ref)
    return `${status} ${state}`
  }
  const finish = async (ref: ChangeReference) => {
    await running.useCases.acknowledgeChallenges(running.caller, ref, 'acknowledge')
    await expect.poll(() => statusOf(ref), { timeout: 20_000 }).toMatch(/complete|wait-ack/)
  }
  const begin = (settings: EnrollmentSettings) =>
    running.useCases.createEnrollment(running.caller, {
      contractId: contractId('1-SANDBOX'),
      settings,
      schedule: NO_SCHEDULE,
      allowDuplicateCn: false,
    })

  /** Live, and with a change open that waits for a name to be validated. */
  async function liveAndOpen(cn: string, overrides: Partial<EnrollmentSettings> = {}) {
    const first = await begin({ ...dvSettings(cn), ...overrides })
    await finish(first)
    if ((await statusOf(first)).startsWith('wait-ack')) {
      await running.useCases.acknowledgeChangeManagement(running.caller, first, 'acknowledge', null)
      await expect.poll(() => statusOf(first), { timeout: 20_000 }).toBe('complete completed')
    }
    const changeId = await update(first, named([`api.${cn}`]), { allowStagingBypass: false })
    if (changeId === null) throw new Error('another name starts a change')
    return { enrollmentId: first.enrollmentId, changeId }
  }

  /** Protocol and certificate as a client sees them. */
  const seen = (network: Network, servername: string) =>
    new Promise<{ protocol: string | null; serial: string }>((resolve, reject) => {
      const socket = connect(
        { ...addressOf(running, network), servername, rejectUnauthorized: false },
        () => {
          resolve({ protocol: socket.getProtocol(), serial: socket.getPeerCertificate().serialNumber })
          socket.destroy()
        },
      )
      socket.on('error', reject)
    })

  it('are served in production when the update is answered; the change stays where it is and brings them to both networks', async () => {
    const cn = 'www.past.example'
    const open = await liveAndOpen(cn)
    const before = await seen('production', cn)
    expect(before.protocol).toBe('TLSv1.3')

    await expect(update(open, without('TLSv1_3'), { allowStagingBypass: false })).rejects.toMatchObject({
      code: 'cannot-cancel-pending-change',
    })
    expect(await update(open, without('TLSv1_3'))).toBe(open.changeId)
    expect(await seen('production', cn)).toEqual({ ...before, protocol: 'TLSv1.2' })
    expect((await seen('staging', cn)).protocol).toBe('TLSv1.3')
    expect(await statusOf(open)).toBe('coordinate-domain-validation awaiting-input')
    // The same once more, after an answer that did not arrive, changes nothing.
    expect(await update(open, without('TLSv1_3'))).toBe(open.changeId)

    await finish(open)
    const after = await seen('production', `api.${cn}`)
    expect(after.protocol).toBe('TLSv1.2')
    expect(after.serial).not.toBe(before.serial)
    expect(await seen('staging', cn)).toEqual(after)
  })

  it('stay when the change is cancelled, without what else it would have brought', async () => {
    const cn = 'www.stays.example'
    const open = await liveAndOpen(cn)
    await update(open, without('TLSv1_3'))
    await running.useCases.cancelChange(running.caller, open)
    const { settings, pendingChanges } = await running.useCases.getEnrollment(
      running.caller,
      open.enrollmentId,
    )
    expect(pendingChanges).toEqual([])
    expect(settings.csr.sans).toEqual([])
    expect(settings.networkConfiguration.disallowedTlsVersions).toEqual(['TLSv1_3'])
    expect((await seen('production', cn)).protocol).toBe('TLSv1.2')
  })

  it('of a first change are its own alone, since nothing is live', async () => {
    const cn = 'www.first.past.example'
    const open = await begin(dvSettings(cn))
    expect(await update(open, without('TLSv1_3'))).toBe(open.changeId)
    await finish(open)
    expect((await seen('production', cn)).protocol).toBe('TLSv1.2')
  })

  it.each([
    ['another name', named(['other.refused.example']), {}],
    [
      'a contact',
      (settings: EnrollmentSettings) => ({ ...settings, org: { ...settings.org, phone: '2' } }),
      {},
    ],
    [
      'change management turned off',
      (settings: EnrollmentSettings) => ({ ...settings, changeManagement: !settings.changeManagement }),
      {},
    ],
    ['a renewal', without('TLSv1_3'), { forceRenewal: true }],
    ['a date', without('TLSv1_3'), { schedule: { notBefore: plus(0 as never, HOUR), notAfter: null } }],
  ] as const)('are refused together with %s', async (_what, settings, more) => {
    const cn = `www.refused-${String(_what).replaceAll(' ', '-')}.example`
    const open = await begin(dvSettings(cn))
    await expect(update(open, settings, more)).rejects.toMatchObject({ code: 'cannot-cancel-pending-change' })
  })

  it('are refused once the change is on staging: others would not be what is looked at there', async () => {
    const cn = 'www.staged.past.example'
    const open = await liveAndOpen(cn, { changeManagement: true })
    await finish(open)
    expect(await statusOf(open)).toMatch(/^wait-ack-change-management/)
    await expect(update(open, without('TLSv1_3'))).rejects.toMatchObject({
      code: 'cannot-cancel-pending-change',
    })
  })

  it('are tried again until production has them, what is live is served meanwhile, and nothing is cancelled under them', async () => {
    const cn = 'www.unreachable.past.example'
    const open = await liveAndOpen(cn)
    const before = await seen('production', cn)
    const { database, useCases, caller } = running
    await database.pool.query(
      `insert into edge_listeners (id, network, addresses, real_seen_at) values ('unreachable', 'production', '{127.0.0.1:1}', $1)`,
      [Date.now() + HOUR],
    )
    expect(await update(open, without('TLSv1_3'))).toBe(open.changeId)
    const explained = async () => (await useCases.explain(caller, open)).waitsFor
    await expect.poll(explained, { timeout: 20_000 }).toMatch(/production/)
    await expect.poll(() => seen('production', cn), { timeout: 20_000 }).toEqual(before)
    await expect(useCases.cancelChange(caller, open)).rejects.toMatchObject({ code: 'cannot-cancel' })

    await database.pool.query(`delete from edge_listeners where id = 'unreachable'`)
    const due = async () => (await running.services.deps.store.read.changes.load(open.changeId))?.nextAt
    const now = running.services.deps.clocks.lifecycle.now()
    await expect.poll(async () => ((await due()) ?? now) > now, { timeout: 20_000 }).toBe(true)
    await useCases.advanceClock(caller, { by: MINUTE })
    await expect
      .poll(() => seen('production', cn), { timeout: 20_000 })
      .toEqual({
        ...before,
        protocol: 'TLSv1.2',
      })
    await useCases.cancelChange(caller, open)
    expect(await statusOf(open)).toMatch(/cancelled$/)
  })
})
