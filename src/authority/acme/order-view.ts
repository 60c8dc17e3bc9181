import { plus, DAY } from '../../domain/time.ts'
import { Problem } from '../../errors/problem.ts'
import type { Authorization, Order } from '../../ports/certificate-authority.ts'
import { type AcmeAuthorization, getAuthorization } from './authorization.ts'
import type { OrderRecord } from './books.ts'
import { type AcmeChallenge, keyAuthorization } from './challenge.ts'
import { findAccount } from './account.ts'
import { type Desk, isGone } from './desk.ts'
import { type AcmeOrder, getOrder } from './order.ts'
import { isUnexplained, type ProblemDocument, sentenceOf } from './problem.ts'

const AUTHORIZATIONS_AT_ONCE = 8
/** A CA that does not say when a pending authorization ends keeps it for some days; a week is what most have. */
const USUAL_LIFETIME_MS = 7 * DAY
const LONGEST_NAME = 80

export const LOST = 'The certificate authority does not know the order any more.'

/** Null: the CA does not know the order any more. */
export async function lookUp(record: OrderRecord, desk: Desk): Promise<AcmeOrder | null> {
  const { signal } = desk.deps
  return desk.at(record, async (session) => {
    try {
      return (await getOrder(session, record.orderUrl ?? '', signal)).order
    } catch (error) {
      if (!isGone(error)) throw error
      // Whatever stands before the CA may answer so while the CA is away: only the CA itself knows the account.
      if (isUnexplained(error)) await findAccount(session.server, session.signer.key, signal)
      return null
    }
  })
}

/** The order with all its authorizations, whose URLs are kept as soon as they are known. */
export async function viewOf(record: OrderRecord, order: AcmeOrder | null, desk: Desk): Promise<Order> {
  const id = record.orderUrl ?? ''
  if (order === null) return { id, status: 'invalid', authorizations: [], error: LOST }
  await requireProfile(record, order, desk)
  const authorizations = await authorizationsOf(record, order, desk)
  requireSameNames(record, authorizations)
  if (record.authorizations.length === 0) {
    const references = authorizations.map(({ identifier, url }) => ({ identifier, url }))
    await desk.deps.books.saveOrder({ ...record, authorizations: references })
  }
  const thumbprint = await desk.thumbprintOf(record)
  const found = new Map(authorizations.map((one) => [one.identifier, one]))
  return {
    id,
    status: order.status,
    authorizations: record.identifiers.flatMap((identifier) => {
      const one = found.get(identifier)
      return one === undefined ? [] : [authorizationView(one, thumbprint, desk)]
    }),
    error: order.status === 'invalid' ? whyInvalid(order.error, authorizations) : null,
  }
}

function requireSameNames(record: OrderRecord, authorizations: readonly AcmeAuthorization[]): void {
  const wanted = new Set(record.identifiers)
  const covers =
    authorizations.length === wanted.size && authorizations.every((one) => wanted.has(one.identifier))
  if (covers) return
  const names = authorizations.map(({ identifier }) => identifier).join(', ')
  throw new Problem('authority-refused', {
    detail: `The certificate authority answered with an order for other names than asked for: ${names}.`,
  })
}

/** What a certificate is good for, and for how long, is the profile's. A CA that does not say which one it took is not contradicted. */
export function otherProfile({ profile }: OrderRecord, order: Pick<AcmeOrder, 'profile'>): string | null {
  if (profile === null || order.profile === null || order.profile === profile) return null
  const given = order.profile.slice(0, LONGEST_NAME)
  return `The certificate authority answered with an order for another profile than asked for: "${given}" instead of "${profile}".`
}

/** The next attempt orders anew. */
async function requireProfile(record: OrderRecord, order: AcmeOrder, { deps }: Desk): Promise<void> {
  const detail = otherProfile(record, order)
  if (detail === null) return
  await deps.books.saveOrder({ ...record, step: 'abandoned' })
  throw new Problem('authority-refused', { detail })
}

export function whyInvalid(
  problem: ProblemDocument | null,
  authorizations: readonly AcmeAuthorization[],
): string {
  if (problem !== null) return sentenceOf(problem)
  const lost = authorizations.filter(({ status }) => status !== 'valid' && status !== 'pending')
  if (lost.length === 0) return 'The order became invalid.'
  return `No longer open: ${lost.map(({ identifier, status }) => `${identifier} (${status})`).join(', ')}.`
}

async function authorizationsOf(
  record: OrderRecord,
  { authorizationUrls }: AcmeOrder,
  desk: Desk,
): Promise<readonly AcmeAuthorization[]> {
  const found: AcmeAuthorization[] = []
  for (let start = 0; start < authorizationUrls.length; start += AUTHORIZATIONS_AT_ONCE) {
    const urls = authorizationUrls.slice(start, start + AUTHORIZATIONS_AT_ONCE)
    found.push(...(await Promise.all(urls.map((url) => readOne(record, url, desk)))))
  }
  return found
}

const readOne = (record: OrderRecord, url: string, desk: Desk): Promise<AcmeAuthorization> =>
  desk.at(record, async (session) => {
    const { authorization } = await getAuthorization(session, url, desk.deps.signal)
    return authorization
  })

export const authorizationView = (
  { identifier, status, expires, challenges }: AcmeAuthorization,
  thumbprint: string,
  { deps }: Desk,
): Authorization => ({
  identifier,
  status,
  expires: expires ?? plus(deps.clock.now(), USUAL_LIFETIME_MS),
  challenges: challenges.map((challenge) => challengeView(challenge, thumbprint)),
})

function challengeView({ type, token, status, error }: AcmeChallenge, thumbprint: string) {
  const shown = { type, token, keyAuthorization: keyAuthorization(token, thumbprint), status }
  return { ...shown, error: error === null ? null : sentenceOf(error) }
}
