import type { ServerResponse } from 'node:http'
import type { AccountId } from '../domain/identifiers.ts'
import type { LimitedResource } from '../domain/rate-limits/rate-limits.ts'
import { type Instant, SECOND, toWireTimeInMilliseconds } from '../domain/time.ts'
import { Problem } from '../errors/problem.ts'
import type { RateLimits, RateVerdict } from '../ports/rate-limits.ts'

const CPS = /^\/cps\/v2(\/|$)/
const ACTIVE_CERTIFICATES = '/cps/v2/active-certificates'

/**
 * Counts a signed call of the CPS API, whatever it asks for; the own API is not limited. Clients read when to come back from X-RateLimit-Next and Date together (spec: api 1),
 * so both come from one clock.
 * @throws Problem 'too-many-requests'
 */
export async function countCall(
  limits: RateLimits | null,
  { accountId, path, outgoing }: { accountId: AccountId; path: string; outgoing: ServerResponse },
): Promise<void> {
  if (limits === null || !CPS.test(path)) return
  const verdict = await limits.take(accountId, resourcesOf(path))
  for (const [name, value] of Object.entries(headersOf(verdict))) outgoing.setHeader(name, value)
  if (verdict.admitted) return
  throw new Problem('too-many-requests', {
    detail: `You have exhausted your API Request Quota using Account: ${accountId}`,
    retryAfterSeconds: Math.max(1, Math.ceil((verdict.nextAt - verdict.at) / SECOND)),
  })
}

const resourcesOf = (path: string): readonly LimitedResource[] =>
  path === ACTIVE_CERTIFICATES ? ['calls', 'active-certificates'] : ['calls']

const headersOf = ({ limit, remaining, nextAt, at }: RateVerdict): Record<string, string> => ({
  Date: httpDate(at),
  'X-RateLimit-Limit': String(limit),
  'X-RateLimit-Remaining': String(remaining),
  'X-RateLimit-Next': toWireTimeInMilliseconds(nextAt),
})

/** RFC 9110 section 5.6.7. */
const httpDate = (at: Instant): string => new Date(at).toUTCString()
