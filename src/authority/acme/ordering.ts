import { Problem } from '../../errors/problem.ts'
import type { Order, OrderRequest } from '../../ports/certificate-authority.ts'
import { accountFor } from './account-choice.ts'
import type { OrderRecord } from './books.ts'
import type { Desk } from './desk.ts'
import { placeOrFind, requireOrderBudget } from './order-placing.ts'
import { LOST, lookUp, viewOf } from './order-view.ts'
import { AcmeRefusal, sentenceOf } from './problem.ts'
import { certificateIdentifierOfPem } from './renewal-information.ts'

/** The order of this change: the one that stands in the books, looked up at the CA, or a new one. */
export async function orderOf(request: OrderRequest, desk: Desk): Promise<Order> {
  const found = await desk.deps.books.order(request.changeId)
  const standing = found !== null && found.step !== 'abandoned' ? found : null
  const record = standing ?? (await intend(request, (found?.generation ?? 0) + 1, desk))
  if (record.orderUrl === null) return placed(record, standing !== null, desk)
  return viewOf(record, (await lookUp(record, desk))?.order ?? null, desk)
}

/** (1) */
async function intend(request: OrderRequest, generation: number, desk: Desk): Promise<OrderRecord> {
  const { deps } = desk
  const account = accountFor(deps.accounts, request)
  if (account === null) {
    throw new Problem('authority-refused', {
      detail: `No CA account is configured for ${request.validationType.toUpperCase()} certificates (docs/live-mode.md).`,
    })
  }
  await requireOrderBudget(request, deps)
  const record: OrderRecord = {
    changeId: request.changeId,
    generation,
    name: account.name,
    directoryUrl: account.directoryUrl,
    identifiers: request.identifiers,
    profile: account.profile,
    preferredChain: request.preferredTrustChain,
    replaces: request.replaces === null ? null : certificateIdentifierOfPem(request.replaces),
    step: 'placing',
    orderUrl: null,
    finalizeUrl: null,
    authorizations: [],
    problem: null,
    createdAt: deps.clock.now(),
  }
  // Asked before anything is spent: a CA that is away is asked again and again.
  await requireOffered(record, desk)
  if (account.orderLimit !== null && !(request.isCounted && generation === 1))
    await deps.spendOrder(account, account.orderLimit)
  await deps.books.saveOrder(record)
  return record
}

/** draft-ietf-acme-profiles: only what the directory advertises may be asked for; a server without profiles would pass the wish over in silence. */
async function requireOffered(record: OrderRecord, desk: Desk): Promise<void> {
  const { profile } = record
  if (profile === null) return
  const { profiles } = await desk.at(record, ({ server }) => server.directory(desk.deps.signal))
  if (profiles.has(profile)) return
  const offered = profiles.size === 0 ? 'It offers none.' : `It offers: ${[...profiles.keys()].join(', ')}.`
  throw new Problem('authority-refused', {
    detail: `The certificate authority offers no profile "${profile}". ${offered}`,
  })
}

/** (2) A refusal of the order as such is an order that became invalid at once. */
async function placed(record: OrderRecord, isRepeat: boolean, desk: Desk): Promise<Order> {
  const { deps } = desk
  try {
    const order = await desk.at(
      record,
      (session) => placeOrFind(session, record, isRepeat, deps, deps.signal),
      { isOrder: true },
    )
    const known = { ...record, step: 'placed' as const, orderUrl: order.url, finalizeUrl: order.finalizeUrl }
    await deps.books.saveOrder(known)
    await desk.health.noteDone(record)
    return notForgotten(await viewOf(known, order, desk))
  } catch (error) {
    if (!(error instanceof AcmeRefusal)) throw error
    throw await refusedOrder(record, error, desk)
  }
}

/** A CA that forgets what it has just made (it died in between) is asked again: the order is looked for then, and only one that cannot be found is placed anew. */
function notForgotten(order: Order): Order {
  if (order.error !== LOST) return order
  throw new Problem('authority-unavailable', { detail: LOST })
}

/** The next attempt is a new order; what the CA said stays as evidence. */
async function refusedOrder(record: OrderRecord, error: AcmeRefusal, { deps }: Desk): Promise<Problem> {
  await deps.books.saveOrder({ ...record, step: 'abandoned', problem: error.problem })
  return new Problem('authority-refused', {
    detail: `The certificate authority refused the order: ${sentenceOf(error.problem)}`,
    cause: error,
  })
}
