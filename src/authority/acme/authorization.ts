import { fromWireTime, type Instant } from '../../domain/time.ts'
import { type AcmeChallenge, readChallenges } from './challenge.ts'
import { objectIn, oneOfIn, textOr } from './json.ts'
import { readIdentifier } from './order.ts'
import type { AcmeResponse } from './send.ts'
import { type AcmeSession, post } from './session.ts'

const STATUSES = ['pending', 'valid', 'invalid', 'deactivated', 'expired', 'revoked'] as const
const WHAT = 'an authorization'

/** RFC 8555 section 7.1.4. */
export interface AcmeAuthorization {
  readonly url: string
  /** With `*.` for a wildcard, which the server says by a flag. */
  readonly identifier: string
  readonly status: (typeof STATUSES)[number]
  readonly expires: Instant | null
  /** Those of types that we can answer; an empty list is no fault of the answer. */
  readonly challenges: readonly AcmeChallenge[]
}

export async function getAuthorization(
  session: AcmeSession,
  url: string,
  signal: AbortSignal,
): Promise<{ readonly authorization: AcmeAuthorization; readonly response: AcmeResponse }> {
  const response = await post(session, url, null, { signal })
  return { authorization: readAuthorization(response, url), response }
}

/** Section 7.5.2: given back, so that the next order proves the name anew. */
export async function deactivateAuthorization(
  session: AcmeSession,
  url: string,
  signal: AbortSignal,
): Promise<AcmeAuthorization> {
  return readAuthorization(await post(session, url, { status: 'deactivated' }, { signal }), url)
}

export function readAuthorization(response: AcmeResponse, url: string): AcmeAuthorization {
  const body = objectIn(response.body, WHAT)
  const name = readIdentifier(body['identifier'])
  const isWildcard = body['wildcard'] === true && !name.startsWith('*.')
  const challenges = readChallenges(body['challenges'], url)
  const status = oneOfIn(body, 'status', STATUSES, WHAT)
  return {
    url,
    identifier: isWildcard ? `*.${name}` : name,
    status: status === 'pending' && challenges.some(hasFailed) ? 'invalid' : status,
    expires: fromWireTime(textOr(body['expires'], '')),
    challenges,
  }
}

/** Section 7.1.6: one failed challenge ends the authorization. A CA that calls it pending all the same (step-ca) never looks at that challenge again. */
const hasFailed = ({ status }: AcmeChallenge): boolean => status === 'invalid'
