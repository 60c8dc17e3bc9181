import type { Finding } from '../../change/change.ts'
import type { WarningId } from '../catalogue.ts'
import { chainExpiresFirst } from '../third-party/chain-expires-first.ts'
import { commonNameAmongNames } from '../third-party/common-name-among-names.ts'
import { livesTooLong } from '../third-party/lives-too-long.ts'
import { nameCase } from '../third-party/name-case.ts'
import { signatureHash } from '../third-party/signature-hash.ts'
import { subjectFields } from '../third-party/subject-fields.ts'
import type { IssuedFacts, IssuedRule } from './issued-facts.ts'
import { renewalDue } from './renewal-due.ts'

/**
 * What may be deployed and is yet not what was asked for, in the order in which it is told. Another key, other names, a chain that does not hold are no
 * warnings here: such a certificate is refused (invariant 4).
 */
const RULES: readonly IssuedRule[] = [
  nameCase,
  commonNameAmongNames,
  subjectFields,
  renewalDue,
  livesTooLong,
  signatureHash,
  chainExpiresFirst,
]

/** Told, but no reason to stop: no public CA may write an OU (BR section 7.1.2.7.4), so every OV enrollment that asks for one would. */
const INFORMATIVE: readonly WarningId[] = ['CSR_VS_CERTIFICATE_OU_FIELD_MISSING_IN_CERTIFICATE']

/** Told as well, of a CA whose root is no public one: the limits of public CAs (BR section 6.3.2) bind it as little as its customers can change it. */
const OF_PUBLIC_AUTHORITIES: readonly WarningId[] = ['CERTIFICATE_EXPIRATION_DATE_BEYOND_MAX_DAYS']

export const ISSUED_WARNING_IDS: readonly WarningId[] = RULES.flatMap(({ ids }) => ids)

/** Each once, in a stable order; empty: nothing. */
export function issuedFindings(facts: IssuedFacts): readonly Finding[] {
  const found = RULES.flatMap(({ find }) => facts.uploads.flatMap((issued) => find(issued, facts)))
  return [...new Map(found.map((one) => [one.text, one])).values()]
}

export interface ReviewCircumstances {
  /** What was told of the certificate that this one renews, and therefore accepted; a renewal must not wait for the same answer again until what is live has expired. */
  readonly known: readonly Finding[]
  readonly isPublicAuthority: boolean
}

/** Whether somebody has to acknowledge them before the change goes on (`wait-review-cert-warning`). */
export function needsReview(
  findings: readonly Finding[],
  { known, isPublicAuthority }: ReviewCircumstances,
): boolean {
  const informative = isPublicAuthority ? INFORMATIVE : [...INFORMATIVE, ...OF_PUBLIC_AUTHORITIES]
  return findings.some(
    ({ id, text }) =>
      !informative.some((one) => one === id) &&
      !known.some((earlier) => earlier.id === id && earlier.text === text),
  )
}
