import { HOUR, type Instant } from '../../domain/time.ts'
import { Problem } from '../../errors/problem.ts'
import type { Clock } from '../../ports/clock.ts'
import { type Directory, directoryRequest, readDirectory } from './directory.ts'
import { jsonIn } from './json.ts'
import { type JwsHeader, type JwsKey, signJws } from './jws.ts'
import { createNoncePool, nonceRequest, readNonce } from './nonce-pool.ts'
import {
  AcmeRefusal,
  isAcmeProblem,
  NOT_OFFERED,
  type ProblemDocument,
  readProblem,
  UNEXPLAINED,
} from './problem.ts'
import { retryAfterSeconds } from './retry-after.ts'
import type { AcmeResponse, AcmeSend } from './send.ts'
import { readWantedAction } from './wanted-action.ts'

/** Who signs: an account by its URL, or a bare key (new accounts, and revocation by a certificate's key). */
export interface AcmeSigner {
  readonly key: JwsKey
  readonly accountUrl: string | null
}

export interface SignedRequest {
  readonly url: string
  /** Null: POST-as-GET. */
  readonly payload: unknown
  readonly accept?: string
}

/** One ACME server: its directory, its nonces, and requests signed for it. */
export interface AcmeServer {
  readonly directoryUrl: string
  directory(signal: AbortSignal): Promise<Directory>
  /** Throws `AcmeRefusal` when the server says no. badNonce is tried again with another nonce (RFC 8555 section 6.5). */
  post(signer: AcmeSigner, request: SignedRequest, signal: AbortSignal): Promise<AcmeResponse>
  /** Without a signature: for renewal information (RFC 9773 section 4.1). */
  get(url: string, signal: AbortSignal): Promise<AcmeResponse>
}

export interface AcmeServerDeps {
  readonly send: AcmeSend
  readonly directoryUrl: string
  /** The real clock. */
  readonly clock: Clock
}

const DIRECTORY_KEPT_MS = HOUR
/** A server that refuses half of all good nonces is met 24 times in a row once in 17 million requests. */
const MOST_NONCES = 24

export function createAcmeServer({ send, directoryUrl, clock }: AcmeServerDeps): AcmeServer {
  const nonces = createNoncePool()
  let known: { readonly until: Instant; readonly directory: Directory } | null = null

  const exchange: AcmeSend = async (request, signal) => {
    const response = await send(request, signal)
    nonces.keepFrom(response)
    return response
  }
  const directory = async (signal: AbortSignal): Promise<Directory> => {
    if (known !== null && known.until > clock.now()) return known.directory
    const response = judged(await exchange(directoryRequest(directoryUrl), signal), clock.now(), directoryUrl)
    const read = readDirectory(response)
    known = { until: (clock.now() + DIRECTORY_KEPT_MS) as Instant, directory: read }
    return read
  }
  const freshNonce = async (signal: AbortSignal): Promise<string> => {
    const { newNonce } = await directory(signal)
    const response = judged(await send(nonceRequest(newNonce), signal), clock.now(), newNonce)
    return readNonce(response)
  }
  return {
    directoryUrl,
    directory,
    get: async (url, signal) => judged(await exchange({ method: 'GET', url }, signal), clock.now(), url),
    async post({ key, accountUrl }, { url, payload, accept }, signal) {
      const who: Pick<JwsHeader, 'kid' | 'jwk'> = accountUrl === null ? { jwk: key.jwk } : { kid: accountUrl }
      for (let attempt = 1; ; attempt += 1) {
        const nonce = nonces.take() ?? (await freshNonce(signal))
        const body = JSON.stringify(signJws(key, { nonce, url, ...who }, payload))
        const response = await exchange(
          { method: 'POST', url, body, ...(accept === undefined ? {} : { accept }) },
          signal,
        )
        try {
          if (payload === null && isGoneForGood(response)) throw new AcmeRefusal(unexplained(response))
          return judged(response, clock.now(), url)
        } catch (error) {
          if (!isBadNonce(error) || attempt === MOST_NONCES) throw error
        }
      }
    },
  }
}

const isBadNonce = (error: unknown): boolean =>
  error instanceof AcmeRefusal && error.problem.type === 'badNonce'

/**
 * Some servers say nothing more of what they do not know, Pebble for one; of an order or authorization that is an answer. Of a URL of the directory it
 * is none: something else answers there.
 */
const isGoneForGood = (response: AcmeResponse): boolean =>
  [404, 410, ...NOT_OFFERED].includes(response.status) && problemIn(response) === null

const unexplained = ({ status }: AcmeResponse): ProblemDocument => ({
  type: UNEXPLAINED,
  detail: `status ${status} and no explanation`,
  status,
  subproblems: [],
})

/** Throws for whatever is no success. RFC 8555 section 6.7; a redirect is none of its answers. */
function judged(response: AcmeResponse, now: Instant, url: string): AcmeResponse {
  const { status } = response
  if (status >= 200 && status < 300) return response
  const wait = retryAfterSeconds(response, now)
  const problem = problemIn(response) ?? (isBareLimit(status, wait) ? unexplained(response) : null)
  if (problem !== null) {
    const isWanted = problem.type === 'userActionRequired'
    const action = isWanted ? readWantedAction(jsonIn(response.body), response, url) : null
    throw new AcmeRefusal(problem, wait, action)
  }
  throw new Problem('authority-unavailable', {
    detail: `The certificate authority answered with status ${status} and no explanation.`,
    ...(wait === null ? {} : { retryAfterSeconds: wait }),
  })
}

/** A limit needs no words: what stands before the CA, or an answer without a body (to HEAD), says it by the status alone. */
const isBareLimit = (status: number, wait: number | null): boolean =>
  status === 429 || (status === 503 && wait !== null)

/** Null: none, or one that cannot be read; what stands before the CA labels its own answers as it likes. A problem of ACME is one under any label. */
function problemIn(response: AcmeResponse): ProblemDocument | null {
  const body = jsonIn(response.body)
  const type = (response.header('content-type') ?? '').toLowerCase()
  if (!type.startsWith('application/problem+json') && !isAcmeProblem(body)) return null
  return readProblem(body, response.status)
}
