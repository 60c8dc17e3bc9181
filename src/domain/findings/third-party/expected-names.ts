import { comparableName } from '../../enrollment/served-names.ts'
import type { UploadedCertificate, UploadFacts } from './upload-facts.ts'

/** Canonical. A signing request without names (`thirdParty.excludeSans`) asks for what the enrollment asks for, in another way. */
export function expectedNames(
  { signingRequest }: UploadedCertificate,
  facts: UploadFacts,
): ReadonlySet<string> {
  const asked = signingRequest.dnsNames.length > 0 ? signingRequest.dnsNames : facts.requestedNames
  return new Set(asked.map(comparableName))
}

export const namesOf = ({ leaf }: UploadedCertificate): ReadonlySet<string> =>
  new Set(leaf.dnsNames.map(comparableName))
