import { serverUrl } from './directory.ts'
import { isObject, textOr } from './json.ts'
import { type ProblemDocument, readProblem } from './problem.ts'
import { type AcmeSession, post } from './session.ts'

export const CHALLENGE_TYPES = ['http-01', 'dns-01', 'tls-alpn-01'] as const
const STATUSES = ['pending', 'processing', 'valid', 'invalid'] as const

/** RFC 8555 section 7.1.5. */
export interface AcmeChallenge {
  readonly type: (typeof CHALLENGE_TYPES)[number]
  readonly url: string
  readonly token: string
  readonly status: (typeof STATUSES)[number]
  readonly error: ProblemDocument | null
}

/** Section 8.1. */
export const keyAuthorization = (token: string, thumbprint: string): string => `${token}.${thumbprint}`

/** Section 7.5.1: the answer is in place, the server may look. */
export async function respondToChallenge(
  session: AcmeSession,
  challenge: Pick<AcmeChallenge, 'url'>,
  signal: AbortSignal,
): Promise<void> {
  await post(session, challenge.url, {}, { signal })
}

/** Types that we do not know, and entries that are none, are passed over: servers may offer whatever they like beside ours (section 8). */
export function readChallenges(value: unknown, base: string): readonly AcmeChallenge[] {
  return Array.isArray(value) ? value.flatMap((one) => readChallenge(one, base)) : []
}

function readChallenge(value: unknown, base: string): readonly AcmeChallenge[] {
  if (!isObject(value)) return []
  const type = CHALLENGE_TYPES.find((one) => one === value['type'])
  const status = STATUSES.find((one) => one === value['status'])
  const token = textOr(value['token'], '')
  const url = textOr(value['url'], '')
  // Section 8.3: a token of any other letters would become a path or a record of somebody else's making.
  if (type === undefined || status === undefined || url === '' || !/^[A-Za-z0-9_-]{16,255}$/.test(token))
    return []
  return [
    { type, status, token, url: serverUrl(url, 'a challenge', base), error: readProblem(value['error']) },
  ]
}
