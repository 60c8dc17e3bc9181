import type { OrderAllowance, OrderRequest } from '../../ports/certificate-authority.ts'
import { accountFor } from './account-choice.ts'
import type { AcmeAuthorityDeps } from './desk.ts'

/** What the account for such an order may place, and whether its CA asked to be left alone. Null: no account, or no limit. */
export async function orderAllowance(
  request: Pick<OrderRequest, 'validationType' | 'orgId'>,
  { accounts, books }: Pick<AcmeAuthorityDeps, 'accounts' | 'books'>,
): Promise<OrderAllowance | null> {
  const account = accountFor(accounts, request)
  if (account === null || account.orderLimit === null) return null
  const { name, directoryUrl, orderLimit: limit } = account
  const known = (await books.states()).find((one) => one.name === name && one.directoryUrl === directoryUrl)
  return { account: { name, directoryUrl }, limit, limitedUntil: known?.limitedUntil ?? null }
}
