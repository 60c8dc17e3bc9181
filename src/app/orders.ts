import type { Change } from '../domain/change/change.ts'
import { Problem } from '../errors/problem.ts'
import type { CertificateAuthority, OrderRequest } from '../ports/certificate-authority.ts'
import type { Repositories } from '../ports/store.ts'
import type { Dependencies } from './dependencies.ts'
import { subjectOf } from './subjects.ts'

export function authorityOf(deps: Dependencies, change: Change): CertificateAuthority {
  return deps.authorityFor(authorityValidationType(change))
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
})

function authorityValidationType(change: Change): OrderRequest['validationType'] {
  const { validationType } = change.settings
  if (validationType === 'third-party')
    throw new Problem('internal-error', { detail: 'A third-party certificate has no order.' })
  return validationType
}
