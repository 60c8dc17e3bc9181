import { isIP } from 'node:net'
import { type AllowedTargets, isAllowed } from './addresses.ts'
import { type Fetched, fetchOnce, type FetchTarget } from './fetch-once.ts'
import { withinTime } from './within-time.ts'

export interface OutboundOptions {
  /** Addresses of a host name, in the order in which they are tried; empty when there are none. Not asked for numeric hosts. */
  readonly resolve: (hostname: string, signal: AbortSignal) => Promise<readonly string[]>
  readonly targets: AllowedTargets
  /** For the whole request, every address together. */
  readonly timeoutMs: number
  readonly bodyLimitBytes: number
  readonly trust: FetchTarget['trust']
  readonly schemes: readonly ('http:' | 'https:')[]
}

export interface OutboundRequest extends Pick<FetchTarget, 'method' | 'headers' | 'content'> {
  readonly url: string
}

/** A request that was not made, or not answered, and why; the message names no credentials. */
export class OutboundFailure extends Error {
  readonly isRefusal: boolean

  constructor(message: string, options: { readonly isRefusal: boolean; readonly cause?: unknown }) {
    super(message, { cause: options.cause })
    this.isRefusal = options.isRefusal
  }
}

/** Follows no redirect. Throws `OutboundFailure`. */
export type OutboundFetch = (request: OutboundRequest, signal: AbortSignal) => Promise<Fetched>

/** An address that swallows packets must leave time for the next one. */
const CONNECT_SHARE = 3

/**
 * The one way out for every URL that a stranger, a CA or a user named. The host is resolved once, each address is judged, and the connection
 * goes to the very number that was judged: neither a redirect nor a changing DNS answer leads into a private network.
 */
export function createOutboundFetch(options: OutboundOptions): OutboundFetch {
  return async (request, outer) => {
    const url = requireUrl(request.url, options.schemes)
    return withinTime(options.timeoutMs, outer, async (signal) => {
      const addresses = await allowedAddresses(options, url, signal)
      let failure: unknown = null
      for (const address of addresses) {
        if (signal.aborted) break
        const share = addresses.length > 1 ? options.timeoutMs / CONNECT_SHARE : options.timeoutMs
        const target = { ...options, ...request, url, address, port: portOf(url) }
        try {
          return await withinTime(share, signal, (limited) => fetchOnce(target, limited))
        } catch (error) {
          failure = error
        }
      }
      const why = failure instanceof Error ? failure.message : 'no answer in time'
      throw new OutboundFailure(`${url.host} could not be reached: ${why}`, {
        isRefusal: false,
        cause: failure,
      })
    })
  }
}

function requireUrl(text: string, schemes: OutboundOptions['schemes']): URL {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !schemes.some((scheme) => scheme === url.protocol))
    throw new OutboundFailure(`not a URL that begins with ${schemes.join('// or ')}//`, { isRefusal: true })
  if (url.username !== '' || url.password !== '')
    throw new OutboundFailure(`a URL with credentials is not fetched (${url.host})`, { isRefusal: true })
  return url
}

export const portOf = (url: URL): number =>
  url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port)

async function allowedAddresses(
  options: OutboundOptions,
  url: URL,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const addresses = isIP(host) === 0 ? await options.resolve(host, signal) : [host]
  const allowed = addresses.filter((address) => isAllowed(address, options.targets))
  if (allowed.length > 0) return allowed
  const told = addresses.length === 0 ? 'it has no address' : addresses.join(', ')
  throw new OutboundFailure(
    `${host} is not where Certrail may connect to: ${told} (CERTRAIL_ALLOW_PRIVATE_TARGETS)`,
    { isRefusal: addresses.length > 0 },
  )
}
