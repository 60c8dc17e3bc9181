import { request as plainRequest, type IncomingMessage } from 'node:http'
import { request as secureRequest } from 'node:https'
import { isIP } from 'node:net'

export interface Fetched {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly location: string | null
  /** At most the limit's octets. */
  readonly body: Buffer
  /** There was more than the limit. */
  readonly isCut: boolean
}

export interface FetchTarget {
  readonly url: URL
  /** Numeric, already allowed: no name is resolved here, so nobody can answer another address in between (DNS rebinding). */
  readonly address: string
  readonly port: number
  readonly bodyLimitBytes: number
  /** Of https: `ignore` where something else proves who answers, `system` for the system's roots, or PEM of the roots to trust. */
  readonly trust: 'ignore' | 'system' | { readonly roots: string }
  readonly method?: 'GET' | 'HEAD' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly content?: Uint8Array
}

/** One request to one address, without following anything. Rejects with Node's error, or with the signal's. */
export function fetchOnce(target: FetchTarget, signal: AbortSignal): Promise<Fetched> {
  const { url, address, port, bodyLimitBytes, content } = target
  return new Promise((resolve, reject) => {
    const options = {
      host: address,
      port,
      method: target.method ?? 'GET',
      path: `${url.pathname}${url.search}`,
      headers: {
        host: url.host,
        'user-agent': 'Certrail',
        accept: '*/*',
        connection: 'close',
        ...(content === undefined ? {} : { 'content-length': String(content.length) }),
        ...target.headers,
      },
      agent: false as const,
      signal,
    }
    const answer = (response: IncomingMessage) => {
      readBounded(response, bodyLimitBytes).then(({ body, isCut }) => {
        const { statusCode: status = 0, headers } = response
        resolve({ status, headers, location: headers.location ?? null, body, isCut })
      }, reject)
    }
    const sent =
      url.protocol === 'https:'
        ? secureRequest({ ...options, ...tlsOptions(target) }, answer)
        : plainRequest(options, answer)
    sent.on('error', reject)
    sent.end(content)
  })
}

/** The connection goes to a number; the certificate is judged by the name that was asked for. */
function tlsOptions({ url, trust }: FetchTarget) {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const named = isIP(host) === 0 ? { servername: host } : {}
  if (trust === 'ignore') return { ...named, rejectUnauthorized: false }
  return trust === 'system' ? named : { ...named, ca: trust.roots }
}

async function readBounded(response: IncomingMessage, limit: number) {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    length += chunk.length
    if (length > limit) break
  }
  response.destroy()
  return { body: Buffer.concat(chunks).subarray(0, limit), isCut: length > limit }
}
