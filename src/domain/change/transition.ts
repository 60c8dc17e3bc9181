import type { ChangeEffect } from './effects.ts'
import { CHANGE_EVENTS, type ChangeEvent } from './events.ts'
import type { GuardName } from './facts.ts'
import { STATUSES } from './statuses.ts'
import type { ChangeStateName, ChangeStatus } from './vocabulary.ts'

/** Where an event finds the change. */
export interface Origin {
  readonly from: readonly ChangeStatus[]
  readonly in: readonly ChangeStateName[]
  readonly on: ChangeEvent
}

export interface Destination {
  /** All must hold. */
  readonly when: readonly GuardName[]
  /** `same`: the status stays, only state and effects change. */
  readonly to: ChangeStatus | 'same'
  readonly state: ChangeStateName
  /** They replace the pending effects of the change. */
  readonly effects: readonly ChangeEffect[]
}

/** One row of the lifecycle. */
export interface Transition extends Origin, Destination {}

/** A row that refuses: the event is understood here, and not allowed for this reason. */
export interface Refusal extends Origin {
  readonly code: 'cannot-cancel'
  readonly reason: string
}

/** The rows of one place: what each event leads to. */
export function at(
  from: readonly ChangeStatus[],
  states: readonly ChangeStateName[],
  events: Readonly<Partial<Record<ChangeEvent, readonly Destination[]>>>,
): Transition[] {
  return CHANGE_EVENTS.flatMap((on) => (events[on] ?? []).map((to) => ({ from, in: states, on, ...to })))
}

export const provided = (when: readonly GuardName[], destinations: readonly Destination[]): Destination[] =>
  destinations.map((destination) => ({ ...destination, when: [...when, ...destination.when] }))

/** Into a status that works; what is performed there stands in the table of statuses. */
export function working(when: readonly GuardName[], to: ChangeStatus): Destination {
  const { effect } = STATUSES[to]
  return { when, to, state: 'running', effects: effect === null ? [] : [effect] }
}

export function awaiting(
  when: readonly GuardName[],
  to: ChangeStatus,
  effects: readonly ChangeEffect[] = [],
): Destination {
  return { when, to, state: 'awaiting-input', effects }
}
