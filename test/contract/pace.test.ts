import { afterAll, beforeAll, expect, it } from 'vitest'
import { advanceClock } from '../../src/app/advance-clock.ts'
import type { ChangeReference } from '../../src/app/use-cases.ts'
import { contractId } from '../../src/domain/identifiers.ts'
import { DAY, HOUR, type Instant, MINUTE, plus } from '../../src/domain/time.ts'
import { type InProcess, startInProcess } from '../support/in-process.ts'
import { dvSettings } from '../support/settings.ts'

/** Six minutes to the challenges, 40 from the acknowledgement to the end. */
const PACE = {
  'generate-csr': 5 * MINUTE,
  'coordinate-domain-validation': MINUTE,
  'check-for-cert': 10 * MINUTE,
  'deploy-cert-to-staging': 20 * MINUTE,
  'deploy-cert-to-production': 10 * MINUTE,
}

let running: InProcess
beforeAll(async () => {
  // The lifecycle clock stands but where the test turns it.
  running = await startInProcess({
    sandboxSeed: 1,
    validation: {
      triggers: ['acknowledgement'],
      publishes: 'on-trigger',
      dwellMs: 30_000,
      preflight: { default: 'advise', accounts: new Map() },
      pace: PACE,
    },
  })
})
afterAll(() => running.close())

const enroll = (name: string): Promise<ChangeReference> =>
  running.useCases.createEnrollment(running.caller, {
    contractId: contractId('1-SANDBOX'),
    settings: dvSettings(name),
    schedule: { notBefore: null, notAfter: null },
    allowDuplicateCn: false,
  })
const now = (): Instant => running.foundation.clocks.lifecycle.now()
const advance = (by: number) => running.useCases.advanceClock(running.caller, { by })
const standing = async (ref: ChangeReference): Promise<string> => {
  const { status, state } = await running.useCases.getChange(running.caller, ref)
  return `${status} ${state}`
}
const momentsOf = async (ref: ChangeReference) =>
  (await running.useCases.explain(running.caller, ref)).timeline

it('each step takes its time in lifecycle time, and validation waits for the acknowledgement, however long', async () => {
  const { useCases, caller } = running
  const begun = now()
  const ref = await enroll('www.paced.example')
  await expect.poll(() => standing(ref), { timeout: 20_000 }).toBe('generate-csr running')
  const explained = await useCases.explain(caller, ref)
  expect(explained.until).toBe(plus(begun, 5 * MINUTE))

  await advance(4 * MINUTE)
  expect(await standing(ref)).toBe('generate-csr running')
  await advance(2 * MINUTE)
  expect(await standing(ref)).toBe('coordinate-domain-validation awaiting-input')
  await advance(3 * DAY)
  expect(await standing(ref)).toBe('coordinate-domain-validation awaiting-input')

  await useCases.acknowledgeChallenges(caller, ref, 'acknowledge')
  await expect.poll(() => standing(ref), { timeout: 20_000 }).toBe('check-for-cert running')
  const acknowledged = now()
  await advance(39 * MINUTE)
  expect(await standing(ref)).toBe('deploy-cert-to-production running')
  await advance(MINUTE)
  expect(await standing(ref)).toBe('complete completed')

  const moments = new Map((await momentsOf(ref)).map(({ event, at }) => [event, at]))
  expect(moments.get('keys-ready')).toBe(plus(begun, 5 * MINUTE))
  expect(moments.get('challenges-ready')).toBe(plus(begun, 6 * MINUTE))
  expect(moments.get('certificate-issued')).toBe(plus(acknowledged, 10 * MINUTE))
  expect(moments.get('staging-deployed')).toBe(plus(acknowledged, 30 * MINUTE))
  expect(moments.get('production-deployed')).toBe(plus(acknowledged, 40 * MINUTE))
})

it('what becomes due at one moment is done there, in the order of the enrollments', async () => {
  const refs = []
  for (const name of ['one', 'two', 'three']) refs.push(await enroll(`${name}.order.example`))
  for (const ref of refs)
    await expect.poll(() => standing(ref), { timeout: 20_000 }).toBe('generate-csr running')
  const due = plus(now(), 5 * MINUTE)
  await advance(HOUR)
  const { rows } = await running.database.pool.query<{ change_id: number; at: number }>(
    "select change_id, at from change_events where event = 'keys-ready' and at = $1 order by id",
    [due],
  )
  expect(rows.map(({ change_id: id }) => Number(id))).toEqual(refs.map(({ changeId }) => Number(changeId)))
})

it('the clock stands where something is due, and nowhere else: years in which nothing changes are not looked through', async () => {
  const { services } = running
  const stands: Instant[] = []
  const clockControl = {
    ...services.deps.clockControl,
    standAt: (at: Instant) => {
      stands.push(at)
      return services.deps.clockControl.standAt(at)
    },
  }
  const [before, due] = [now(), await services.deps.store.read.due.earliest()]
  const target = due === null ? plus(before, 400 * DAY) : plus(due, -1)
  expect(target - before).toBeGreaterThan(DAY)
  await advanceClock({ ...services.deps, clockControl }, { to: target })
  expect(stands).toEqual([])
})
