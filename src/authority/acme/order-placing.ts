import { HOUR, plus, SECOND } from '../../domain/time.ts'
import { Problem } from '../../errors/problem.ts'
import type { Clock } from '../../ports/clock.ts'
import { findAccount } from './account.ts'
import type { AcmeBooks, OrderRecord } from './books.ts'
import { type AcmeOrder, getOrder, listOrderUrls, newOrder } from './order.ts'
import { AcmeRefusal, isFaultOfServer, isLimit, NOT_OFFERED, wantsPerson } from './problem.ts'
import type { AcmeSession } from './session.ts'

export interface PlacingDeps {
  readonly books: AcmeBooks
  /** The real clock. */
  readonly clock: Clock
}

/** A CA that loses every order at once would be asked for ever: Let's Encrypt allows 300 new orders in three hours for the whole account. */
const MOST_ORDERS_AN_HOUR = 5
/** Where a crash was: the lost order is among the newest. */
const MOST_PAGES = 10

/** Throws `Problem('authority-unavailable')` with the wait when this change has had its share of orders. */
export async function requireOrderBudget(
  { changeId }: Pick<OrderRecord, 'changeId'>,
  { books, clock }: PlacingDeps,
): Promise<void> {
  const now = clock.now()
  if ((await books.ordersSince(changeId, plus(now, -HOUR))) < MOST_ORDERS_AN_HOUR) return
  throw new Problem('authority-unavailable', {
    detail: `This change has placed ${MOST_ORDERS_AN_HOUR} orders within an hour, and each was lost. It waits before the next one.`,
    retryAfterSeconds: HOUR / SECOND,
  })
}

/**
 * Places the order whose intent stands in the books, or finds the one that a crash kept us from hearing of: by the account's list of orders
 * (RFC 8555 section 7.1.2.1). A CA without the list (Let's Encrypt) returns its pending order for the same names by itself.
 */
export async function placeOrFind(
  session: AcmeSession,
  record: OrderRecord,
  isRepeat: boolean,
  deps: PlacingDeps,
  signal: AbortSignal,
): Promise<AcmeOrder> {
  const lost = isRepeat ? await findLost(session, record, deps, signal) : null
  return lost ?? place(session, record, signal)
}

/** RFC 9773 section 5: a predecessor that was replaced already, or that the CA does not accept as one, is left out. */
async function place(session: AcmeSession, record: OrderRecord, signal: AbortSignal): Promise<AcmeOrder> {
  const { renewalInfo } = await session.server.directory(signal)
  const wish = { ...record, replaces: renewalInfo === null ? null : record.replaces }
  try {
    return await newOrder(session, wish, signal)
  } catch (error) {
    if (wish.replaces === null || !(error instanceof AcmeRefusal) || isOtherwise(error)) throw error
    return newOrder(session, { ...wish, replaces: null }, signal)
  }
}

/** Without a predecessor the answer would be the same. */
const isOtherwise = (error: AcmeRefusal): boolean =>
  isLimit(error.problem) || isFaultOfServer(error.problem) || wantsPerson(error)

async function findLost(
  session: AcmeSession,
  record: OrderRecord,
  { books }: PlacingDeps,
  signal: AbortSignal,
): Promise<AcmeOrder | null> {
  for (const url of (await listedOrders(session, signal)).toReversed()) {
    if (await books.isHeld(url)) continue
    const order = await unlessRefused(async () => (await getOrder(session, url, signal)).order)
    if (order !== null && isOpen(order) && sameNames(order.identifiers, record.identifiers)) return order
  }
  return null
}

/** Many CAs name such a list and have none. */
async function listedOrders(session: AcmeSession, signal: AbortSignal): Promise<readonly string[]> {
  const account = await findAccount(session.server, session.signer.key, signal)
  const ordersUrl = account?.ordersUrl ?? null
  if (ordersUrl === null) return []
  const listed = await unlessRefused(() =>
    listOrderUrls(session, ordersUrl, { signal, mostPages: MOST_PAGES }),
  )
  return listed ?? []
}

/** What a CA will not tell must not keep the order that it would take from being placed. Null: it will not, or cannot be understood; a limit, and a fault that passes, are thrown on. */
async function unlessRefused<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof AcmeRefusal ? !isOtherwise(error) || isNotOffered(error) : isUnfit(error))
      return null
    throw error
  }
}

const isNotOffered = ({ problem }: AcmeRefusal): boolean => NOT_OFFERED.includes(problem.status)

const isUnfit = (error: unknown): boolean => error instanceof Problem && error.code === 'authority-refused'

const isOpen = ({ status }: AcmeOrder): boolean => status === 'pending' || status === 'ready'

const sameNames = (one: readonly string[], other: readonly string[]): boolean =>
  one.toSorted().join(' ') === other.toSorted().join(' ')
