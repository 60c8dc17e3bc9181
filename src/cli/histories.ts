import type { ConnectionOptions } from './session.ts'
import { withSession } from './session.ts'
import type { Calls } from './calls.ts'
import { type ChangeKey, changeKeyOf } from './change-key.ts'
import { failureOf } from './failure.ts'
import type { Surroundings } from './surroundings.ts'

/** Everything that an account's enrollments went through, as far as its API tells. */
interface Histories {
  readonly enrollments: readonly unknown[]
  readonly changes: readonly {
    readonly key: ChangeKey
    readonly change: unknown
    readonly explanation: unknown
  }[]
  readonly deployments: readonly { readonly enrollmentId: number; readonly deployments: unknown }[]
  /** Of the API's events, since the listening began. */
  readonly events: readonly unknown[]
}

export interface HistoryRecorder {
  /** Asks the API now. Never throws: what cannot be had stands in the result in words. */
  collect(): Promise<Histories | { readonly error: string; readonly events: readonly unknown[] }>
  /** Ends the listening. */
  close(): Promise<void>
}

/** Listens from now on, since ended changes are listed nowhere: their ids are known from the events. */
export function recordHistories(surroundings: Surroundings, options: ConnectionOptions): HistoryRecorder {
  const events: unknown[] = []
  const listening = new AbortController()
  const heard = withSession(surroundings, options, ({ api }) =>
    api.events('/certrail/v1/events', (data) => events.push(data), listening.signal),
  ).catch((error: unknown) => void events.push({ error: failureOf(error).title }))
  return {
    collect: async () => {
      try {
        return await withSession(surroundings, options, ({ calls }) => collect(calls, events))
      } catch (error) {
        const { title, detail } = failureOf(error)
        return { error: detail === null ? title : `${title}: ${detail}`, events }
      }
    },
    close: () => {
      listening.abort()
      return heard
    },
  }
}

async function collect(calls: Calls, events: readonly unknown[]): Promise<Histories> {
  const enrollments = await calls.enrollments()
  const pending = enrollments.flatMap(({ pendingChanges }) =>
    pendingChanges.map(({ location }) => changeKeyOf(location)),
  )
  const keys = new Map(
    [...events.flatMap(keyIn), ...pending].map((key) => [`${key.enrollmentId}/${key.changeId}`, key]),
  )
  const changes = []
  for (const key of keys.values()) {
    const change = await orWords(calls.change(key, 0).then((answer) => answer.change))
    changes.push({ key, change, explanation: await orWords(calls.explain(key)) })
  }
  const deployments = []
  for (const { id } of enrollments) {
    deployments.push({ enrollmentId: id, deployments: await orWords(calls.deployments(id)) })
  }
  return { enrollments, changes, deployments, events }
}

const orWords = (promise: Promise<unknown>): Promise<unknown> =>
  promise.catch((error: unknown) => ({ error: failureOf(error).title }))

function keyIn(event: unknown): readonly ChangeKey[] {
  const { enrollmentId, changeId } = (event ?? {}) as { enrollmentId?: unknown; changeId?: unknown }
  return typeof enrollmentId === 'number' && typeof changeId === 'number' ? [{ enrollmentId, changeId }] : []
}
