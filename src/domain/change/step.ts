import { REFUSALS } from './cancellation.ts'
import type { ChangeEffect } from './effects.ts'
import { CHANGE_EVENTS, type ChangeEvent } from './events.ts'
import { type ChangeFacts, GUARDS } from './facts.ts'
import type { Origin, Transition } from './transition.ts'
import { TRANSITIONS } from './transitions.ts'
import { type ChangeState, type ChangeStateName, type ChangeStatus, isOpen } from './vocabulary.ts'

/** Before anything has happened; `started` takes the change up, also a removal. */
export const INITIAL_STATE: ChangeState = { status: 'pre-verification-safety-checks', state: 'new' }

export type Step =
  | {
      readonly ok: true
      readonly status: ChangeStatus
      readonly state: ChangeStateName
      /** Replace the pending effects of the change, in this order. */
      readonly effects: readonly ChangeEffect[]
    }
  | {
      readonly ok: false
      /** `not-pending`: the change has ended. `cannot-cancel`: it is past the point. `illegal-transition`: the wrong moment. */
      readonly code: 'illegal-transition' | 'cannot-cancel' | 'not-pending'
      readonly from: ChangeState
      readonly on: ChangeEvent
      /** Safe for the caller. */
      readonly reason: string
    }

/** Pure: no clock, no store. The caller saves status, state and effects in one transaction. */
export function step(current: ChangeState, event: ChangeEvent, facts: ChangeFacts): Step {
  const row = rowOf(current, event, facts)
  if (row === undefined) return refuse(current, event)
  const status = row.to === 'same' ? current.status : row.to
  return { ok: true, status, state: row.state, effects: row.effects }
}

export function rowOf(current: ChangeState, event: ChangeEvent, facts: ChangeFacts): Transition | undefined {
  const table: readonly Transition[] = TRANSITIONS
  return table.find((row) => isAt(row, current, event) && row.when.every((guard) => GUARDS[guard](facts)))
}

/** The events that would move the change from where it stands. */
export const eventsAt = (current: ChangeState, facts: ChangeFacts): readonly ChangeEvent[] =>
  CHANGE_EVENTS.filter((event) => rowOf(current, event, facts) !== undefined)

const isAt = (origin: Origin, current: ChangeState, event: ChangeEvent): boolean =>
  origin.on === event && origin.from.includes(current.status) && origin.in.includes(current.state)

function refuse(current: ChangeState, event: ChangeEvent): Step {
  const refused = { ok: false, from: current, on: event } as const
  if (!isOpen(current)) return { ...refused, code: 'not-pending', reason: `The change is ${current.state}.` }
  const refusal = REFUSALS.find((row) => isAt(row, current, event))
  if (refusal !== undefined) return { ...refused, code: refusal.code, reason: refusal.reason }
  const reason = `A change in ${current.status} (${current.state}) cannot be ${event}.`
  return { ...refused, code: 'illegal-transition', reason }
}
