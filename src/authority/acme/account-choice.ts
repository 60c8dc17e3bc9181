import type { OrderLimit } from '../../domain/renewal/order-limit.ts'
import type { OrderRequest } from '../../ports/certificate-authority.ts'
import type { ExternalAccountBinding } from './account.ts'

/** One CA account of the configuration. */
export interface AuthorityAccount {
  readonly name: string
  readonly directoryUrl: string
  readonly validationTypes: readonly OrderRequest['validationType'][]
  /** Only for enrollments of this organisation; null: for all. */
  readonly orgId: number | null
  readonly profile: string | null
  /** E-mail addresses. */
  readonly contacts: readonly string[]
  readonly externalAccount: ExternalAccountBinding | null
  /** Null: it takes as many orders as anybody likes. */
  readonly orderLimit: OrderLimit | null
  /** PEM of a key whose account stands at the CA already; null: a key of our own making. */
  readonly keyPem: string | null
}

/** The account for an order: one of its organisation before one for all, in the order of the configuration. Null: there is none. */
export function accountFor(
  accounts: readonly AuthorityAccount[],
  { validationType, orgId }: Pick<OrderRequest, 'validationType' | 'orgId'>,
): AuthorityAccount | null {
  const fitting = accounts.filter(({ validationTypes }) => validationTypes.includes(validationType))
  const own = fitting.find((account) => account.orgId !== null && account.orgId === orgId)
  return own ?? fitting.find((account) => account.orgId === null) ?? null
}
