import { fromWireTime, type Instant } from '../../domain/time.ts'
import { serverUrl } from './directory.ts'
import { linkTo } from './links.ts'
import { isObject, type JsonObject, jsonIn, objectIn, oneOfIn, textIn, textOr, unfit } from './json.ts'
import { type ProblemDocument, readProblem } from './problem.ts'
import type { AcmeResponse } from './send.ts'
import { type AcmeSession, post } from './session.ts'

const STATUSES = ['pending', 'ready', 'processing', 'valid', 'invalid'] as const
const WHAT = 'an order'
const MOST_AUTHORIZATIONS = 1_000

/** RFC 8555 section 7.1.3. */
export interface AcmeOrder {
  readonly url: string
  readonly status: (typeof STATUSES)[number]
  readonly expires: Instant | null
  readonly identifiers: readonly string[]
  readonly authorizationUrls: readonly string[]
  readonly finalizeUrl: string
  readonly certificateUrl: string | null
  readonly error: ProblemDocument | null
  /** draft-ietf-acme-profiles: what the server says it will issue. */
  readonly profile: string | null
}

export interface OrderWish {
  /** Canonical DNS names. */
  readonly identifiers: readonly string[]
  readonly profile: string | null
  /** RFC 9773 section 5: the identifier of the certificate that this one replaces. */
  readonly replaces: string | null
}

export const orderPayload = ({ identifiers, profile, replaces }: OrderWish) => ({
  identifiers: identifiers.map((value) => ({ type: 'dns', value })),
  ...(profile === null ? {} : { profile }),
  ...(replaces === null ? {} : { replaces }),
})

/** Section 7.4. */
export async function newOrder(
  session: AcmeSession,
  wish: OrderWish,
  signal: AbortSignal,
): Promise<AcmeOrder> {
  const directory = await session.server.directory(signal)
  const response = await post(session, directory.newOrder, orderPayload(wish), { signal })
  const location = response.header('location')
  if (location === null) throw unfit(WHAT, 'its URL is missing')
  return readOrder(response, serverUrl(location, WHAT, directory.newOrder))
}

export async function getOrder(
  session: AcmeSession,
  url: string,
  signal: AbortSignal,
): Promise<{ readonly order: AcmeOrder; readonly response: AcmeResponse }> {
  const response = await post(session, url, null, { signal })
  return { order: readOrder(response, url), response }
}

/** Section 7.4: the signing request, DER in base64url. */
export async function finalizeOrder(
  session: AcmeSession,
  order: Pick<AcmeOrder, 'finalizeUrl' | 'url'>,
  signingRequestDer: Uint8Array,
  signal: AbortSignal,
): Promise<{ readonly order: AcmeOrder; readonly response: AcmeResponse }> {
  const payload = { csr: Buffer.from(signingRequestDer).toString('base64url') }
  const response = await post(session, order.finalizeUrl, payload, { signal })
  return { order: readOrder(response, order.url), response }
}

/** URLs in it may be relative to its own. */
export function readOrder(response: AcmeResponse, url: string): AcmeOrder {
  const body = objectIn(response.body, WHAT)
  const certificate = textOr(body['certificate'], '')
  return {
    url,
    status: oneOfIn(body, 'status', STATUSES, WHAT),
    expires: fromWireTime(textOr(body['expires'], '')),
    identifiers: listIn(body, 'identifiers').map(readIdentifier),
    authorizationUrls: listIn(body, 'authorizations').map((one) => serverUrl(textOr(one, ''), WHAT, url)),
    finalizeUrl: serverUrl(textIn(body, 'finalize', WHAT), WHAT, url),
    certificateUrl: certificate === '' ? null : serverUrl(certificate, WHAT, url),
    error: readProblem(body['error']),
    profile: textOr(body['profile'], null),
  }
}

function listIn(body: JsonObject, member: string): readonly unknown[] {
  const value = body[member]
  if (!Array.isArray(value)) throw unfit(WHAT, `"${member}" is no list`)
  if (value.length > MOST_AUTHORIZATIONS) throw unfit(WHAT, `"${member}" has ${value.length} entries`)
  return value
}

export function readIdentifier(value: unknown): string {
  const name = isObject(value) ? textOr(value['value'], '') : ''
  if (name === '') throw unfit(WHAT, 'an identifier has no value')
  return name.toLowerCase()
}

/** Section 7.1.2.1: pages are linked by `next`; the newest orders may come first or last. step-ca sends the list without the object around it. */
export async function listOrderUrls(
  session: AcmeSession,
  ordersUrl: string,
  { signal, mostPages }: { readonly signal: AbortSignal; readonly mostPages: number },
): Promise<readonly string[]> {
  const found: string[] = []
  let url: string | null = ordersUrl
  for (let page = 0; url !== null && page < mostPages; page += 1) {
    const response: AcmeResponse = await post(session, url, null, { signal })
    const body = jsonIn(response.body)
    const listed = isObject(body) ? body['orders'] : body
    if (!Array.isArray(listed)) throw unfit('a list of orders', 'it is none')
    const base = url
    found.push(...listed.map((one) => serverUrl(textOr(one, ''), WHAT, base)))
    url = linkTo(response, 'next', url)
  }
  return found
}
