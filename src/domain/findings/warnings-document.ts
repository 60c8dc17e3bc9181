import { WARNINGS, WARNING_IDS, type WarningId } from './catalogue.ts'
import { stageOf } from './stages.ts'
import { ISSUED_WARNING_IDS } from './issued/issued-findings.ts'
import { REQUEST_WARNING_IDS } from './request/request-findings.ts'
import { THIRD_PARTY_WARNING_IDS } from './third-party/third-party-findings.ts'

/** Warnings that somebody can meet here; the test of this document looks for each in the sources. */
const RAISERS: readonly (readonly [by: string, ids: readonly WarningId[]])[] = [
  ['checks of the request', REQUEST_WARNING_IDS],
  ['third-party uploads', THIRD_PARTY_WARNING_IDS],
  ['CA-issued certificates', ISSUED_WARNING_IDS],
  ['clients that staging met otherwise than promised', ['VALIDATION_EXCEPTION']],
]

const raisersOf = (id: WarningId): string =>
  RAISERS.flatMap(([by, ids]) => (ids.includes(id) ? [by] : [])).join(', ')

export const RAISED_WARNING_IDS: readonly WarningId[] = WARNING_IDS.filter((id) => raisersOf(id) !== '')

/** docs/warnings.md. Made from the catalogue, and proven equal to it by a test. */
export function warningsDocument(): string {
  return [
    '# Warnings',
    '',
    '<!-- Generated from src/domain/findings by `npm run docs`. Change the tables there, not this page. -->',
    '',
    'What is doubtful about a request or a certificate is told as one or more of these warnings. Pre-verification ones are served by',
    '`input/info/pre-verification-warnings`, post-verification ones by `input/info/post-verification-warnings`, as one text with a line',
    'break between two warnings. Ids are what `auto_approve_warnings` of the Terraform provider names. The texts are those of the CPS',
    'API, its slips included, and always fit their template: a value has no line breaks, `missing` stands for an empty one, and a value',
    'that quotes another warning has its spaces replaced. `↵` is a line break.',
    '',
    'A certificate that cannot be used at all is no warning but a 400 that names the field: text that is not PEM, more than one',
    'certificate where one is meant, another key than that of the signing request, expired, not yet valid, a certificate of an authority,',
    'or one under a public root that lives longer than the limit in force and at most 397 days (longer than that is a warning).',
    '',
    `Of the ${WARNING_IDS.length} warnings ${RAISED_WARNING_IDS.length} are raised by a rule here; the others are texts only, listed because clients know them.`,
    '',
    '- *Checks of the request* (pre-verification) come before anything is made. They stop a change at `wait-review-pre-verification-safety-checks`',
    '  with `CERTRAIL_PRE_VERIFICATION=review`; otherwise, and in any case, explain and `validationResult` show them. What DNS says of a name is',
    '  looked at where there is a resolver to ask; a sandbox without `CERTRAIL_RESOLVER` has none, and raises no `DNS_` warning but the two about',
    '  names that are not contained. Names that are no DNS names, or too long, or empty, are a 400 and never a warning. The catalogue has no text',
    '  about contacts or organizations: what a CA needs of them is a 400 as well.',
    '- *Third-party uploads* (post-verification) stop at `wait-review-third-party-cert`. `CERTIFICATE_NULL_OR_EMPTY` tells that one certificate of a',
    '  dual stack was not uploaded; alone it does not stop a change.',
    '- *CA-issued certificates* (post-verification) stop at `wait-review-cert-warning`. `CSR_VS_CERTIFICATE_OU_FIELD_MISSING_IN_CERTIFICATE` alone does',
    '  not: no public CA may write an OU. A renewal does not stop for what was told word for word of the certificate that it renews. The local CA',
    '  signs with SHA-256, so an enrollment with `signatureAlgorithm` `SHA-1` comes by here.',
    '',
    'In `validationResult` of change-management-info each finding is an entry whose `messageCode` is its id, but names that are removed and still live',
    'are one entry: a bracketed list with the `messageCode` `no-code`.',
    '',
    '| id | stage | raised by | text |',
    '|---|---|---|---|',
    ...WARNING_IDS.map(
      (id) =>
        `| \`${id}\` | ${stageOf(id)} | ${raisersOf(id) || 'text only'} | \`${WARNINGS[id].replaceAll('\n', '↵')}\` |`,
    ),
    '',
  ].join('\n')
}
