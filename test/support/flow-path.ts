import { type ChangeEffect, EFFECTS } from '../../src/domain/change/effects.ts'
import type { ChangeEvent } from '../../src/domain/change/events.ts'
import { eventsAt, INITIAL_STATE, step } from '../../src/domain/change/step.ts'
import { type ChangeState, type ChangeStatus, isOpen } from '../../src/domain/change/vocabulary.ts'
import type { Flow as FlowFacts } from '../../src/domain/change/walk.ts'

export interface PathStep {
  readonly status: ChangeStatus
  readonly effect: ChangeEffect
  /** Performed after the change was cancelled. */
  readonly cleansUp: boolean
}

export interface PathOptions {
  /** The CA still knows every name: nothing has to be validated again. */
  readonly namesStand?: boolean
  /** Cancelled as soon as it rests in this status. */
  readonly cancelledAt?: ChangeStatus
  /** Where, as soon as it rests there, network settings are sent past staging (CPS API: PUT enrollments, `allow-staging-bypass`). */
  readonly rewrittenAt?: ChangeStatus
  /** The effect that fails, once the path comes to it. */
  readonly fails?: ChangeEffect
  /** Null: nothing is live when the change begins, and a person who cancels it takes its enrollment along (spec: behaviour C10). */
  readonly live?: unknown
}

/** The one that leads on comes first: where an acknowledgement is waited for, another upload would only lead back. */
const PERSON: readonly ChangeEvent[] = ['acknowledged', 'uploaded', 'validation-requested']

/** Longer than any path: one that goes in circles is told instead of hanging whoever asks for it. */
const MOST_STEPS = 100

/** Every effect that a change of this flow performs, in order, when all goes well: read off the transition table, so that a new step is on it by itself. */
export function pathOf(facts: FlowFacts, options: PathOptions = {}): readonly PathStep[] {
  const path: PathStep[] = []
  let current: ChangeState = INITIAL_STATE
  let pending: readonly ChangeEffect[] = []
  const happen = (event: ChangeEvent): void => {
    const next = step(current, event, { ...facts, window: 'open' })
    if (!next.ok) throw new Error(`${event} in ${current.status}: ${next.reason}`)
    current = { status: next.status, state: next.state }
    pending =
      event === 'cancelled' && options.live === null ? [...next.effects, 'remove-enrollment'] : next.effects
  }
  happen('started')
  let isRewritten = false
  while (isOpen(current) || pending.length > 0) {
    const [effect] = pending
    if (effect === undefined) {
      if (current.status === options.rewrittenAt && !isRewritten) {
        isRewritten = true
        pending = ['push-settings']
        continue
      }
      happen(personalEvent(current, facts, options))
      continue
    }
    path.push({ status: current.status, effect, cleansUp: current.state === 'cancelled' })
    if (path.length > MOST_STEPS) throw new Error(`the path goes in circles at ${current.status}`)
    const outcome = outcomeOf(effect, options)
    if (outcome === undefined) pending = pending.slice(1)
    else happen(outcome)
  }
  return path
}

/** The first outcome of an effect is the one that leads on; a clean-up has none. */
function outcomeOf(effect: ChangeEffect, { namesStand, fails }: PathOptions): ChangeEvent | undefined {
  if (effect === fails) return 'step-failed'
  if (effect === 'place-order' && namesStand === true) return 'names-validated'
  return EFFECTS[effect].yields[0]
}

function personalEvent(current: ChangeState, facts: FlowFacts, { cancelledAt }: PathOptions): ChangeEvent {
  if (current.status === cancelledAt) return 'cancelled'
  const possible = eventsAt(current, { ...facts, window: 'open' })
  const event = PERSON.find((candidate) => possible.includes(candidate))
  if (event === undefined) throw new Error(`nobody can move ${current.status} (${current.state})`)
  return event
}
