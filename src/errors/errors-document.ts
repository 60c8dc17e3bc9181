import { CATALOGUE, type ProblemCode } from './catalogue.ts'
import { MEANINGS } from './meanings.ts'

const WHERE: Readonly<Record<string, string>> = {
  cps: '`https://HOST/cps/v2/error-types/CODE`',
  certrail: '`https://HOST/certrail/v1/error-types/CODE`',
  quota: '`Too many Requests`',
  internal: '`internal_error`, without detail; the cause stands in the log under the request id',
}

/** docs/errors.md. Made from the catalogue, and proven equal to it by a test. */
export function errorsDocument(): string {
  const rows = Object.entries(CATALOGUE).map(
    ([code, { status, title, family }]) =>
      `| \`${code}\` | ${status} | ${title} | ${WHERE[family] ?? `\`https://problems.luna.akamaiapis.net/-/${family}\``} | ${meaningOf(code as ProblemCode)} |`,
  )
  return [
    '# Errors',
    '',
    'Every refusal and fault is `application/problem+json` (RFC 9457) with `type`, `title`, `status` and `instance`, and where it helps',
    '`detail`. A refused body or query carries `errors`: one `{field, detail}` for each bad member, `field` being a JSON pointer into the',
    'body or the name of a query parameter. `instance` ends in the request id, which is also in the header `X-Request-Id` and in the log.',
    'Clients compare some titles: they are never reworded.',
    '',
    'Of several faults the first in this order is told: signature, rate limit, route, grant, account (an object of others is not found),',
    'media type, body, state.',
    '',
    'Each code has a page at `/cps/v2/error-types/CODE`, as JSON and for browsers, without a signature.',
    '',
    '| code | HTTP | title | type | meaning |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n')
}

const meaningOf = (code: ProblemCode): string => `${MEANINGS[code].meaning} ${MEANINGS[code].remedy}`
