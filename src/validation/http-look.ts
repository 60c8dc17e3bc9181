import { isIP, isIPv6 } from 'node:net'
import type { Resolver } from '../dns/resolver.ts'
import { type AllowedTargets, isAllowed } from '../outbound/addresses.ts'
import { type Fetched, fetchOnce } from '../outbound/fetch-once.ts'
import { withinTime } from '../outbound/within-time.ts'
import type { LookResult, LookTarget, ValidationRecord } from '../ports/challenge-look.ts'
import { dnsReason } from './dns-look.ts'
import { httpVerdict, type AddressLook } from './http-verdict.ts'

export interface HttpLookOptions {
  readonly resolver: Resolver
  readonly targets: AllowedTargets
  /** Where plain HTTP is asked: 80, or the sandbox's own port. */
  readonly httpPort: number
  /** Where https is asked after a redirect; 443 unless a test says otherwise. */
  readonly httpsPort?: number
}

const REDIRECT_LIMIT = 10
/** An address that swallows packets must leave time for the next one. */
export const ADDRESS_LIMIT_MS = 3_000
/** Of one name; a CA reaches any of them, and nobody has more for one host without telling each apart by place. */
export const ADDRESSES_LIMIT = 16
const BODY_LIMIT_BYTES = 64 * 1024
/** Of what was there instead, in an error text. */
const SHOWN_OCTETS = 80
const HTTPS_PORT = 443
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** A look that ends without having found the value; the message says host, address and what was there. */
class Unfound extends Error {
  /** Nothing answered: a CA may see more than we do. */
  readonly isUnreached: boolean

  constructor(message: string, isUnreached: boolean) {
    super(message)
    this.isUnreached = isUnreached
  }
}

interface Hop {
  readonly url: URL
  readonly address: string
  readonly addresses: readonly string[]
}

/**
 * RFC 8555 section 8.3: a GET of the token, redirects followed within bounds. A CA connects to one address of the name, from several places at once,
 * and nobody knows to which: so every address is tried, each by itself, and each result is kept (`http-verdict.ts` says what they come to).
 */
export async function lookByHttp(
  options: HttpLookOptions,
  target: LookTarget,
  signal: AbortSignal,
): Promise<LookResult> {
  const url = new URL(`http://${target.identifier}/.well-known/acme-challenge/${target.token}`)
  try {
    return httpVerdict(url.hostname, await lookAtAddresses(options, url, target, signal))
  } catch (error) {
    return unfound(error)
  }
}

/** Whether the challenge path of the name leads to our own HTTP ports, at each of its addresses: they say who they are also where they do not know the token. */
export async function lookForEdges(
  options: HttpLookOptions,
  identifier: string,
  token: string,
  signal: AbortSignal,
): Promise<LookResult> {
  const url = new URL(`http://${identifier}/.well-known/acme-challenge/${token}`)
  const target: LookTarget = { type: 'http-01', identifier, token, keyAuthorization: '' }
  try {
    const looks = await lookAtAddresses(options, url, target, signal)
    const led = looks.map(
      (look): AddressLook => (look.edge === null ? look : { ...look, outcome: 'found', error: null }),
    )
    return httpVerdict(url.hostname, led, 'lead to our edges')
  } catch (error) {
    return unfound(error)
  }
}

async function lookAtAddresses(
  options: HttpLookOptions,
  url: URL,
  target: LookTarget,
  signal: AbortSignal,
): Promise<readonly AddressLook[]> {
  const addresses = await addressesOf(options, url.hostname, signal)
  return Promise.all(
    addresses
      .slice(0, ADDRESSES_LIMIT)
      .map((address) => lookFrom(options, { url, address, addresses }, target, signal)),
  )
}

/** A look that came to no address. */
export function unfound(error: unknown): LookResult {
  const isUnclear = error instanceof Unfound && error.isUnreached
  return { found: false, error: messageOf(error), records: [], ...(isUnclear ? { isUnclear } : {}) }
}

/** What a CA sees that begins at this address. */
async function lookFrom(
  options: HttpLookOptions,
  first: Hop,
  target: LookTarget,
  signal: AbortSignal,
): Promise<AddressLook> {
  const records: ValidationRecord[] = []
  const { address } = first
  try {
    let url = first.url
    let fetched = await fetchAt(options, first, records, signal)
    for (let hop = 0; REDIRECTS.has(fetched.status); hop += 1) {
      if (hop === REDIRECT_LIMIT)
        throw new Unfound(`${target.identifier} redirects more than ${REDIRECT_LIMIT} times.`, false)
      url = nextHop(options, url, fetched)
      fetched = await fetchAnywhere(options, url, records, signal)
    }
    const error = misses(url, fetched, target, records.at(-1)?.usedIp ?? '')
    const edge = fetched.headers[EDGE_HEADER]
    return {
      address,
      outcome: error === null ? 'found' : 'other',
      error,
      records,
      edge: typeof edge === 'string' ? edge : null,
    }
  } catch (error) {
    const outcome = error instanceof Unfound && !error.isUnreached ? 'other' : 'unreached'
    return { address, outcome, error: messageOf(error), records, edge: null }
  }
}

/** Our own HTTP ports say who they are, so that a token that we serve is told from one that the user placed. */
export const EDGE_HEADER = 'certrail-edge'

/** Every address in turn, IPv6 first; only a failure to connect leads to the next, as CAs have it. */
async function fetchAnywhere(
  options: HttpLookOptions,
  url: URL,
  records: ValidationRecord[],
  signal: AbortSignal,
): Promise<Fetched> {
  const addresses = await addressesOf(options, url.hostname, signal)
  let failure: unknown = null
  for (const address of addresses.slice(0, ADDRESSES_LIMIT)) {
    try {
      return await fetchAt(options, { url, address, addresses }, records, signal)
    } catch (error) {
      failure = error
    }
  }
  throw failure
}

async function fetchAt(
  options: HttpLookOptions,
  { url, address, addresses }: Hop,
  records: ValidationRecord[],
  signal: AbortSignal,
): Promise<Fetched> {
  const port = portOf(options, url)
  const record = {
    hostname: url.hostname,
    port: String(port),
    url: url.href,
    authorities: [],
    resolvedIp: addresses,
    triedIp: address,
  }
  const unreached = (why: string): Unfound => {
    records.push({ ...record, usedIp: '' })
    return new Unfound(`${url.hostname} could not be fetched: ${address}: ${why}.`, true)
  }
  if (!isAllowed(address, options.targets))
    throw unreached('not an address that Certrail may connect to (CERTRAIL_ALLOW_PRIVATE_TARGETS)')
  try {
    // What proves control is the token: certificates on the way are not judged, as CAs do it.
    const request = { url, address, port, bodyLimitBytes: BODY_LIMIT_BYTES, trust: 'ignore' } as const
    const fetched = await withinTime(ADDRESS_LIMIT_MS, signal, (limited) => fetchOnce(request, limited))
    records.push({ ...record, usedIp: address })
    return fetched
  } catch (error) {
    throw unreached(signal.aborted ? 'no answer in time' : reasonOf(error))
  }
}

const reasonOf = (error: unknown): string =>
  error instanceof Error && error.name === 'AbortError' ? 'no answer in time' : messageOf(error)

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

export async function addressesOf(
  { resolver }: HttpLookOptions,
  hostname: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const bare = hostname.replace(/^\[|\]$/g, '')
  if (isIP(bare) !== 0) return [bare]
  const [six, four] = await Promise.all([
    resolver.query(hostname, 'AAAA', signal),
    resolver.query(hostname, 'A', signal),
  ])
  const addresses = [six, four].flatMap((result) => (result.outcome === 'records' ? result.records : []))
  if (addresses.length > 0) return addresses
  const unanswered = [four, six].find(({ outcome }) => outcome === 'servfail' || outcome === 'timeout')
  // That there is no such name is an answer; that nobody answers is none.
  throw new Unfound(`${hostname} has no address: ${dnsReason(unanswered ?? four)}.`, unanswered !== undefined)
}

const portOf = ({ httpPort, httpsPort = HTTPS_PORT }: HttpLookOptions, url: URL): number => {
  if (url.port !== '') return Number(url.port)
  return url.protocol === 'https:' ? httpsPort : httpPort
}

function nextHop(options: HttpLookOptions, from: URL, { location }: Fetched): URL {
  if (location === null || !URL.canParse(location, from.href))
    throw new Unfound(`${from.host} redirects to nowhere.`, false)
  const url = new URL(location, from.href)
  const fits = url.protocol === 'http:' || url.protocol === 'https:'
  if (!fits || url.username !== '' || url.password !== '')
    throw new Unfound(`${from.host} redirects to a place that no CA follows.`, false)
  const port = portOf(options, url)
  const followed = [80, HTTPS_PORT, options.httpPort, options.httpsPort]
  if (!followed.includes(port))
    throw new Unfound(`${from.host} redirects to port ${port}; a CA follows only to 80 and 443.`, false)
  return url
}

/** Null: the token's value is there. */
function misses(
  url: URL,
  { status, body }: Fetched,
  { keyAuthorization }: LookTarget,
  used: string,
): string | null {
  const text = body.toString('utf8').trimEnd()
  if (status === 200 && text === keyAuthorization) return null
  const shown = isIPv6(used) ? `[${used}]` : used
  const there =
    status === 200 ? `another text: ${JSON.stringify(text.slice(0, SHOWN_OCTETS))}` : `status ${status}`
  return `${url.href} at ${shown} answered with ${there}.`
}
