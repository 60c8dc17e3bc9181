import { MINUTE, SECOND } from '../time.ts'

/** Of the time that has gone by since the change came to this step: a CA that took an hour so far is not done within the next second. */
const SHARE = 1 / 8
/** Most CAs issue within seconds. */
const SHORTEST_MS = 1 * SECOND
/** Where people look at orders, ten minutes more are nothing; a day of such looks is 144 requests. */
const LONGEST_MS = 10 * MINUTE

/** Milliseconds until a CA that is still at work, and does not say when it will be done (RFC 8555 section 7.4), is asked again. */
export const issuanceWait = (elapsedMs: number): number =>
  Math.min(Math.max(Math.floor(elapsedMs * SHARE), SHORTEST_MS), LONGEST_MS)
