import { firstToExpire } from '../domain/certificate/first-to-expire.ts'
import type { RenewalWindow } from '../domain/renewal/renewal-window.ts'
import { HOUR, type Instant, later, MINUTE, plus, SECOND } from '../domain/time.ts'
import { Problem } from '../errors/problem.ts'
import type { RenewalInformation } from '../ports/certificate-authority.ts'
import type { DueRenewal } from '../ports/renewals.ts'
import type { Dependencies } from './dependencies.ts'
import { liveCertificates } from './live-certificates.ts'
import { momentsOf } from './plan.ts'

type Asking = Pick<Dependencies, 'store' | 'clocks' | 'authorityFor' | 'observer' | 'renewalLeadDays'>

const AT_ONCE = 8
const IN_A_ROUND = 400

/** RFC 9773 section 4.3: at least a minute, at most a day (authority/acme/retry-after.ts); six hours where the CA does not say. */
const LEAST_WAIT_MS = MINUTE
const USUAL_WAIT_MS = 6 * HOUR
/** A CA that cannot be asked is asked again soon at first. Meanwhile what it said before holds. */
const FIRST_RETRY_MS = 5 * MINUTE

/** Asks CAs when they would like what is live to be replaced, where it is time to, and plans the renewals by it; says how many got another moment. */
export async function askRenewalInformation(deps: Asking): Promise<number> {
  const { store, clocks, authorityFor } = deps
  if (authorityFor('dv').renewalInformation === undefined) return 0
  const waiting = [...(await store.read.renewals.toAsk(clocks.lifecycle.now(), IN_A_ROUND))]
  let moved = 0
  const askOneByOne = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      if (await ask(deps, next)) moved += 1
  }
  await Promise.all(Array.from({ length: AT_ONCE }, askOneByOne))
  return moved
}

async function ask(deps: Asking, renewal: DueRenewal & { readonly failures: number }): Promise<boolean> {
  const { store, clocks } = deps
  try {
    const answer = await answerFor(deps, renewal)
    const now = clocks.lifecycle.now()
    const soonest = plus(now, answer === null ? USUAL_WAIT_MS : LEAST_WAIT_MS)
    const askAt = later(answer === null ? soonest : (answer.askAgainAt ?? plus(now, USUAL_WAIT_MS)), soonest)
    return await planBy(deps, renewal, answer, askAt)
  } catch (error) {
    if (error instanceof Problem && error.code === 'database-unavailable') throw error
    const askAt = plus(clocks.lifecycle.now(), waitAfter(error, renewal.failures))
    await store.read.renewals.askLater(renewal.id, askAt)
    return false
  }
}

async function answerFor(
  { store, authorityFor }: Asking,
  { id, validationType }: DueRenewal,
): Promise<RenewalInformation | null> {
  if (validationType === 'third-party') return null
  const live = firstToExpire(await liveCertificates(store.read, id))
  if (live === undefined) return null
  return (await authorityFor(validationType).renewalInformation?.(live.changeId, live.certificatePem)) ?? null
}

/** A window that is as it was moves nothing: what was cancelled, or waits for its turn, goes on waiting. */
async function planBy(
  deps: Asking,
  renewal: DueRenewal,
  answer: RenewalInformation | null,
  askAt: Instant,
): Promise<boolean> {
  const { id, accountId, information: before } = renewal
  const window = answer === null ? null : windowOf(answer)
  const at = await deps.store.transaction(async (tx) => {
    if (!(await tx.renewals.keepInformation(renewal, window, askAt)) || isSame(before, window)) return null
    const enrollment = await tx.enrollments.find(accountId, id)
    const moments = enrollment === null ? null : await momentsOf(deps, tx, enrollment)
    if (moments !== null) await tx.renewals.replan(id, moments.begin.at)
    return moments?.begin.at ?? null
  })
  if (at !== null && window !== null)
    deps.observer.renewalMoved({ enrollmentId: id, start: window.start, end: window.end, at })
  return at !== null
}

const windowOf = ({ start, end, explanationUrl }: RenewalInformation): RenewalWindow => ({
  start,
  end,
  explanationUrl,
})

const isSame = (one: RenewalWindow | null, other: RenewalWindow | null): boolean =>
  one?.start === other?.start && one?.end === other?.end && one?.explanationUrl === other?.explanationUrl

/** RFC 9773 section 4.3.3: what will pass is asked again with growing waits, an answer that is none after hours. */
function waitAfter(error: unknown, failures: number): number {
  if (!(error instanceof Problem) || error.code !== 'authority-unavailable') return USUAL_WAIT_MS
  const wait = Math.min(USUAL_WAIT_MS, FIRST_RETRY_MS * 2 ** Math.min(failures, 10))
  return Math.max(wait, (error.retryAfterSeconds ?? 0) * SECOND)
}
