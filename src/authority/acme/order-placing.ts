import { HOUR, plus, SECOND } from '../../domain/time.ts'
import { Problem } from '../../errors/problem.ts'
import type { Clock } from '../../ports/clock.ts'
import { findAccount } from './account.ts'
import type { AcmeBooks, OrderRecord } from './books.ts'
import { type AcmeOrder, getOrder, listOrderUrls, newOrder } from './order.ts'
import { AcmeRefusal, wantsPerson } from './problem.ts'
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
  error.problem.type === 'rateLimited' || wantsPerson(error)

async function findLost(
  session: AcmeSession,
  record: OrderRecord,
  { books }: PlacingDeps,
  signal: AbortSignal,
): Promise<AcmeOrder | null> {
  const account = await findAccount(session.server, session.signer.key, signal)
  if (account === null || account.ordersUrl === null) return null
  const urls = await listOrderUrls(session, account.ordersUrl, { signal, mostPages: MOST_PAGES })
  for (const url of urls.toReversed()) {
    if (await books.isHeld(url)) continue
    const { order } = await getOrder(session, url, signal)
    if (isOpen(order) && sameNames(order.identifiers, record.identifiers)) return order
  }
  return null
}

const isOpen = ({ status }: AcmeOrder): boolean => status === 'pending' || status === 'ready'

const sameNames = (one: readonly string[], other: readonly string[]): boolean =>
  one.toSorted().join(' ') === other.toSorted().join(' ')
