import type { ChangeEvent } from './events.ts'
import { CHANGE_EVENTS } from './events.ts'
import type { ChangeFacts, DeploymentWindow } from './facts.ts'
import { INITIAL_STATE, rowOf } from './step.ts'
import type { Transition } from './transition.ts'
import type { ChangeState } from './vocabulary.ts'

/** The facts that do not change while a change lives. */
export type Flow = Omit<ChangeFacts, 'window'>

export interface WalkedMove {
  readonly from: ChangeState
  readonly on: ChangeEvent
  readonly window: DeploymentWindow
  readonly to: ChangeState
  readonly row: Transition
}

export const WINDOWS: readonly DeploymentWindow[] = ['ahead', 'open', 'passed']

/** Every move that a change of this flow can ever make, in the order of a breadth-first walk. For documents and tests. */
export function walk(flow: Flow): readonly WalkedMove[] {
  const moves: WalkedMove[] = []
  const places: ChangeState[] = [INITIAL_STATE]
  for (let place = places.shift(); place !== undefined; place = places.shift()) {
    for (const move of movesFrom(place, flow)) {
      const known = [INITIAL_STATE, ...moves.map(({ to }) => to)].some((seen) => isSame(seen, move.to))
      if (!known) places.push(move.to)
      moves.push(move)
    }
  }
  return moves
}

export const isSame = (one: ChangeState, other: ChangeState): boolean =>
  one.status === other.status && one.state === other.state

const movesFrom = (from: ChangeState, flow: Flow): readonly WalkedMove[] =>
  CHANGE_EVENTS.flatMap((on) => WINDOWS.flatMap((window) => moveBy(from, on, window, flow)))

function moveBy(
  from: ChangeState,
  on: ChangeEvent,
  window: DeploymentWindow,
  flow: Flow,
): readonly WalkedMove[] {
  const row = rowOf(from, on, { ...flow, window })
  if (row === undefined) return []
  const to = { status: row.to === 'same' ? from.status : row.to, state: row.state }
  return [{ from, on, window, to, row }]
}
