import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { freePort } from '../../scripts/lib/free-port.mjs'
import type { ChangeReference } from '../../src/app/use-cases.ts'
import { contractId, type EnrollmentId } from '../../src/domain/identifiers.ts'
import { DAY, HOUR, type Instant, MINUTE, plus } from '../../src/domain/time.ts'
import { type InProcess, startInProcess } from '../support/in-process.ts'
import { type NameServer, startNameServer } from '../support/name-server.ts'
import { dvSettings } from '../support/settings.ts'

const NAME = 'www.lost.example'
/** Our edges; and somebody who answers the same port at another address. */
const [OURS, STRANGERS] = ['127.0.0.1', '127.0.0.2']
const contract = contractId('1-SANDBOX')

let running: InProcess
let names: NameServer
let stranger: Server
let id: EnrollmentId

/** As in live mode: our edges hold every token, and names are proven by what stands there; and the clock can be turned. */
beforeAll(async () => {
  const http = await freePort()
  names = await startNameServer()
  names.lead(NAME, OURS)
  stranger = createServer((_, response) => response.writeHead(404).end()).listen(http, STRANGERS)
  await once(stranger, 'listening')
  running = await startInProcess({
    ports: { api: 0, staging: 0, production: 0, metrics: 0, dns: 0, http },
    resolver: { host: OURS, port: names.port },
    validationHttpPort: http,
    validation: {
      triggers: ['acknowledgement', 'sight'],
      publishes: 'at-once',
      dwellMs: 0,
      preflight: { default: 'advise', accounts: new Map() },
    },
  })
  const { useCases, caller } = running
  const ref = await useCases.createEnrollment(caller, {
    contractId: contract,
    settings: dvSettings(NAME),
    schedule: { notBefore: null, notAfter: null },
    allowDuplicateCn: false,
  })
  id = ref.enrollmentId
  await untilLive(ref)
}, 120_000)
afterAll(async () => {
  await running.close()
  stranger.close()
  names.close()
})

async function untilLive(ref: ChangeReference): Promise<void> {
  const { signal } = new AbortController()
  for (let look = 0; look < 60; look += 1)
    if ((await running.useCases.waitForChange(running.caller, ref, 1, signal)).state === 'completed') return
  throw new Error('the change did not come to production')
}

const leadTo = (address: string) => names.lead(NAME, address)
const advanceTo = (to: Instant) => running.useCases.advanceClock(running.caller, { to })
const advanceBy = (by: number) => running.useCases.advanceClock(running.caller, { by })
const now = () => running.services.deps.clocks.lifecycle.now()
const conflicts = async () => (await running.useCases.plan(running.caller, id)).conflicts
const beginOf = async (): Promise<Instant> => {
  const { steps } = await running.useCases.plan(running.caller, id)
  return steps.find(({ what }) => what === 'begin-renewal')?.at ?? (0 as Instant)
}
async function lookAt(): Promise<number> {
  const { rows } = await running.database.pool.query('select names_look_at from enrollments where id = $1', [
    id,
  ])
  return Number(rows[0]?.names_look_at)
}
const told = async () => {
  const { rows } = await running.database.pool.query<{ due_at: number; text: string }>(
    `select due_at, text from notices where occasion = 'validation-lost' order by id`,
  )
  return rows
}
const lostMetric = async () => /^certrail_names_lost.*$/m.exec(await running.services.metrics.render())?.[0]

let ahead: Instant

it('names are looked at when they are live, and then not before a tenth of the lifetime before the renewal', async () => {
  await advanceBy(MINUTE)
  expect(await running.services.deps.store.read.nameStandings.of(id)).toMatchObject([
    { name: NAME, stood: ['edges'], fault: null },
  ])
  ahead = plus(await beginOf(), -9 * DAY)
  // Of ninety days, less the second by which they are shorter.
  expect(Math.abs((await lookAt()) - ahead)).toBeLessThan(HOUR)
  ahead = (await lookAt()) as Instant
})

it('one that leads elsewhere by then is told once, an hour after it was first seen so, with what was seen and what to do', async () => {
  leadTo(STRANGERS)
  await advanceTo(plus(ahead, 2 * HOUR))
  const [first, ...more] = await told()
  expect([Number(first?.due_at), more.length]).toEqual([plus(ahead, HOUR), 0])
  const [conflict] = await conflicts()
  expect(conflict?.code).toBe('validation-lost')
  for (const text of [first?.text, conflict?.text]) {
    expect(text).toMatch(
      /www\.lost\.example led to our edges and does not any more: .* 127\.0\.0\.2 answered with status 404\./,
    )
    expect(text).toContain('place an alias (docs/validation.md)')
  }
  expect(await running.useCases.renewalConflicts(running.caller)).toMatchObject([
    { enrollmentId: id, code: 'validation-lost' },
  ])
  expect(await lostMetric()).toBe('certrail_names_lost{reason="led-elsewhere"} 1')
  await advanceBy(3 * DAY)
  expect((await told()).length).toBe(1)
})

it('it goes away at the next look after it was mended, and is told anew when it comes back', async () => {
  leadTo(OURS)
  await advanceBy(6 * HOUR)
  expect([await conflicts(), await lostMetric()]).toEqual([[], undefined])
  leadTo(STRANGERS)
  await advanceBy(DAY + HOUR)
  expect((await told()).length).toBe(2)
  expect((await conflicts()).length).toBe(1)
})

it('a renewal that goes through ends it, and looks begin anew', async () => {
  const begin = await beginOf()
  await advanceTo(begin)
  const { useCases, caller } = running
  const [open] = await running.services.deps.store.read.changes.openOf([id])
  if (open === undefined) throw new Error('no renewal has begun')
  const { lostNames } = await useCases.explain(caller, { enrollmentId: id, changeId: open.id })
  expect(lostNames).toMatchObject([{ domain: NAME, reason: 'led-elsewhere' }])
  leadTo(OURS)
  await useCases.acknowledgeChallenges(caller, { enrollmentId: id, changeId: open.id }, 'acknowledge')
  await untilLive({ enrollmentId: id, changeId: open.id })
  expect([await conflicts(), await lostMetric()]).toEqual([[], undefined])
  await advanceBy(MINUTE)
  expect(await lookAt()).toBeGreaterThan(plus(now(), 40 * DAY))
})
