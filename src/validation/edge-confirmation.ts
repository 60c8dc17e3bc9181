import { fetchOnce } from '../outbound/fetch-once.ts'
import { withinTime } from '../outbound/within-time.ts'
import type { ChallengeEdges, EdgeConfirmation } from '../ports/challenge-edges.ts'
import type { LookTarget } from '../ports/challenge-look.ts'
import { proofAt } from './tls-look.ts'

export interface EdgePort {
  readonly id: string
  /** `host:port`, IPv6 in brackets; numeric. */
  readonly addresses: readonly string[]
}

export interface ChallengeEdgesOptions {
  /** Of all edges that live now: plain HTTP, and TLS of the production network. */
  readonly ports: (kind: 'http' | 'production') => Promise<readonly EdgePort[]>
  readonly timeoutMs: number
}

const BODY_LIMIT_BYTES = 1024

/** Asks our own edges, at the addresses that they registered themselves: no stranger's URL, hence no guard against private addresses. */
export function createChallengeEdges({ ports, timeoutMs }: ChallengeEdgesOptions): ChallengeEdges {
  return {
    async confirm(target, signal) {
      const isTls = target.type === 'tls-alpn-01'
      const edges = await ports(isTls ? 'production' : 'http')
      const ask = isTls ? withoutProof : missing
      return Promise.all(
        edges.flatMap(({ id, addresses }) =>
          addresses.map(
            async (address): Promise<EdgeConfirmation> => ({
              edge: id,
              address,
              error: await withinTime(timeoutMs, signal, (limited) => ask(address, target, limited)),
            }),
          ),
        ),
      )
    },
  }
}

async function missing(
  registered: string,
  { identifier, token, keyAuthorization }: Omit<LookTarget, 'type'>,
  signal: AbortSignal,
): Promise<string | null> {
  const at = endpointOf(registered)
  const url = new URL(`http://${identifier}/.well-known/acme-challenge/${token}`)
  try {
    const { status, body } = await fetchOnce(
      { url, ...at, bodyLimitBytes: BODY_LIMIT_BYTES, trust: 'ignore' },
      signal,
    )
    if (status !== 200) return `status ${status}`
    return body.toString('utf8').trimEnd() === keyAuthorization ? null : 'another value'
  } catch (error) {
    if (signal.aborted) return 'no answer in time'
    return error instanceof Error ? error.message : String(error)
  }
}

async function withoutProof(
  registered: string,
  target: LookTarget,
  signal: AbortSignal,
): Promise<string | null> {
  const proof = await proofAt(endpointOf(registered), target, signal)
  return proof.outcome === 'found' ? null : proof.error
}

function endpointOf(registered: string): { readonly address: string; readonly port: number } {
  const { hostname, port } = new URL(`http://${registered}`)
  return { address: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 80) }
}
