import { SECOND } from '../domain/time.ts'
import type { Api } from './api.ts'
import { Failure } from './failure.ts'

/** A whole minute of a rate limit, twice. */
const MOST_TRIES = 3
const LONGEST_PAUSE_SECONDS = 120

/** Calls again when a rate limit (429) says when: what it refuses was not done, whatever it was. */
export function patientApi(api: Api, pause: (milliseconds: number) => Promise<void>): Api {
  return {
    ...api,
    async call(call) {
      for (let tries = 1; ; tries += 1) {
        try {
          return await api.call(call)
        } catch (error) {
          const seconds = error instanceof Failure && error.status === 429 ? error.retryAfterSeconds : null
          if (seconds === null || seconds > LONGEST_PAUSE_SECONDS || tries === MOST_TRIES) throw error
          await pause(seconds * SECOND)
        }
      }
    },
  }
}
