import { isIP, isIPv6 } from 'node:net'
import type { Resolver } from '../dns/resolver.ts'
import type { LookResult, LookTarget, ValidationRecord } from '../ports/challenge-look.ts'
import { type AllowedTargets, isAllowed } from './addresses.ts'
import { type Fetched, fetchOnce } from './fetch-once.ts'
import { withinTime } from './within-time.ts'

export interface HttpLookOptions {
  readonly resolver: Resolver
  readonly targets: AllowedTargets
  /** Where plain HTTP is asked: 80, or the sandbox's own port. */
  readonly httpPort: number
}

const REDIRECT_LIMIT = 10
/** An address that swallows packets must leave time for the next one. */
const ADDRESS_LIMIT_MS = 3_000
const BODY_LIMIT_BYTES = 64 * 1024
/** Of what was there instead, in an error text. */
const SHOWN_OCTETS = 80
const ALLOWED_HTTPS_PORT = 443
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** A look that ends without having found the value; the message says host, address and what was there. */
class Unfound extends Error {}

/** RFC 8555 section 8.3: a GET of the token at every address of the name, redirects followed within bounds. */
export async function lookByHttp(
  options: HttpLookOptions,
  target: LookTarget,
  signal: AbortSignal,
): Promise<LookResult> {
  const records: ValidationRecord[] = []
  try {
    let url = new URL(`http://${target.identifier}/.well-known/acme-challenge/${target.token}`)
    for (let hop = 0; hop <= REDIRECT_LIMIT; hop += 1) {
      const fetched = await fetchAnywhere(options, url, records, signal)
      if (!REDIRECTS.has(fetched.status)) return judge(url, fetched, target, records)
      url = nextHop(options, url, fetched)
    }
    throw new Unfound(`${target.identifier} redirects more than ${REDIRECT_LIMIT} times.`)
  } catch (error) {
    return { found: false, error: error instanceof Error ? error.message : String(error), records }
  }
}

/** Every address is tried in turn, IPv6 first; only a failure to connect leads to the next, as CAs have it. */
async function fetchAnywhere(
  options: HttpLookOptions,
  url: URL,
  records: ValidationRecord[],
  signal: AbortSignal,
): Promise<Fetched> {
  const addresses = await addressesOf(options, url.hostname, signal)
  const port = portOf(options, url)
  let failure = 'no address'
  for (const address of addresses) {
    const record = {
      hostname: url.hostname,
      port: String(port),
      url: url.href,
      authorities: [],
      resolvedIp: addresses,
    }
    if (!isAllowed(address, options.targets)) {
      failure = `${address} is not an address that Certrail may connect to (CERTRAIL_ALLOW_PRIVATE_TARGETS)`
      records.push({ ...record, triedIp: address, usedIp: '' })
      continue
    }
    try {
      const fetched = await withinTime(ADDRESS_LIMIT_MS, signal, (limited) =>
        fetchOnce({ url, address, port, bodyLimitBytes: BODY_LIMIT_BYTES }, limited),
      )
      records.push({ ...record, triedIp: address, usedIp: address })
      return fetched
    } catch (error) {
      if (signal.aborted) throw new Unfound(`${url.hostname} at ${address} did not answer in time.`)
      failure = `${address}: ${error instanceof Error ? error.message : String(error)}`
      records.push({ ...record, triedIp: address, usedIp: '' })
    }
  }
  throw new Unfound(`${url.hostname} could not be fetched: ${failure}.`)
}

async function addressesOf(
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
  throw new Unfound(
    `${hostname} has no address: ${four.outcome}${four.outcome === 'servfail' ? ` (${four.code})` : ''}.`,
  )
}

const portOf = ({ httpPort }: HttpLookOptions, url: URL): number => {
  if (url.port !== '') return Number(url.port)
  return url.protocol === 'https:' ? ALLOWED_HTTPS_PORT : httpPort
}

function nextHop(options: HttpLookOptions, from: URL, { location }: Fetched): URL {
  if (location === null || !URL.canParse(location, from.href))
    throw new Unfound(`${from.host} redirects to nowhere.`)
  const url = new URL(location, from.href)
  const fits = url.protocol === 'http:' || url.protocol === 'https:'
  if (!fits || url.username !== '' || url.password !== '')
    throw new Unfound(`${from.host} redirects to a place that no CA follows.`)
  const port = portOf(options, url)
  if (port !== 80 && port !== ALLOWED_HTTPS_PORT && port !== options.httpPort) {
    throw new Unfound(`${from.host} redirects to port ${port}; a CA follows only to 80 and 443.`)
  }
  return url
}

function judge(
  url: URL,
  { status, body }: Fetched,
  { keyAuthorization }: LookTarget,
  records: readonly ValidationRecord[],
): LookResult {
  const text = body.toString('utf8').trimEnd()
  if (status === 200 && text === keyAuthorization) return { found: true, error: null, records }
  const used = records.at(-1)?.usedIp ?? ''
  const shown = isIPv6(used) ? `[${used}]` : used
  const there =
    status === 200 ? `another text: ${JSON.stringify(text.slice(0, SHOWN_OCTETS))}` : `status ${status}`
  return { found: false, error: `${url.href} at ${shown} answered with ${there}.`, records }
}
