import { request as plainRequest, type IncomingMessage } from 'node:http'
import { request as secureRequest } from 'node:https'

export interface Fetched {
  readonly status: number
  readonly location: string | null
  /** At most the limit's octets. */
  readonly body: Buffer
}

export interface FetchTarget {
  readonly url: URL
  /** Numeric, already allowed: no name is resolved here, so nobody can answer another address in between. */
  readonly address: string
  readonly port: number
  readonly bodyLimitBytes: number
}

/**
 * One GET to one address, without following anything. A certificate on an https redirect is not judged, as CAs do not (RFC 8555 section 8.3 leaves
 * it open; Let's Encrypt ignores it): what proves control is the token. Rejects with Node's error, or with the signal's.
 */
export function fetchOnce(
  { url, address, port, bodyLimitBytes }: FetchTarget,
  signal: AbortSignal,
): Promise<Fetched> {
  const secure = url.protocol === 'https:'
  return new Promise((resolve, reject) => {
    const options = {
      host: address,
      port,
      path: `${url.pathname}${url.search}`,
      headers: { host: url.host, 'user-agent': 'Certrail-validation', accept: '*/*', connection: 'close' },
      agent: false as const,
      signal,
    }
    const answer = (response: IncomingMessage) => {
      readBounded(response, bodyLimitBytes).then((body) => {
        resolve({ status: response.statusCode ?? 0, location: response.headers.location ?? null, body })
      }, reject)
    }
    const sent = secure
      ? secureRequest({ ...options, servername: url.hostname, rejectUnauthorized: false }, answer)
      : plainRequest(options, answer)
    sent.on('error', reject)
    sent.end()
  })
}

async function readBounded(response: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    length += chunk.length
    if (length >= limit) break
  }
  response.destroy()
  return Buffer.concat(chunks).subarray(0, limit)
}
