import { WARNINGS, WARNING_IDS, type WarningId } from './catalogue.ts'
import { stageOf } from './stages.ts'
import { THIRD_PARTY_WARNING_IDS } from './third-party/third-party-findings.ts'

/** Warnings that somebody can meet here; the test of this document looks for each in the sources. */
const RAISED: Readonly<Partial<Record<WarningId, string>>> = {
  SNI_DNS_OVERLAP: 'checks of the request',
  ...Object.fromEntries(THIRD_PARTY_WARNING_IDS.map((id) => [id, 'third-party uploads'])),
}

export const RAISED_WARNING_IDS: readonly WarningId[] = WARNING_IDS.filter((id) => RAISED[id] !== undefined)

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
    `Of the ${WARNING_IDS.length} warnings ${RAISED_WARNING_IDS.length} are raised here; the others are listed because clients know them.`,
    '`CERTIFICATE_NULL_OR_EMPTY` tells that one certificate of a dual stack was not uploaded; alone it does not stop a change.',
    '',
    '| id | stage | raised by | text |',
    '|---|---|---|---|',
    ...WARNING_IDS.map(
      (id) =>
        `| \`${id}\` | ${stageOf(id)} | ${RAISED[id] ?? '–'} | \`${WARNINGS[id].replaceAll('\n', '↵')}\` |`,
    ),
    '',
  ].join('\n')
}
