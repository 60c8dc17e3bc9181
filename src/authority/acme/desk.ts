import type { ChangeId } from '../../domain/identifiers.ts'
import type { Instant } from '../../domain/time.ts'
import { Problem } from '../../errors/problem.ts'
import type { IssuerTrust } from '../../ports/certificate-authority.ts'
import type { Clock } from '../../ports/clock.ts'
import type { SpendOrder } from '../../ports/order-budgets.ts'
import type { Pause } from '../../ports/pause.ts'
import type { Secrets } from '../../ports/secrets.ts'
import type { AuthorityAccount } from './account-choice.ts'
import type { AcmeAuthorization } from './authorization.ts'
import { type AccountSessions, createAccountSessions } from './account-sessions.ts'
import { type Asking, type AuthorityHealth, createAuthorityHealth } from './authority-health.ts'
import type { AccountReference, AcmeBooks, OrderRecord } from './books.ts'
import type { Waiting } from './poll.ts'
import { AcmeRefusal, isLimit, wantsPerson } from './problem.ts'
import type { AcmeServer } from './server.ts'
import type { AcmeSession } from './session.ts'

export interface AcmeAuthorityDeps {
  readonly accounts: readonly AuthorityAccount[]
  readonly books: AcmeBooks
  readonly secrets: Secrets
  readonly spendOrder: SpendOrder
  /** The real clock. */
  readonly clock: Clock
  readonly pause: Pause
  /** One per directory. */
  readonly serverFor: (directoryUrl: string) => AcmeServer
  /** Also of an account that has left the configuration while an order of it was open. */
  readonly trustOf: (reference: AccountReference) => IssuerTrust
  /** Ends what is asked when this process stops. */
  readonly signal: AbortSignal
}

/** What the calls of one authority share. */
export interface Desk {
  readonly deps: AcmeAuthorityDeps
  /** Runs `work` with the session of the record's account; a CA that forgot the account gets it anew, and one that got another key meanwhile is asked with that. */
  readonly at: <T>(
    reference: AccountReference,
    work: (session: AcmeSession) => Promise<T>,
    options?: Asking,
  ) => Promise<T>
  readonly thumbprintOf: (record: OrderRecord) => Promise<string>
  readonly health: AuthorityHealth
  readonly sessions: AccountSessions
  /** By URL: authorizations that the CA wants to be left alone with, as they stood. A process that forgets them asks once more. */
  readonly resting: Map<string, { readonly authorization: AcmeAuthorization; readonly until: Instant }>
}

export function createDesk(deps: AcmeAuthorityDeps): Desk {
  const sessions = createAccountSessions(deps)
  const health = createAuthorityHealth(deps)
  return {
    deps,
    health,
    sessions,
    resting: new Map(),
    thumbprintOf: (record) => sessions.thumbprintOf(record),
    at: (record, work, options) => {
      const asked = async () => {
        try {
          return await work(await sessions.open(record, deps.signal))
        } catch (error) {
          if (!forgotAccount(error) && !(isAboutKeys(error) && (await sessions.isOutdated(record))))
            throw error
          sessions.forget(record)
          return work(await sessions.open(record, deps.signal))
        }
      }
      return health.during(record, asked, options)
    },
  }
}

const forgotAccount = (error: unknown): boolean =>
  error instanceof AcmeRefusal && error.problem.type === 'accountDoesNotExist'

/** What CAs say of a signature by a key that is not the account's is not the same at each. */
const isAboutKeys = (error: unknown): boolean =>
  error instanceof AcmeRefusal && ['malformed', 'unauthorized'].includes(error.problem.type)

export async function recordOf(changeId: ChangeId, { deps }: Desk): Promise<OrderRecord> {
  const record = await deps.books.order(changeId)
  if (record === null)
    throw new Problem('authority-refused', { detail: 'There is no order for this change.' })
  return record
}

/** What a CA says of an order or authorization that it does not know (any more) is not the same at each: it does not exist, or is not this account's. */
export const isGone = (error: unknown): boolean =>
  error instanceof AcmeRefusal &&
  !forgotAccount(error) &&
  !wantsPerson(error) &&
  !isLimit(error.problem) &&
  (error.problem.status === 404 ||
    error.problem.status === 410 ||
    error.problem.status === 403 ||
    error.problem.type === 'unauthorized' ||
    error.problem.type === 'malformed')

export const waitingOf = ({ clock, pause }: AcmeAuthorityDeps, signal: AbortSignal): Waiting => ({
  clock,
  pause,
  signal,
})
