import { afterAll, beforeAll, expect, it } from 'vitest'
import { lookAtServed } from '../../src/app/watch/look-at-served.ts'
import { watchFigures } from '../../src/app/watch/figures.ts'
import { contractId, type EnrollmentId } from '../../src/domain/identifiers.ts'
import { DAY, HOUR, type Instant, MINUTE, plus } from '../../src/domain/time.ts'
import type { Clock } from '../../src/ports/clock.ts'
import { type InProcess, startInProcess } from '../support/in-process.ts'
import { makeTestAuthority } from '../support/self-signed.ts'
import { dvSettings } from '../support/settings.ts'

const NO_SCHEDULE = { notBefore: null, notAfter: null }
const never = new AbortController().signal

let running: InProcess
let watched: EnrollmentId
let later = 0
beforeAll(async () => {
  running = await startInProcess()
})
afterAll(() => running.close())

async function live(name: string): Promise<EnrollmentId> {
  const { useCases, caller } = running
  const ref = await useCases.createEnrollment(caller, {
    contractId: contractId('1-SANDBOX'),
    settings: dvSettings(name),
    schedule: NO_SCHEDULE,
    allowDuplicateCn: false,
  })
  await useCases.acknowledgeChallenges(caller, ref, 'acknowledge')
  for (let look = 0; look < 60; look += 1)
    if ((await useCases.waitForChange(caller, ref, 1, never)).state === 'completed') return ref.enrollmentId
  throw new Error('the change did not end')
}

/** Later by the real clock than it is. */
function deps() {
  const { jobDeps } = running.services
  const real: Clock = { now: () => plus(jobDeps.clocks.real.now(), later) }
  return { ...jobDeps, clocks: { ...jobDeps.clocks, real } }
}
const look = () => lookAtServed(deps(), never)
const figures = () => watchFigures(deps())

it('what each network serves is looked at soon after it was proven, then every quarter of an hour, by one process at a time', async () => {
  watched = await live('www.watched.example')
  expect(await figures()).toMatchObject({ neverLooked: 2, oldestLookSeconds: 0 })
  const both = await Promise.all([look(), look()])
  expect(both[0] + both[1]).toBe(2)
  expect(await look()).toBe(0)
  later += 14 * MINUTE
  expect(await look()).toBe(0)
  later += MINUTE
  const seen = await figures()
  expect(seen.neverLooked).toBe(0)
  expect(seen.oldestLookSeconds).toBeGreaterThanOrEqual(900)
  expect(seen.served).toMatchObject([
    { network: 'production', name: 'www.watched.example', problem: null },
    { network: 'staging', name: 'www.watched.example', problem: null },
  ])
  expect(await look()).toBe(2)
})

it('the share of its lifetime that is left follows the lifecycle clock', async () => {
  const [before] = (await figures()).served
  expect(before?.lifeLeft).toBeGreaterThan(0.99)
  const lifetime = (before?.notAfter ?? 0) - (before?.notBefore ?? 0)
  const { useCases, caller } = running
  const half = plus(before?.notBefore as Instant, lifetime / 2)
  await useCases.advanceClock(caller, { to: half })
  const seen = await figures()
  expect(seen.served[0]?.lifeLeft).toBeCloseTo(0.5, 3)
  expect(seen.clockOffsetSeconds).toBeGreaterThan((40 * DAY) / 1_000)
})

it('an edge that answers with another certificate is seen at the next look, and asked again a minute later', async () => {
  const edges = running.services.jobDeps.edges
  const authority = await makeTestAuthority()
  const stranger = await authority.issue(['www.watched.example'])
  const lying = {
    ...edges,
    edgesOf: async (of: 'staging' | 'production') =>
      (await edges.edgesOf(of)).map((edge) => ({
        ...edge,
        probe: async (name: string, signal: AbortSignal) => ({
          ...(await edge.probe(name, signal)),
          certificates: [stranger.der],
          serialNumber: stranger.serialNumber,
          fingerprint: stranger.fingerprint,
        }),
      })),
  }
  later += 15 * MINUTE
  await lookAtServed({ ...deps(), edges: lying }, never)
  const [seen] = (await figures()).served
  expect(seen?.problem).toContain(`with another certificate (serial ${stranger.serialNumber}, valid to `)
  later += 30_000
  expect(await look()).toBe(0)
  later += 30_000
  expect(await look()).toBe(2)
  expect((await figures()).served.map(({ problem }) => problem)).toEqual([null, null])
})

it('says when nobody serves a network at all, and keeps what was seen last', async () => {
  later += 15 * MINUTE
  const none = { ...running.services.jobDeps.edges, edgesOf: async () => [] }
  await lookAtServed({ ...deps(), edges: none }, never)
  const [seen] = (await figures()).served
  expect(seen).toMatchObject({ problem: 'No edge of the production network is known.' })
  expect(seen?.notAfter).toBeGreaterThan(0)
})

it('a renewal that did not begin at its planned moment is overdue, and by whom it is held is told apart', async () => {
  expect((await figures()).renewalOverdueSeconds).toEqual({ free: 0, held: 0 })
  const { lifecycle, real } = running.foundation.clocks
  const ahead = { lifecycle: { now: () => plus(lifecycle.now(), 30 * DAY) }, real }
  const { free, held } = (await watchFigures({ ...deps(), clocks: ahead })).renewalOverdueSeconds
  expect(free).toBeGreaterThan((13 * DAY) / 1_000)
  expect(held).toBe(0)
  const { useCases, caller } = running
  await useCases.updateEnrollment(caller, watched, {
    settings: () => dvSettings('www.watched.example', ['more.watched.example']),
    schedule: NO_SCHEDULE,
    allowCancelPendingChanges: false,
    allowStagingBypass: false,
    forceRenewal: false,
    renewalDateCheckOverride: false,
    allowMissingCertificateAddition: false,
  })
  const blocked = (await watchFigures({ ...deps(), clocks: ahead })).renewalOverdueSeconds
  expect(blocked).toEqual({ free: 0, held: expect.closeTo(free, -2) as number })
})

it('a change that no worker takes is behind its time', async () => {
  const { lifecycle, real } = running.foundation.clocks
  const ahead = { lifecycle: { now: () => plus(lifecycle.now(), 2 * HOUR) }, real }
  await running.services.jobDeps.store.transaction(async (tx) => {
    const [open] = await tx.changes.openOf([watched])
    if (open !== undefined) await tx.changes.save({ ...open, nextAt: plus(lifecycle.now(), HOUR) })
  })
  expect((await watchFigures({ ...deps(), clocks: ahead })).oldestDueSeconds).toBeCloseTo(3_600, -2)
  expect((await figures()).oldestDueSeconds).toBe(0)
})

it('a scrape shows all of it at once, the first one too', async () => {
  const text = await running.services.metrics.render()
  for (const line of [
    /^certrail_served_certificate_life_left_ratio\{network="production",enrollment="\d+",server_name="www.watched.example"\} 0\.[45]/m,
    /^certrail_served_disagreements\{network="production"\} 1$/m,
    /^certrail_renewals_overdue_seconds\{held="true"\} 0$/m,
    /^certrail_changes_open\{status="coordinate-domain-validation",state="awaiting-input"\} 1$/m,
    /^certrail_changes_oldest_seconds\{status="/m,
    /^certrail_notice_deliveries_failing\{channel="webhook"\} 0$/m,
    /^certrail_clock_offset_seconds \d+/m,
  ])
    expect(text).toMatch(line)
})
