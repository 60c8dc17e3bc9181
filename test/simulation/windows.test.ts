import { describe, expect, it } from 'vitest'
import type { Change } from '../../src/domain/change/change.ts'
import { contractId, type EnrollmentId } from '../../src/domain/identifiers.ts'
import { DAY, HOUR, type Instant, instant, MINUTE, plus } from '../../src/domain/time.ts'
import { Problem } from '../../src/errors/problem.ts'
import type { Edge } from '../../src/ports/edge.ts'
import { dvSettings } from '../support/settings.ts'
import { altered, openChange } from '../support/simulation/memory/tables.ts'
import { lastSafeOf, liveOf } from '../support/simulation/live-papers.ts'
import { createWitness } from '../support/simulation/rules.ts'
import { createWorld, type World } from '../support/simulation/world.ts'

const NO_SCHEDULE = { notBefore: null, notAfter: null }

interface Lived {
  readonly world: World
  readonly id: EnrollmentId
  /** When its renewal begins by itself. */
  readonly begins: Instant
  readonly turnTo: (to: Instant) => Promise<void>
  /** While it is true, no edge of production can be reached. */
  readonly lost: { now: boolean }
}

async function live(changeManagement: boolean): Promise<Lived> {
  const lost = { now: false }
  const witness = createWitness((): World => world)
  const world: World = createWorld(
    {
      seed: 1,
      days: 0,
      isQuiet: true,
      instead: ({ edges }) => ({
        edges: { ...edges, edgesOf: async (network) => (await edges.edgesOf(network)).map(losable(lost)) },
      }),
    },
    witness,
  )
  const { useCases, caller, store } = world
  const { enrollmentId: id, changeId } = await useCases.createEnrollment(caller, {
    contractId: contractId('1-SANDBOX'),
    settings: { ...dvSettings('www.windows.example'), changeManagement },
    schedule: NO_SCHEDULE,
    allowDuplicateCn: false,
  })
  const turnTo = async (to: Instant) => {
    await useCases.advanceClock(caller, { to })
    if (witness.broken[0] !== undefined) throw witness.broken[0]
  }
  await turnTo(plus(world.now(), HOUR))
  if (changeManagement)
    await useCases.acknowledgeChangeManagement(caller, { enrollmentId: id, changeId }, 'acknowledge', null)
  await turnTo(plus(world.now(), HOUR))
  const { renewAt } = store.tables.enrollments.get(id) ?? {}
  if (!renewAt) throw new Error('no renewal is planned')
  return { world, id, begins: renewAt, turnTo, lost }
}

const losable =
  (lost: { readonly now: boolean }) =>
  (edge: Edge): Edge => ({
    ...edge,
    deploy(generation, signal) {
      if (lost.now && edge.network === 'production') throw new Problem('edge-unreachable')
      return edge.deploy(generation, signal)
    },
  })

const freezeOf = (from: Instant, until: Instant) => ({
  windows: [],
  freezes: [{ from, until, reason: 'sale' }],
})

function open({ world, id }: Lived): Change {
  const change = openChange(world.store.tables, id)
  if (change === undefined) throw new Error('no change is open')
  return change
}

/** When production got what the renewal brought. */
const deployedAt = ({ world, id }: Lived): Instant | undefined =>
  [...world.store.tables.events.values()].findLast(
    ({ enrollmentId, event }) => enrollmentId === id && event === 'production-deployed',
  )?.at

const waitsIn = async (lived: Lived) => {
  const { steps } = await lived.world.useCases.plan(lived.world.caller, lived.id)
  return [open(lived).status, steps[0]?.what, steps[0]?.at]
}

describe('what nobody asks for by hand reaches production in a window, also', () => {
  it('when it failed in one that has closed: it waits for the next, however soon the edges are back', async () => {
    const lived = await live(false)
    const { world, begins, turnTo, lost } = lived
    const opens = instant(Math.ceil(begins / DAY) * DAY + 3 * HOUR)
    const windows = [{ cron: '0 3 * * *', timeZone: 'UTC', durationMinutes: 120 }]
    await world.useCases.setMaintenance(world.caller, { windows, freezes: [] })
    lost.now = true
    await turnTo(plus(opens, 6 * HOUR))
    expect(await waitsIn(lived)).toEqual([
      'wait-deployment-schedule',
      'deploy-to-production',
      plus(opens, DAY),
    ])
    lost.now = false
    await turnTo(plus(opens, 2 * DAY))
    expect(deployedAt(lived)).toBe(plus(opens, DAY))
  })

  it('and holds it no longer than the window that the CA named for it', async () => {
    const lived = await live(false)
    const { world, id, begins, turnTo, lost } = lived
    const opens = instant(Math.ceil(begins / DAY) * DAY + 3 * HOUR)
    const windows = [{ cron: '0 3 * * *', timeZone: 'UTC', durationMinutes: 120 }]
    await world.useCases.setMaintenance(world.caller, { windows, freezes: [] })
    const window = { start: begins, end: plus(opens, 9 * HOUR), explanationUrl: null }
    altered(world.store.tables, id, { window })
    lost.now = true
    await turnTo(plus(opens, 3 * HOUR))
    lost.now = false
    await turnTo(plus(opens, 2 * DAY))
    expect(deployedAt(lived)).toBe(window.end)
  })

  it('when a freeze comes over the moment that it waits for', async () => {
    const lived = await live(false)
    const { world, begins, turnTo } = lived
    const { useCases, caller } = world
    const until = plus(begins, 2 * DAY)
    await turnTo(plus(begins, -MINUTE))
    lived.lost.now = true
    await turnTo(plus(begins, MINUTE))
    await useCases.setMaintenance(caller, freezeOf(plus(begins, -DAY), until))
    lived.lost.now = false
    await turnTo(plus(begins, HOUR))
    expect(await waitsIn(lived)).toEqual(['wait-deployment-schedule', 'deploy-to-production', until])
    await useCases.setMaintenance(caller, freezeOf(plus(begins, -DAY), plus(until, DAY)))
    await turnTo(plus(until, HOUR))
    expect(await waitsIn(lived)).toEqual([
      'wait-deployment-schedule',
      'deploy-to-production',
      plus(until, DAY),
    ])
    await turnTo(plus(until, 2 * DAY))
    expect(deployedAt(lived)).toBe(plus(until, DAY))
  })

  it('when the freeze that it waits for is ended sooner: it goes at once', async () => {
    const lived = await live(false)
    const { world, begins, turnTo } = lived
    const { useCases, caller } = world
    await turnTo(plus(begins, -MINUTE))
    lived.lost.now = true
    await turnTo(plus(begins, MINUTE))
    lived.lost.now = false
    await useCases.setMaintenance(caller, freezeOf(plus(begins, -DAY), plus(begins, 9 * DAY)))
    await turnTo(plus(begins, DAY))
    expect(open(lived).status).toBe('wait-deployment-schedule')
    await useCases.setMaintenance(caller, { windows: [], freezes: [] })
    const ended = world.now()
    await turnTo(plus(ended, HOUR))
    expect(deployedAt(lived)).toBe(ended)
  })

  it.each([
    ['ends before the last safe moment', 2 * DAY],
    ['outlasts it, and is passed over then', 30 * DAY],
  ])('when nobody acknowledged it, and a freeze was put over its deadline that %s', async (_, lasts) => {
    const lived = await live(true)
    const { world, id, begins, turnTo } = lived
    const paper = liveOf(world, id)
    if (paper === null) throw new Error('nothing is live')
    const lastSafe = lastSafeOf(paper)
    const windows = [{ cron: '0 3 * * *', timeZone: 'UTC', durationMinutes: 120 }]
    await world.useCases.setMaintenance(world.caller, { windows, freezes: [] })
    await turnTo(plus(begins, DAY))
    const { deadline } = open(lived).progress
    if (deadline === undefined) throw new Error('it has no deadline')
    expect(deadline).toBeLessThanOrEqual(lastSafe)
    await world.useCases.setMaintenance(world.caller, freezeOf(plus(deadline, -DAY), plus(deadline, lasts)))
    await turnTo(plus(deadline, HOUR))
    const goes = Math.min(plus(deadline, lasts), lastSafe)
    expect(await waitsIn(lived)).toEqual(['wait-deployment-schedule', 'deploy-to-production', goes])
    await turnTo(plus(instant(goes), HOUR))
    expect(deployedAt(lived)).toBe(goes)
  })

  it('but what somebody acknowledges in a freeze goes when it is said', async () => {
    const lived = await live(true)
    const { world, id, begins, turnTo } = lived
    await world.useCases.setMaintenance(world.caller, freezeOf(begins, plus(begins, 9 * DAY)))
    await turnTo(plus(begins, DAY))
    const ref = { enrollmentId: id, changeId: open(lived).id }
    await world.useCases.acknowledgeChangeManagement(world.caller, ref, 'acknowledge', null)
    const said = world.now()
    await turnTo(plus(said, HOUR))
    expect(deployedAt(lived)).toBe(said)
  })
})
