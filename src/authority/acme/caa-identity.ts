import type { ChangeId } from '../../domain/identifiers.ts'
import type { CaaIdentity } from '../../ports/certificate-authority.ts'
import type { Desk } from './desk.ts'

/** RFC 8555 section 9.7.6: what the directory says. Without a change it is the one of the first account for DV; null where there is none. */
export async function caaIdentity(
  changeId: ChangeId | null,
  { deps, health }: Desk,
): Promise<CaaIdentity | null> {
  const order = changeId === null ? null : await deps.books.order(changeId)
  const account = order ?? deps.accounts.find(({ validationTypes }) => validationTypes.includes('dv')) ?? null
  if (account === null) return null
  const server = deps.serverFor(account.directoryUrl)
  const { caaIdentities } = await health.during(account, () => server.directory(deps.signal), {
    needsAccount: false,
  })
  const known = order === null ? null : await deps.books.account(order)
  return { issuers: caaIdentities, accountUri: known?.accountUrl ?? null }
}
