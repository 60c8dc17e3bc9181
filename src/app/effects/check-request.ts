import { requestedNames } from '../../domain/enrollment/served-names.ts'
import { finding } from '../../domain/findings/finding-text.ts'
import type { Effect } from './outcome.ts'

/** Pre-verification: what is doubtful about the request before anything is made for it. One finding per line, texts of the catalogue (spec: behaviour E4). */
export const checkRequest: Effect = async ({ deps, locked, change }) => {
  const overlapping = await locked.read.enrollments.overlappingNames(
    change.accountId,
    change.enrollmentId,
    requestedNames(change.settings),
  )
  const findings = overlapping.map((dnsName) => finding('SNI_DNS_OVERLAP', { dnsName }))
  const stops = findings.length > 0 && deps.preVerification === 'review'
  return { kind: 'event', event: stops ? 'checks-found' : 'checks-passed', findings }
}
