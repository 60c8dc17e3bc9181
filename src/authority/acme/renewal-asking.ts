import type { ChangeId } from '../../domain/identifiers.ts'
import type { RenewalInformation } from '../../ports/certificate-authority.ts'
import type { Desk } from './desk.ts'
import { getRenewalInformation } from './renewal-information.ts'

/** Of the CA that issued it. Null: it offers none, or the certificate is none of ours. */
export async function renewalInformation(
  changeId: ChangeId,
  certificatePem: string,
  { deps, health }: Desk,
): Promise<RenewalInformation | null> {
  const record = await deps.books.order(changeId)
  if (record === null) return null
  const server = deps.serverFor(record.directoryUrl)
  return health.during(record, () => getRenewalInformation(server, certificatePem, deps.clock, deps.signal), {
    needsAccount: false,
  })
}
