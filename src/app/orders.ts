import type { Change } from '../domain/change/change.ts'
import { RENEWAL_ENGINE } from '../domain/renewal/renewal-start.ts'
import { Problem } from '../errors/problem.ts'
import type { CertificateAuthority, Order, OrderRequest } from '../ports/certificate-authority.ts'
import type { Repositories } from '../ports/store.ts'
import type { Dependencies } from './dependencies.ts'
import { liveCertificates } from './live-certificates.ts'
import { subjectOf } from './subjects.ts'

export function authorityOf(deps: Dependencies, change: Change): CertificateAuthority {
  return deps.authorityFor(authorityValidationType(change))
}

/** An order that has become invalid is given up for a new one: only that brings new tokens (RFC 8555 section 7.1.6). */
export async function openOrder(authority: CertificateAuthority, request: OrderRequest): Promise<Order> {
  const order = await authority.order(request)
  if (order.status !== 'invalid') return order
  await authority.abandon(request.changeId)
  return authority.order(request)
}

export const orderRequest = async (
  read: Repositories,
  change: Change,
  identifiers: readonly string[],
): Promise<OrderRequest> => ({
  changeId: change.id,
  accountId: change.accountId,
  enrollmentId: change.enrollmentId,
  validationType: authorityValidationType(change),
  identifiers,
  subject: await subjectOf(read, change),
  orgId: change.settings.orgId,
  preferredTrustChain: change.settings.csr.preferredTrustChain,
  replaces: await replacedCertificate(read, change),
  isCounted: change.action === 'renewal' && change.createdBy === RENEWAL_ENGINE,
})

/** What a renewal replaces, PEM: a CA counts its order apart, and knows that the old one is on its way out (RFC 9773 section 5). */
async function replacedCertificate(read: Repositories, change: Change): Promise<string | null> {
  if (change.action !== 'renewal') return null
  const [certificate] = await liveCertificates(read, change.enrollmentId)
  return certificate?.certificatePem ?? null
}

function authorityValidationType(change: Change): OrderRequest['validationType'] {
  const { validationType } = change.settings
  if (validationType === 'third-party')
    throw new Problem('internal-error', { detail: 'A third-party certificate has no order.' })
  return validationType
}
