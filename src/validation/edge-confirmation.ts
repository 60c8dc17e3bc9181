import { fetchOnce } from '../outbound/fetch-once.ts'
import { withinTime } from '../outbound/within-time.ts'
import type { ChallengeEdges, EdgeConfirmation } from '../ports/challenge-edges.ts'
import type { LookTarget } from '../ports/challenge-look.ts'

export interface HttpPort {
  readonly id: string
  /** `host:port`, IPv6 in brackets; numeric. */
  readonly addresses: readonly string[]
}

export interface ChallengeEdgesOptions {
  /** The HTTP ports of all edges that live now. */
  readonly ports: () => Promise<readonly HttpPort[]>
  readonly timeoutMs: number
}

const BODY_LIMIT_BYTES = 1024

/** Asks our own edges, at the addresses that they registered themselves: no stranger's URL, hence no guard against private addresses. */
export function createChallengeEdges({ ports, timeoutMs }: ChallengeEdgesOptions): ChallengeEdges {
  return {
    async confirm(target, signal) {
      const edges = await ports()
      return Promise.all(
        edges.flatMap(({ id, addresses }) =>
          addresses.map(
            async (address): Promise<EdgeConfirmation> => ({
              edge: id,
              address,
              error: await withinTime(timeoutMs, signal, (limited) => missing(address, target, limited)),
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
  const { hostname, port } = new URL(`http://${registered}`)
  const url = new URL(`http://${identifier}/.well-known/acme-challenge/${token}`)
  const address = hostname.replace(/^\[|\]$/g, '')
  try {
    const { status, body } = await fetchOnce(
      { url, address, port: Number(port || 80), bodyLimitBytes: BODY_LIMIT_BYTES, trust: 'ignore' },
      signal,
    )
    if (status !== 200) return `status ${status}`
    return body.toString('utf8').trimEnd() === keyAuthorization ? null : 'another value'
  } catch (error) {
    if (signal.aborted) return 'no answer in time'
    return error instanceof Error ? error.message : String(error)
  }
}
