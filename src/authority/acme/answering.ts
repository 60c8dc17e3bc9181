import { type Instant, MINUTE, plus } from '../../domain/time.ts'
import { Problem } from '../../errors/problem.ts'
import type { Authorization, ChallengeType } from '../../ports/certificate-authority.ts'
import { type AcmeAuthorization, getAuthorization } from './authorization.ts'
import type { OrderRecord } from './books.ts'
import { type AcmeChallenge, respondToChallenge } from './challenge.ts'
import { type Desk, isGone, waitingOf } from './desk.ts'
import { authorizationView } from './order-view.ts'
import { poll } from './poll.ts'
import type { AcmeSession } from './session.ts'

export interface Answer {
  readonly identifier: string
  readonly type: ChallengeType
}

/** The CA looks at this challenge; what is being looked at already is waited for, what is settled stays. */
export async function respond(
  record: OrderRecord,
  answer: Answer,
  signal: AbortSignal,
  desk: Desk,
): Promise<Authorization> {
  const { identifier } = answer
  const reference = record.authorizations.find((one) => one.identifier === identifier)
  if (reference === undefined)
    throw new Problem('authority-refused', { detail: `The order has no authorization for ${identifier}.` })
  const thumbprint = await desk.thumbprintOf(record)
  try {
    const settled = await desk.at(record, (session) =>
      askToLook({ session, record, url: reference.url, signal }, answer, desk),
    )
    if (settled.status === 'invalid')
      await desk.deps.books.noteFailure(record, identifier, desk.deps.clock.now())
    return authorizationView(settled, thumbprint, desk)
  } catch (error) {
    if (!isGone(error)) throw error
    // No look of the CA ended it.
    return { identifier, status: 'expired', expires: desk.deps.clock.now(), challenges: [] }
  }
}

interface Asking {
  readonly session: AcmeSession
  readonly record: OrderRecord
  readonly url: string
  readonly signal: AbortSignal
}

async function askToLook(
  { session, record, url, signal }: Asking,
  { identifier, type }: Answer,
  { deps, health, resting }: Desk,
): Promise<AcmeAuthorization> {
  const rest = resting.get(url)
  if (rest !== undefined && rest.until > deps.clock.now()) return rest.authorization
  resting.delete(url)
  const { authorization } = await getAuthorization(session, url, signal)
  if (authorization.status !== 'pending') return authorization
  const challenge = authorization.challenges.find((one) => one.type === type)
  if (challenge === undefined)
    throw new Problem('authority-refused', { detail: `${identifier} has no challenge of type ${type}.` })
  if (challenge.status === 'pending') {
    await health.requireFailureBudget(record, identifier)
    await offer(session, challenge, signal)
    await health.noteDone(record)
  }
  const polled = await poll(
    waitingOf(deps, signal),
    null,
    async () => {
      const { authorization: value, response } = await getAuthorization(session, url, signal)
      return { value, response }
    },
    ({ status }) => status === 'pending',
  )
  // RFC 8555 section 8.2: a CA that tries again later says when.
  if (polled.kind === 'pending' && polled.after !== null) {
    const now = deps.clock.now()
    for (const [one, { until }] of resting) if (until <= now) resting.delete(one)
    const until = Math.min(polled.after, plus(now, LONGEST_REST_MS)) as Instant
    resting.set(url, { authorization: polled.value, until })
  }
  return polled.value
}

/** Some say a day (ZeroSSL), and somebody may mend within minutes what they tripped over: no more than our own looks take at their slowest. */
const LONGEST_REST_MS = 10 * MINUTE

/** A CA that has looked already says that there is nothing to respond to: what the authorization has become tells. */
async function offer(session: AcmeSession, challenge: AcmeChallenge, signal: AbortSignal): Promise<void> {
  try {
    await respondToChallenge(session, challenge, signal)
  } catch (error) {
    if (!isGone(error)) throw error
  }
}
