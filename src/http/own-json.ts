import type { ChangeEventView, ChangeView, Explanation } from '../app/views.ts'
import { type Instant, toWireTime } from '../domain/time.ts'
import { encodeSchedule } from '../wire/deployment-schedule.ts'
import type { JsonObject, JsonValue } from '../wire/json.ts'

/** Views of our own API as JSON. Times are RFC 3339, statuses in their right spelling. */
export function explanationJson(explanation: Explanation): JsonObject {
  return {
    change: changeJson(explanation.change),
    step: explanation.step,
    since: toWireTime(explanation.since),
    waitsFor: explanation.waitsFor,
    moves: explanation.moves.map(({ who, how }) => ({ who, how })),
    until: timeOrNull(explanation.until),
    otherwise: explanation.otherwise,
    findings: explanation.findings.map(({ id, text }) => ({ id, text })),
    timeline: explanation.timeline.map(({ at, status, state, event }) => ({
      at: toWireTime(at),
      status,
      state,
      event,
    })),
    handshakes: explanation.handshakes.map((handshake) => ({ ...handshake, at: toWireTime(handshake.at) })),
    document: explanation.document as JsonValue,
  }
}

export const eventJson = (event: ChangeEventView): JsonObject => ({
  id: event.id,
  at: toWireTime(event.at),
  enrollmentId: event.enrollmentId,
  changeId: event.changeId,
  event: event.event,
  status: event.status,
  state: event.state,
})

/** Own API: a change, its status in the right spelling. */
export function changeJson(change: ChangeView): JsonObject {
  const { error } = change
  return {
    id: change.id,
    enrollmentId: change.enrollmentId,
    action: change.action,
    status: change.status,
    state: change.state,
    error:
      error === null ? null : { code: error.code, description: error.description, at: toWireTime(error.at) },
    schedule: encodeSchedule(change.schedule),
  }
}

const timeOrNull = (at: Instant | null): string | null => (at === null ? null : toWireTime(at))
