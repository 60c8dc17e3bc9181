import { HOUR, type Instant, MINUTE, plus, SECOND, toWireTime } from '../../domain/time.ts'
import { Problem } from '../../errors/problem.ts'
import type { Clock } from '../../ports/clock.ts'
import type { AccountReference, AcmeBooks } from './books.ts'
import { createActionHold } from './action-hold.ts'
import { AcmeRefusal, isFaultOfServer, isLimit, sentenceOf, wantsPerson } from './problem.ts'

export interface HealthDeps {
  readonly books: AcmeBooks
  /** The real clock. */
  readonly clock: Clock
}

/** Where a limit came without a time, and where it may not be the account's. */
const LIMITED_FOR_MS = 15 * MINUTE
/** Let's Encrypt: five failed looks an hour for one name and account; the last one is left to a person. */
const MOST_FAILURES_AN_HOUR = 4

/**
 * Everything that is asked of a CA runs through here: while it asked to be left alone nothing goes out, what it refuses for a time becomes a wait
 * (`Problem('authority-unavailable')` with `retryAfterSeconds`), and whether it answers at all is kept for whoever asks.
 */
export function createAuthorityHealth({ books, clock }: HealthDeps) {
  const limits = new Map<string, Instant>()
  const down = new Set<string>()
  const hold = createActionHold({ books, clock })
  let loaded: Promise<void> | null = null
  const idOf = ({ name, directoryUrl }: AccountReference): string => `${name} ${directoryUrl}`

  async function note(reference: AccountReference, error: unknown, isOrder: boolean): Promise<unknown> {
    if (error instanceof AcmeRefusal && wantsPerson(error)) {
      await noteAnswer(reference)
      return hold.note(reference, error)
    }
    const now = clock.now()
    const limitedUntil = limitOf(error, now)
    if (limitedUntil !== null) {
      const id = idOf(reference)
      const held = isOrder ? heldFor(error, { limitedUntil, now, isRepeated: limits.has(id) }) : limitedUntil
      if (held === null) await noteAnswer(reference)
      else {
        limits.set(id, held)
        await books.saveState(reference, { limitedUntil: held, downSince: null, reason: reasonOf(error) })
      }
      return waitFor(limitedUntil, now, reasonOf(error), error)
    }
    const unavailable = unavailableOf(error)
    // A refusal is an answer too.
    if (unavailable === null && error instanceof AcmeRefusal) await noteAnswer(reference)
    if (unavailable !== null && !down.has(idOf(reference))) {
      down.add(idOf(reference))
      const reason = unavailable.message
      await books.saveState(reference, { limitedUntil: null, downSince: now, reason })
    }
    return unavailable ?? error
  }

  async function noteAnswer(reference: AccountReference): Promise<void> {
    const id = idOf(reference)
    if (!down.delete(id) && !limits.delete(id)) return
    await books.saveState(reference, { limitedUntil: null, downSince: null, reason: null })
  }

  /** Read back once: a limit outlives a restart. */
  async function load(): Promise<void> {
    for (const state of await books.states()) {
      if (state.limitedUntil !== null) limits.set(idOf(state), state.limitedUntil)
      if (state.downSince !== null) down.add(idOf(state))
      hold.load(state, state.action)
    }
  }

  function loadedOnce(): Promise<void> {
    const loading = (loaded ??= load())
    return loading.catch((error: unknown) => {
      loaded = null
      throw error
    })
  }

  return {
    async during<T>(
      reference: AccountReference,
      work: () => Promise<T>,
      { needsAccount = true, isOrder = false }: Asking = {},
    ): Promise<T> {
      await loadedOnce()
      if (needsAccount) await hold.require(reference)
      const now = clock.now()
      const until = limits.get(idOf(reference))
      if (until !== undefined && until > now)
        throw waitFor(until, now, 'The certificate authority asked to be left alone', null)
      try {
        const result = await work()
        await noteAnswer(reference)
        return result
      } catch (error) {
        throw await note(reference, error, isOrder)
      }
    },
    /** The CA does for the account what it would not do before a person had acted. */
    noteDone: hold.end,
    /** A person has acted. */
    noteAgreed: hold.agreed,
    /** Before a name is offered once more: every failed look counts against the account's limits at the CA. */
    async requireFailureBudget(reference: AccountReference, identifier: string): Promise<void> {
      const now = clock.now()
      const failures = await books.failuresSince(reference, identifier, plus(now, -HOUR))
      const [oldest] = failures
      if (oldest === undefined || failures.length < MOST_FAILURES_AN_HOUR) return
      const why = `The certificate authority has failed to validate ${identifier} ${failures.length} times within an hour`
      throw waitFor(plus(oldest, HOUR), now, why, null)
    },
  }
}

export type AuthorityHealth = ReturnType<typeof createAuthorityHealth>

export interface Asking {
  /** False: what a CA does whatever is open between it and the account. */
  readonly needsAccount?: boolean
  /** What is asked for is an order: a limit may be one of its names. */
  readonly isOrder?: boolean
}

/**
 * Until when the whole account is left alone after a limit at a new order; null: it is not. Most such limits are of names (Let's Encrypt: five certificates a week
 * for the same ones), and a CA hardly says which: what waits for hours is the change alone, and others try sooner. When the next order is refused too, it was the
 * account's.
 */
function heldFor(
  error: unknown,
  { limitedUntil, now, isRepeated }: { limitedUntil: Instant; now: Instant; isRepeated: boolean },
): Instant | null {
  const names = error instanceof AcmeRefusal ? error.problem.subproblems : []
  if (names.some(({ identifier }) => identifier !== null)) return null
  return isRepeated ? limitedUntil : (Math.min(limitedUntil, plus(now, LIMITED_FOR_MS)) as Instant)
}

/** RFC 8555 section 6.6: rateLimited, or 429 and 503 with a Retry-After. */
function limitOf(error: unknown, now: Instant): Instant | null {
  if (!(error instanceof AcmeRefusal)) return null
  const { problem, retryAfterSeconds } = error
  if (!isLimit(problem) && (problem.status !== 503 || retryAfterSeconds === null)) return null
  return plus(now, retryAfterSeconds === null ? LIMITED_FOR_MS : retryAfterSeconds * SECOND)
}

/** A server that is at fault itself has refused nothing: the same is asked again later. Null: it answered. */
function unavailableOf(error: unknown): Problem | null {
  if (error instanceof Problem) return error.code === 'authority-unavailable' ? error : null
  if (!(error instanceof AcmeRefusal) || !isFaultOfServer(error.problem)) return null
  return new Problem('authority-unavailable', {
    detail: `The certificate authority has a fault of its own: ${reasonOf(error)}`,
    ...(error.retryAfterSeconds === null ? {} : { retryAfterSeconds: error.retryAfterSeconds }),
    cause: error,
  })
}

const reasonOf = (error: unknown): string =>
  error instanceof AcmeRefusal ? sentenceOf(error.problem) : error instanceof Error ? error.message : ''

const waitFor = (until: Instant, now: Instant, why: string, cause: unknown): Problem =>
  new Problem('authority-unavailable', {
    detail: `${why.replace(/\.$/, '')}. It is asked again at ${toWireTime(until)}.`,
    retryAfterSeconds: Math.max(1, Math.ceil((until - now) / SECOND)),
    cause,
  })
