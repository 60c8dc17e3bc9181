import { digest } from '../../domain/notices/digest.ts'
import { groupedBy } from '../../domain/grouped-by.ts'
import type { AccountId } from '../../domain/identifiers.ts'
import { toWireTime } from '../../domain/time.ts'
import type { Delivery, DueNotice } from '../../ports/notices.ts'
import type { Repositories } from '../../ports/store.ts'
import type { Dependencies } from '../dependencies.ts'

type Wanted = Pick<Dependencies, 'store' | 'clocks' | 'random' | 'mode' | 'sendsMail'>

const AT_ONCE = 500

/**
 * Turns everything that is due into deliveries, one mail for each contact and one call for each webhook, however many notices there are. In one transaction: a
 * process that is killed has formed all of it or nothing. Says how many notices were told.
 */
export async function formDeliveries(deps: Wanted): Promise<number> {
  return deps.store.transaction(async (tx) => {
    const now = deps.clocks.lifecycle.now()
    const due = await tx.notices.take(now, AT_ONCE)
    const deliveries: Delivery[] = []
    for (const [account, notices] of groupedBy(due, ({ accountId }) => accountId)) {
      deliveries.push(...(await webhookCalls(deps, tx, account, notices)))
      if (deps.sendsMail) deliveries.push(...(await mails(deps, tx, account, notices)))
    }
    await tx.notices.form(deliveries, deps.clocks.real.now())
    await tx.notices.formed(
      due.map(({ id }) => id),
      now,
    )
    return due.length
  })
}

async function webhookCalls(
  { random }: Wanted,
  tx: Repositories,
  accountId: AccountId,
  notices: readonly DueNotice[],
): Promise<readonly Delivery[]> {
  const hooks = await tx.notices.webhooks(accountId)
  const content = {
    notices: notices.map(({ id, occasion, enrollmentId, changeId, text, at }) => ({
      id,
      occasion,
      enrollmentId,
      changeId,
      text,
      at: toWireTime(at),
    })),
  }
  return hooks.map((hook) => ({
    ...envelope(random, accountId),
    channel: 'webhook',
    target: hook.id,
    content,
  }))
}

async function mails(
  { random, mode }: Wanted,
  tx: Repositories,
  accountId: AccountId,
  notices: readonly DueNotice[],
): Promise<readonly Delivery[]> {
  const told = new Map<string, DueNotice[]>()
  for (const notice of notices)
    for (const address of await contactsOf(tx, notice))
      told.set(address, [...(told.get(address) ?? []), notice])
  return [...told].map(([target, own]) => ({
    ...envelope(random, accountId),
    channel: 'mail',
    target,
    content: digest(own, mode === 'sandbox'),
  }))
}

const envelope = (random: Wanted['random'], accountId: AccountId) => ({
  id: random.uuid(),
  accountId,
  attempts: 0,
})

/** CPS API: adminContact and techContact. An enrollment that is gone has none, and the installation neither: webhooks are told of it. */
async function contactsOf(
  tx: Repositories,
  { accountId, enrollmentId }: DueNotice,
): Promise<ReadonlySet<string>> {
  if (enrollmentId === null) return new Set()
  const enrollment = await tx.enrollments.find(
    accountId,
    enrollmentId as Parameters<typeof tx.enrollments.find>[1],
  )
  if (enrollment === null) return new Set()
  const { adminContact, techContact } = enrollment.settings
  const addresses = [adminContact.email, techContact.email].map((email) => email?.trim().toLowerCase() ?? '')
  return new Set(addresses.filter((address) => address !== ''))
}
