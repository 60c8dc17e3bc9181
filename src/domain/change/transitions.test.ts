import { describe, expect, it } from 'vitest'
import { allowedInputOf } from './allowed-input.ts'
import { CHANGE_EFFECTS, outcomesOf } from './effects.ts'
import { CHANGE_EVENTS, type ChangeEvent } from './events.ts'
import { GUARDS } from './facts.ts'
import { STATUSES } from './statuses.ts'
import { INITIAL_STATE, step } from './step.ts'
import type { Transition } from './transition.ts'
import { TRANSITIONS } from './transitions.ts'
import { CHANGE_ACTIONS, CHANGE_STATES, CHANGE_STATUSES, type ChangeState, isOpen } from './vocabulary.ts'
import { type Flow, isSame, WINDOWS, type WalkedMove, walk } from './walk.ts'

const EITHER = [false, true]
const VALIDATION_TYPES = ['dv', 'ov', 'ev', 'third-party'] as const
const FLOWS: readonly Flow[] = CHANGE_ACTIONS.flatMap((action) =>
  VALIDATION_TYPES.flatMap((validationType) =>
    EITHER.flatMap((changeManagement) =>
      EITHER.map((stagingBypass) => ({ action, validationType, changeManagement, stagingBypass })),
    ),
  ),
)
const WALKS = FLOWS.map((flow) => ({ flow, moves: walk(flow) }))
const ALL_MOVES = WALKS.flatMap(({ moves }) => moves)
const ROWS: readonly Transition[] = TRANSITIONS

const placesOf = (moves: readonly WalkedMove[]): readonly ChangeState[] => {
  const places = new Map(
    [INITIAL_STATE, ...moves.map(({ to }) => to)].map((to) => [`${to.status} ${to.state}`, to]),
  )
  return [...places.values()]
}

/** Where a change can get to from `start` along the moves, `start` included. */
function closure(start: ChangeState, moves: readonly WalkedMove[]): readonly ChangeState[] {
  const reached = [start]
  for (const place of reached) {
    for (const { from, to } of moves) {
      if (isSame(from, place) && !reached.some((seen) => isSame(seen, to))) reached.push(to)
    }
  }
  return reached
}

const outcomeEffects = (row: Transition) => row.effects.filter((effect) => outcomesOf(effect).length > 0)

describe('the table', () => {
  it('reaches every status', () => {
    const met = new Set(ALL_MOVES.map(({ to }) => to.status))
    expect(CHANGE_STATUSES.filter((status) => !met.has(status))).toEqual([])
  })

  it('uses every row, from every status that the row names', () => {
    const used = new Map<Transition, Set<string>>()
    for (const { row, from } of ALL_MOVES) used.set(row, (used.get(row) ?? new Set()).add(from.status))
    const unused = ROWS.flatMap((row) =>
      row.from.filter((status) => !used.get(row)?.has(status)).map((status) => [status, row.on]),
    )
    expect(unused).toEqual([])
  })

  it('uses every event and performs every effect', () => {
    const events = new Set(ALL_MOVES.map(({ on }) => on))
    const effects = new Set(ALL_MOVES.flatMap(({ row }) => row.effects))
    expect(CHANGE_EVENTS.filter((event) => !events.has(event))).toEqual([])
    // Those are no row's: settings that pass the open change by, and whether an enrollment goes with its first change, are decided by who calls.
    expect(CHANGE_EFFECTS.filter((effect) => !effects.has(effect))).toEqual([
      'push-settings',
      'serve-pinned',
      'remove-enrollment',
    ])
  })

  it('has at most one row for any state, event and facts', () => {
    const doubles = CHANGE_STATUSES.flatMap((status) =>
      CHANGE_STATES.flatMap((state) => CHANGE_EVENTS.flatMap((on) => doublesAt({ status, state }, on))),
    )
    expect(doubles).toEqual([])
  })

  function doublesAt({ status, state }: ChangeState, on: ChangeEvent): string[] {
    const candidates = ROWS.filter(
      (row) => row.on === on && row.from.includes(status) && row.in.includes(state),
    )
    const clash = FLOWS.some((flow) =>
      WINDOWS.some((window) => {
        const facts = { ...flow, window }
        return candidates.filter((row) => row.when.every((guard) => GUARDS[guard](facts))).length > 1
      }),
    )
    return clash ? [`${status} ${state} ${on}`] : []
  }
})

describe.each(WALKS)('a change with $flow', ({ flow, moves }) => {
  const places = placesOf(moves)

  it('can complete from every open place without being cancelled', () => {
    const onwards = moves.filter(({ to }) => to.state !== 'cancelled')
    const stuck = places.filter(
      (place) => isOpen(place) && !closure(place, onwards).some(({ state }) => state === 'completed'),
    )
    expect(stuck).toEqual([])
  })

  it('lets itself be cancelled in every open place, or refuses with a reason', () => {
    for (const place of places.filter(isOpen)) {
      for (const window of WINDOWS) {
        const cancelled = step(place, 'cancelled', { ...flow, window })
        if (cancelled.ok) expect(cancelled).toMatchObject({ status: place.status, state: 'cancelled' })
        else expect(cancelled).toMatchObject({ code: 'cannot-cancel', reason: expect.stringMatching(/\w/) })
      }
    }
  })

  it('leaves a terminal place by no event', () => {
    expect(moves.filter(({ from }) => !isOpen(from))).toEqual([])
  })

  it('performs in a running place exactly the one effect of its status', () => {
    for (const { to, row } of moves.filter((move) => move.to.state === 'running')) {
      expect(row.effects).toEqual([STATUSES[to.status].effect])
      expect(outcomesOf(row.effects[0] ?? 'destroy-keys')).not.toEqual([])
    }
  })

  it('performs outside of running no effect with an outcome, except the look at challenges', () => {
    const others = moves.filter(({ to, row }) => to.state !== 'running' && outcomeEffects(row).length > 0)
    for (const { on, row } of others)
      expect([on, ...row.effects]).toEqual(['validation-requested', 'check-validation'])
  })

  it('has an answer to every outcome of every effect, whatever the window is by then', () => {
    for (const { to, row } of moves) {
      for (const outcome of outcomeEffects(row).flatMap(outcomesOf)) {
        for (const window of WINDOWS) {
          expect(step(to, outcome, { ...flow, window }), `${to.status} ${outcome}`).toMatchObject({
            ok: true,
          })
        }
      }
    }
  })

  it('offers an input wherever it waits for one, and nowhere else (C3)', () => {
    for (const place of places) {
      expect(allowedInputOf(place).length, place.status).toBe(place.state === 'awaiting-input' ? 1 : 0)
    }
  })

  it('keeps `completed` for the status complete, and the reverse (C4.5)', () => {
    for (const { status, state } of places) expect(status === 'complete').toBe(state === 'completed')
  })

  it('leaves the waiting status with the acknowledgement or upload itself (C4.1)', () => {
    for (const { from, on, to } of moves.filter(
      (move) => move.on === 'acknowledged' || move.on === 'uploaded',
    )) {
      expect(from.state).toBe('awaiting-input')
      expect(`${on} ${to.status}`).not.toBe(`${on} ${from.status}`)
    }
  })

  // Whoever follows a change of their own finds it waiting; a renewal goes on before what is live expires.
  it('waits for a review without ever ending it by itself (C4.9), except where the last safe moment lets a renewal on', () => {
    const byItself: readonly ChangeEvent[] = [
      ...(flow.action === 'renewal' ? [] : (['deadline-passed'] as const)),
      'window-closed',
      'window-opened',
      'retried',
      'step-failed',
    ]
    const ended = moves.filter(
      ({ from, on }) => from.status.startsWith('wait-review-') && byItself.includes(on),
    )
    expect(ended).toEqual([])
  })
})

/** Whether production can be pushed to along a path on which none of `needed` happened. */
function reachesProductionWithout(
  moves: readonly WalkedMove[],
  needed: (move: WalkedMove) => boolean,
): boolean {
  const others = moves.filter((move) => !needed(move))
  return closure(INITIAL_STATE, others).some(({ status }) => status === 'deploy-cert-to-production')
}

const isRelease = ({ from, on }: WalkedMove): boolean =>
  from.status === 'wait-ack-change-management' && (on === 'acknowledged' || on === 'deadline-passed')
const isStaged = ({ on }: WalkedMove): boolean => on === 'staging-deployed'

describe('production', () => {
  const certain = WALKS.filter(({ flow }) => flow.action !== 'removal')

  it('is reached by every flow that is no removal', () => {
    expect(certain.filter(({ moves }) => !reachesProductionWithout(moves, () => false))).toEqual([])
  })

  it('is never reached with change management unless acknowledged there or past its deadline (C4.2)', () => {
    const managed = certain.filter(({ flow }) => flow.changeManagement && !flow.stagingBypass)
    expect(managed.filter(({ moves }) => reachesProductionWithout(moves, isRelease))).toEqual([])
    expect(managed.length).toBeGreaterThan(0)
  })

  it('is never reached without bypass unless staging served the change first', () => {
    const staged = certain.filter(({ flow }) => !flow.stagingBypass)
    expect(staged.filter(({ moves }) => reachesProductionWithout(moves, isStaged))).toEqual([])
    expect(staged.length).toBeGreaterThan(0)
  })

  it('is reached straight by a bypass, which wins over change management (C6.4)', () => {
    for (const { moves } of certain.filter(({ flow }) => flow.stagingBypass)) {
      expect(moves.filter((move) => isStaged(move) || isRelease(move))).toEqual([])
    }
  })

  it('is never begun outside of the deployment window (C8)', () => {
    const begun = ALL_MOVES.filter(
      ({ from, to }) =>
        from.status !== to.status && ['deploy-cert-to-production', 'deprovision-cert'].includes(to.status),
    )
    expect(new Set(begun.map(({ window }) => window))).toEqual(new Set(['open']))
  })

  it('gets certificates only after the keys were made and the CA or an upload brought one', () => {
    const brought: readonly ChangeEvent[] = [
      'certificate-issued',
      'certificate-issued-with-findings',
      'upload-verified',
      'upload-found',
    ]
    for (const { flow, moves } of certain.filter((each) => each.flow.action !== 'network-only')) {
      expect(
        reachesProductionWithout(moves, ({ on }) => on === 'keys-ready'),
        flow.action,
      ).toBe(false)
      expect(
        reachesProductionWithout(moves, ({ on }) => brought.includes(on)),
        flow.action,
      ).toBe(false)
    }
  })
})

describe('cleanups', () => {
  it('of a cancel restore networks before keys are destroyed', () => {
    for (const { effects } of ROWS.filter((row) => row.state === 'cancelled')) {
      const keys = effects.indexOf('destroy-keys')
      if (keys !== -1) expect(keys).toBe(effects.length - 1)
    }
  })

  it('of a denial are those of a cancel at the same place (C11)', () => {
    const denials = ALL_MOVES.filter(({ on }) => on === 'denied')
    for (const { from, row } of denials) {
      const cancel = ALL_MOVES.find(
        (move) =>
          move.on === 'cancelled' && isSame(move.from, from) && String(move.row.when) === String(row.when),
      )
      expect(cancel?.row.effects).toEqual(row.effects)
    }
    expect(new Set(denials.map(({ from }) => from.status)).size).toBe(4)
  })

  it('destroy the keys of every change that is cancelled after it made some, and give up its order', () => {
    for (const { flow, moves } of WALKS) {
      const withKeys = closure(
        { status: 'generate-csr', state: 'running' },
        moves.filter((move) => move.on !== 'cancelled' && move.on !== 'denied'),
      )
      if (!moves.some(({ on }) => on === 'keys-ready')) continue
      for (const { row, from } of moves.filter((move) => move.to.state === 'cancelled')) {
        if (!withKeys.some((place) => isSame(place, from))) continue
        expect(row.effects, `${flow.validationType} ${from.status}`).toContain('destroy-keys')
        if (flow.validationType !== 'third-party' && from.status !== 'generate-csr') {
          expect(row.effects, from.status).toContain('abandon-order')
        }
      }
    }
  })
})
