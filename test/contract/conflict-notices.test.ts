import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { tellConflicts } from '../../src/app/notices/conflict-notices.ts'
import { createNoticeWork } from '../../src/composition/notices.ts'
import { contractId, type EnrollmentId } from '../../src/domain/identifiers.ts'
import type { Maintenance } from '../../src/domain/plan/maintenance.ts'
import { DAY, HOUR, type Instant, MINUTE, plus } from '../../src/domain/time.ts'
import { createLog } from '../../src/observe/log.ts'
import { createDatabase, createPool } from '../../src/store/database.ts'
import { createStore } from '../../src/store/store.ts'
import { type InProcess, startInProcess, VALIDATES_BY_TIME } from '../support/in-process.ts'
import { dvSettings } from '../support/settings.ts'
import { startSmtp, type TestSmtp } from '../support/smtp.ts'

const PEOPLE = 'people@conflict.example'

let smtp: TestSmtp
let running: InProcess
let ids: readonly EnrollmentId[]

beforeAll(async () => {
  smtp = await startSmtp()
  running = await startInProcess({
    validation: VALIDATES_BY_TIME,
    mail: { url: smtp.url, from: 'certrail@sandbox.example' },
    // Gathering and sending are done by the test alone.
    noticeDigestMs: HOUR,
  })
  ids = await Promise.all(['one', 'two'].map((name) => live(`${name}.conflict.example`)))
  await running.useCases.advanceClock(running.caller, { by: MINUTE })
})
afterAll(async () => {
  await running.close()
  await smtp.close()
})
beforeEach(async () => {
  await deliver()
  smtp.mails.length = 0
})

async function live(name: string): Promise<EnrollmentId> {
  const { useCases, caller } = running
  const settings = dvSettings(name)
  const contact = { ...settings.adminContact, email: PEOPLE }
  const ref = await useCases.createEnrollment(caller, {
    contractId: contractId('1-SANDBOX'),
    settings: { ...settings, adminContact: contact, techContact: contact },
    schedule: { notBefore: null, notAfter: null },
    allowDuplicateCn: false,
  })
  await useCases.acknowledgeChallenges(caller, ref, 'acknowledge')
  return ref.enrollmentId
}

const work = () => createNoticeWork(running.services.deps, running.settings, new AbortController().signal)

async function deliver(): Promise<void> {
  await work().form()
  while ((await work().send()) > 0);
}

/** Mail breaks its lines (RFC 3676, RFC 2047 and RFC 5322 section 2.2.3). */
const unfolded = (source: string): string =>
  source.replaceAll(/ =?\r\n\s*/g, ' ').replaceAll(/\r\n[ \t]+/g, ' ')

const now = () => running.services.deps.clocks.lifecycle.now()
const look = () => tellConflicts(running.services.deps)
const setMaintenance = (maintenance: Maintenance) =>
  running.useCases.setMaintenance(running.caller, maintenance)
const OPEN: Maintenance = { windows: [], freezes: [] }
const frozenUntil = (until: Instant): Maintenance => ({
  windows: [],
  freezes: [{ from: now(), until, reason: 'a merger' }],
})

/** The notices of conflicts that were written about the enrollment, with what became of them. */
async function written(id: EnrollmentId): Promise<readonly { text: string; dropped: boolean }[]> {
  const { rows } = await running.database.pool.query<{ text: string; dropped: boolean }>(
    `select text, dropped_at is not null as dropped from notices where enrollment_id = $1 and occasion = 'conflict' order by id`,
    [id],
  )
  return rows
}

const countOf = async (id: EnrollmentId) => (await written(id)).length
const lastSafeOf = async (id: EnrollmentId): Promise<Instant> => {
  const { lastSafe } = await running.useCases.plan(running.caller, id)
  if (lastSafe === null) throw new Error('nothing is live')
  return lastSafe
}
const first = (): EnrollmentId => ids[0] as EnrollmentId

it('a conflict is mailed as soon as it is known, in one digest, once by all processes and also after a restart', async () => {
  const conflicts = await setMaintenance(frozenUntil(plus(now(), 300 * DAY)))
  expect(conflicts.map(({ code }) => code)).toEqual(['no-window-in-time', 'no-window-in-time'])
  const log = createLog('silent')
  const pool = createPool({ connectionString: running.database.url, connections: 4, log })
  const store = createStore(createDatabase(pool), { origin: 'second' })
  const second = { ...running.services.deps, store }
  await Promise.all([look(), tellConflicts(second), look(), tellConflicts(second)])
  await look()
  await tellConflicts(second)
  await pool.end()
  for (const id of ids) expect(await written(id)).toMatchObject([{ dropped: false }])
  await deliver()
  const [mail, ...more] = smtp.mails.filter(({ to }) => to.includes(PEOPLE))
  expect(more).toEqual([])
  const text = unfolded(mail?.source ?? '')
  expect(text).toContain('something stands in the way of a renewal (and 1 more)')
  for (const id of ids) expect(text).toContain(`certrail plan ${id}`)
  expect(await look()).toBe(0)
})

it('what is resolved before it was mailed is not mailed, and what comes back is told again', async () => {
  await setMaintenance(OPEN)
  await look()
  await setMaintenance(frozenUntil(plus(now(), 300 * DAY)))
  await look()
  expect(await countOf(first())).toBe(2)
  await setMaintenance(OPEN)
  await look()
  expect((await written(first())).map(({ dropped }) => dropped)).toEqual([false, true])
  await deliver()
  expect(smtp.mails).toEqual([])
})

it('it is told on the day on which it becomes true, once more a day before it bites, and when it has come', async () => {
  const { useCases, caller } = running
  const [one] = ids
  if (one === undefined) throw new Error('nothing is live')
  const lastSafe = await lastSafeOf(one)
  // A person holds the renewal back until the last open moment has passed.
  const before = await countOf(one)
  await useCases.pauseDeployments(caller, { of: one, network: 'production', reason: 'audit' })
  await setMaintenance({
    windows: [],
    freezes: [{ from: plus(lastSafe, -5 * DAY), until: plus(lastSafe, 60 * DAY), reason: 'a merger' }],
  })
  await useCases.advanceClock(caller, { to: plus(lastSafe, -5 * DAY - HOUR) })
  expect(await countOf(one)).toBe(before)
  await useCases.advanceClock(caller, { to: plus(lastSafe, -5 * DAY + HOUR) })
  expect(await countOf(one)).toBe(before + 1)
  await useCases.advanceClock(caller, { to: plus(lastSafe, -DAY - HOUR) })
  expect(await countOf(one)).toBe(before + 1)
  await useCases.advanceClock(caller, { to: plus(lastSafe, -HOUR) })
  expect(await countOf(one)).toBe(before + 2)
  await useCases.advanceClock(caller, { to: plus(lastSafe, HOUR) })
  expect(await countOf(one)).toBe(before + 3)
})

it('a pin that is set within the last day is told of at once, and no longer once it is ended', async () => {
  const { useCases, caller } = running
  await setMaintenance(OPEN)
  const name = 'pinned.conflict.example'
  const ref = await useCases.createEnrollment(caller, {
    contractId: contractId('1-SANDBOX'),
    settings: { ...dvSettings(name), changeManagement: true },
    schedule: { notBefore: null, notAfter: null },
    allowDuplicateCn: false,
  })
  const { enrollmentId: id } = ref
  await useCases.advanceClock(caller, { by: MINUTE })
  await useCases.acknowledgeChangeManagement(caller, ref, 'acknowledge', null)
  await useCases.advanceClock(caller, { by: MINUTE })
  // The renewal waits for somebody to look at it, so that it does not stand before the pin.
  await useCases.advanceClock(caller, { to: plus(await lastSafeOf(id), -HOUR) })
  await look()
  expect(await written(id)).toEqual([])
  await useCases.pinGeneration(caller, id, { generation: null, reason: 'audit' })
  await look()
  expect(await written(id)).toMatchObject([
    { dropped: false, text: expect.stringMatching(/Production is pinned to generation 1 .*\(audit\)/) },
  ])
  await useCases.unpinGeneration(caller, id)
  await look()
  expect((await written(id)).map(({ dropped }) => dropped)).toEqual([true])
})
