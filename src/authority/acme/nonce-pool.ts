import { unfit } from './json.ts'
import type { AcmeRequest, AcmeResponse } from './send.ts'

/** RFC 8555 section 6.5. Every answer brings a nonce; they are used in any order, each once. */
export interface NoncePool {
  take(): string | null
  /** Keeps the nonce of an answer, if it brought one. */
  keepFrom(response: Pick<AcmeResponse, 'header'>): void
}

/** As many as may be in flight at once; servers forget old ones anyway. */
const MOST = 64

export function createNoncePool(): NoncePool {
  const nonces: string[] = []
  return {
    // The youngest one: the server is the least likely to have forgotten it.
    take: () => nonces.pop() ?? null,
    keepFrom(response) {
      const nonce = nonceOf(response)
      if (nonce === null) return
      nonces.push(nonce)
      if (nonces.length > MOST) nonces.shift()
    },
  }
}

export const nonceRequest = (url: string): AcmeRequest => ({ method: 'HEAD', url })

export function readNonce(response: AcmeResponse): string {
  const nonce = nonceOf(response)
  if (nonce === null) throw unfit('a nonce', 'there is none in the answer')
  return nonce
}

/** RFC 8555 section 6.5.1: what is not base64url is ignored. */
function nonceOf(response: Pick<AcmeResponse, 'header'>): string | null {
  const value = response.header('replay-nonce')
  return value !== null && /^[A-Za-z0-9_-]{1,512}$/.test(value) ? value : null
}
