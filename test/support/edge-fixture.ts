import type { ConnectionOutcome, EdgeLog } from '../../src/edge/builtin/observation.ts'
import {
  createEdgeNetwork,
  type EdgeNetwork,
  type EdgeNetworkOptions,
} from '../../src/edge/builtin/edge-network.ts'
import type { BoundAddress } from '../../src/inbound/listen.ts'

export interface EdgeFixture {
  readonly network: EdgeNetwork
  readonly address: BoundAddress
  readonly built: () => number
  readonly evicted: () => number
  /** Clients that were turned away after their handshake. */
  readonly refused: () => number
  readonly warnings: readonly object[]
  /** How many connections have ended so, so far. */
  readonly ended: (outcome: ConnectionOutcome) => number
  /** Resolves when a connection has ended so, counting those since the fixture was made. */
  readonly untilEnded: (outcome: ConnectionOutcome, times?: number) => Promise<void>
}

/** A staging network on loopback that counts what happens to it. The caller closes `network`. */
export async function startEdge(options: Partial<EdgeNetworkOptions> = {}): Promise<EdgeFixture> {
  const outcomes: ConnectionOutcome[] = []
  const waiting = new Set<() => void>()
  const warnings: object[] = []
  let built = 0
  let evicted = 0
  let refused = 0
  const log: EdgeLog = { debug: () => {}, warn: (facts) => void warnings.push(facts) }
  const ended = (outcome: ConnectionOutcome): number => outcomes.filter((one) => one === outcome).length

  const network = await createEdgeNetwork({
    network: 'staging',
    listen: { hosts: ['127.0.0.1'], port: 0 },
    log,
    metrics: {
      connectionEnded: (outcome) => {
        outcomes.push(outcome)
        for (const look of waiting) look()
      },
      contextBuilt: () => void built++,
      contextEvicted: () => void evicted++,
      clientRefused: () => void refused++,
    },
    ...options,
  })

  function untilEnded(outcome: ConnectionOutcome, times = 1): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (ended(outcome) < times) return
        waiting.delete(look)
        resolve()
      }
      waiting.add(look)
      look()
    })
  }

  const [address] = network.addresses
  if (address === undefined) throw new Error('the edge has no address')
  return {
    network,
    address,
    built: () => built,
    evicted: () => evicted,
    refused: () => refused,
    warnings,
    ended,
    untilEnded,
  }
}
