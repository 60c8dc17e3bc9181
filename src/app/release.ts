import { acknowledgementDeadline } from '../domain/change/acknowledgement-deadline.ts'
import { filled, isReleased, turnsOf, type WaitingRenewal } from '../domain/renewal/order-limit.ts'
import { renewalStart } from '../domain/renewal/renewal-start.ts'
import type { OrderAllowance } from '../ports/certificate-authority.ts'
import type { OrderAccount } from '../ports/order-budgets.ts'
import type { DueRenewal } from '../ports/renewals.ts'
import type { Repositories } from '../ports/store.ts'
import type { Dependencies } from './dependencies.ts'

/** Names the account in the plan of what waits for it. */
export const accountKey = ({ name, directoryUrl }: OrderAccount): string => `${name} ${directoryUrl}`
export const accountName = (key: string): string => key.split(' ')[0] ?? key

/** What the CA account of each renewal allows, asked once for those that go to the same; null: nothing is counted. */
export function createAllowances({ authorityFor }: Pick<Dependencies, 'authorityFor'>) {
  const known = new Map<string, Promise<OrderAllowance | null>>()
  return ({ validationType, orgId }: DueRenewal): Promise<OrderAllowance | null> => {
    if (validationType === 'third-party') return Promise.resolve(null)
    const key = `${validationType} ${orgId}`
    const found = known.get(key)
    if (found !== undefined) return found
    const asked = authorityFor(validationType).orderAllowance?.({ validationType, orgId })
    const allowance = asked ?? Promise.resolve(null)
    known.set(key, allowance)
    return allowance
  }
}

/** In the transaction that begins the renewal: what its order takes from the account; null: it has to wait for its turn. */
export async function releaseOf(
  { clocks }: Pick<Dependencies, 'clocks'>,
  tx: Repositories,
  renewal: DueRenewal,
  { account, limit, limitedUntil }: OrderAllowance,
): Promise<{ take(): Promise<void> } | null> {
  const now = clocks.lifecycle.now()
  if (limitedUntil !== null && limitedUntil > now) return null
  const bucket = await tx.orderBudgets.lock(account, limit, now)
  if (!isReleased(waiting(renewal), bucket, limit, now)) return null
  const { tokens } = filled(bucket, limit, now)
  return { take: () => tx.orderBudgets.save(account, { tokens: Math.max(0, tokens - 1), at: now }) }
}

export const canWait = ({ clocks }: Pick<Dependencies, 'clocks'>, renewal: DueRenewal): boolean =>
  clocks.lifecycle.now() < waiting(renewal).lastSafe

/** Those and whatever waits for the account already get their turns, the most urgent first. */
export async function holdBack(
  { store, clocks, observer }: Pick<Dependencies, 'store' | 'clocks' | 'observer'>,
  { account, limit, limitedUntil: notBefore }: OrderAllowance,
  due: readonly DueRenewal[],
): Promise<void> {
  const key = accountKey(account)
  const turns = await store.transaction(async (tx) => {
    const now = clocks.lifecycle.now()
    // Locked, so that two processes do not give out the same turns.
    const bucket = await tx.orderBudgets.lock(account, limit, now)
    const fresh = new Set(due.map(({ id }) => id))
    const earlier = (await tx.renewals.heldBy(key)).filter(({ id }) => !fresh.has(id))
    const given = turnsOf([...due, ...earlier].map(waiting), { bucket, limit, notBefore }, now)
    await tx.renewals.hold(key, given)
    return given
  })
  observer.renewalsHeld({ account: account.name, count: turns.length, until: turns.at(-1)?.at ?? 0 })
}

const waiting = ({ id, live, validationType, information }: DueRenewal): WaitingRenewal => {
  const lastSafe = acknowledgementDeadline([live]) ?? live.notAfter
  // A CA that wants it well before its time is about to revoke it (RFC 9773 section 4.2).
  const isPulledIn = information !== null && information.end < renewalStart(validationType, live)
  return { id, live, lastSafe: isPulledIn ? information.end : lastSafe }
}
