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
import type { AcmeSession } from './session.ts'

const AUTHORIZATIONS_AT_ONCE = 8
/** A CA that does not say when a pending authorization ends keeps it for some days; a week is what most have. */
const USUAL_LIFETIME_MS = 7 * DAY
const LONGEST_NAME = 80

export const LOST = 'The certificate authority does not know the order any more.'

/** Null: the CA does not know the order any more. */
export const lookUp = (
  record: OrderRecord,
  desk: Desk,
): Promise<Awaited<ReturnType<typeof getOrder>> | null> =>
  unlessGone(record, desk, (session) => getOrder(session, record.orderUrl ?? '', desk.deps.signal))

/** Null: the CA does not know any more what is read. */
const unlessGone = <T>(
  record: OrderRecord,
  desk: Desk,
  read: (session: AcmeSession) => Promise<T>,
): Promise<T | null> =>
  desk.at(record, async (session) => {
    try {
      return await read(session)
    } catch (error) {
      if (!isGone(error)) throw error
      // Whatever stands before the CA may answer so while the CA is away: only the CA itself knows the account.
      if (isUnexplained(error)) await findAccount(session.server, session.signer.key, desk.deps.signal)
      return null
    }
  })

/** The order with all its authorizations, whose URLs are kept as soon as they are known. */
export async function viewOf(record: OrderRecord, order: AcmeOrder | null, desk: Desk): Promise<Order> {
  const id = record.orderUrl ?? ''
  const lost: Order = { id, status: 'invalid', authorizations: [], error: LOST }
  if (order === null) return lost
  await requireProfile(record, order, desk)
  requireSameNames(record, order)
  // Once it is finalized they may be gone, and say nothing more.
  const authorizations = isProven(order) ? [] : await authorizationsOf(record, order, desk)
  if (authorizations === null) return lost
  requireOurNames(record, authorizations)
  if (record.authorizations.length === 0) {
    const references = authorizations.map(({ identifier, url }) => ({ identifier, url }))
    await desk.deps.books.saveOrder({ ...record, authorizations: references })
  }
  const thumbprint = await desk.thumbprintOf(record)
  const status = statusOf(order, authorizations)
  const shown = authorizations.map((one) => authorizationView(one, thumbprint, desk))
  const all = [...shown, ...unasked(record, order, authorizations, desk)]
  return {
    id,
    status,
    authorizations: inOrderOf(record.identifiers, all),
    error: status === 'invalid' ? whyInvalid(order.error, authorizations) : null,
  }
}

function requireSameNames({ identifiers }: OrderRecord, order: AcmeOrder): void {
  const given = new Set(order.identifiers)
  if (given.size === identifiers.length && identifiers.every((one) => given.has(one))) return
  throw otherNames([...given])
}

/**
 * RFC 8555 section 7.1.3: which authorizations an order needs is the CA's to say, and need not be one for each name. It may ask for a domain above one of ours
 * instead, and for nothing of what it has proven before.
 */
function requireOurNames({ identifiers }: OrderRecord, authorizations: readonly AcmeAuthorization[]): void {
  const isOurs = ({ identifier }: AcmeAuthorization): boolean =>
    identifiers.some((one) => one === identifier || one.endsWith(`.${identifier}`))
  if (!authorizations.every(isOurs)) throw otherNames(authorizations.map(({ identifier }) => identifier))
}

const otherNames = (names: readonly string[]): Problem =>
  new Problem('authority-refused', {
    detail: `The certificate authority answered with an order for other names than asked for: ${names.join(', ')}.`,
  })

/** An order of which one authorization has ended can never become ready, whatever its CA calls it (RFC 8555 section 7.1.6). */
const statusOf = (
  { status }: AcmeOrder,
  authorizations: readonly AcmeAuthorization[],
): AcmeOrder['status'] => (status === 'pending' && authorizations.some(isOver) ? 'invalid' : status)

const isProven = ({ status }: AcmeOrder): boolean => status === 'processing' || status === 'valid'

const isOver = ({ status }: AcmeAuthorization): boolean => status !== 'valid' && status !== 'pending'

/** What the CA asks for beside our names comes last. */
function inOrderOf(names: readonly string[], all: readonly Authorization[]): readonly Authorization[] {
  const rank = ({ identifier }: Authorization): number =>
    (names.indexOf(identifier) + names.length + 1) % (names.length + 1)
  return all.toSorted((one, other) => rank(one) - rank(other))
}

/** Names for which the CA asks for no proof of their own. */
const unasked = (
  { identifiers }: OrderRecord,
  { expires }: AcmeOrder,
  authorizations: readonly AcmeAuthorization[],
  { deps }: Desk,
): readonly Authorization[] =>
  identifiers
    .filter((name) => !authorizations.some(({ identifier }) => identifier === name))
    .map((identifier) => ({
      identifier,
      status: 'valid',
      expires: expires ?? plus(deps.clock.now(), USUAL_LIFETIME_MS),
      challenges: [],
    }))

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
  const lost = authorizations.filter(isOver)
  if (lost.length === 0) return 'The order became invalid.'
  return `No longer open: ${lost.map(whyOver).join(', ')}.`
}

/** An order that became invalid need not say why: its authorizations do. */
function whyOver({ identifier, status, challenges }: AcmeAuthorization): string {
  const error = challenges.find((one) => one.error !== null)?.error ?? null
  return error === null ? `${identifier} (${status})` : `${identifier} (${status}: ${sentenceOf(error)})`
}

/** Null: the CA has forgotten one, and the order with it. */
async function authorizationsOf(
  record: OrderRecord,
  { authorizationUrls }: AcmeOrder,
  desk: Desk,
): Promise<readonly AcmeAuthorization[] | null> {
  const found: AcmeAuthorization[] = []
  for (let start = 0; start < authorizationUrls.length; start += AUTHORIZATIONS_AT_ONCE) {
    const urls = authorizationUrls.slice(start, start + AUTHORIZATIONS_AT_ONCE)
    const read = await Promise.all(urls.map((url) => readOne(record, url, desk)))
    found.push(...read.filter((one) => one !== null))
    if (read.includes(null)) return null
  }
  return found
}

const readOne = (record: OrderRecord, url: string, desk: Desk): Promise<AcmeAuthorization | null> =>
  unlessGone(record, desk, async (session) => {
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
