import { DAY, HOUR, toWireTime } from '../time.ts'
import {
  CERTIFICATE_VALIDITY_DAYS,
  DOMAIN_VALIDATION_REUSE_DAYS,
  LETS_ENCRYPT_PROFILES,
  ORGANIZATION_REUSE_DAYS,
  type PolicyRow,
} from './rules.ts'

/** docs/policy.md. */
export function policyDocument(): string {
  return `# Policy

<!-- Generated from src/domain/policy/rules.ts by npm run docs. -->

What limits certificates, from which day on, and where it is written. Used for the findings about uploads, by the sandbox CA, in the plan of a renewal, and for how long a vetted
organization is known. Each row holds from the first moment of its day (UTC) until the next one.

${section('Longest life of a public TLS certificate', CERTIFICATE_VALIDITY_DAYS, days)}

The sandbox CA stays a day below.

${section('Reuse of a proof of control of a name', DOMAIN_VALIDATION_REUSE_DAYS, days)}

${section('Reuse of what is known of an organization', ORGANIZATION_REUSE_DAYS, days)}

${Object.entries(LETS_ENCRYPT_PROFILES)
  .map(([profile, rows]) =>
    section(`Let's Encrypt, profile \`${profile}\``, rows, ({ lifetimeMs, authorizationReuseMs }) =>
      [
        `${length(lifetimeMs)} of life`,
        `proofs of control used again for ${length(authorizationReuseMs)}`,
      ].join('; '),
    ),
  )
  .join('\n\n')}
`
}

function section<T>(title: string, rows: readonly PolicyRow<T>[], show: (value: T) => string): string {
  const lines = rows.map(
    ({ from, value, citation }) => `| ${toWireTime(from).slice(0, 10)} | ${show(value)} | ${citation} |`,
  )
  return `## ${title}\n\n| from | limit | source |\n|---|---|---|\n${lines.join('\n')}`
}

const days = (count: number): string => `${count} days`

const length = (milliseconds: number): string =>
  milliseconds % DAY === 0 ? days(milliseconds / DAY) : `${milliseconds / HOUR} hours`
