import { setTimeout as delay } from 'node:timers/promises'
import {
  createHaproxyNetwork,
  type HaproxyNetwork,
  type HaproxyNetworkOptions,
} from '../../src/edge/haproxy/haproxy-network.ts'
import { createProcessLock } from '../../src/edge/haproxy/process-lock.ts'
import { createRuntimeApi } from '../../src/edge/haproxy/runtime-api.ts'
import { createRuntimeSocket } from '../../src/edge/haproxy/runtime-socket.ts'
import { createProbe } from '../../src/edge/probe.ts'
import { createCertificateReader } from '../../src/pki/certificate-reader.ts'
import type { Edge } from '../../src/ports/edge.ts'
import type { Network } from '../../src/domain/network.ts'
import type { TestHaproxy } from './haproxy.ts'
import { createNodeRandom } from './node-random.ts'
import { steeredEdge } from './steered-edge.ts'

const { split } = createCertificateReader()
const pause = (milliseconds: number) => delay(milliseconds).then(() => {})

export interface HaproxyUnderTest {
  readonly network: HaproxyNetwork
  readonly edge: Edge
  readonly warnings: readonly { readonly facts: object; readonly message: string }[]
}

/** Our driver of that HAProxy, with wishes given by hand instead of by a database. */
export function driveHaproxy(
  haproxy: TestHaproxy,
  options: Partial<HaproxyNetworkOptions> & { readonly network?: Network; readonly socketPath?: string } = {},
): HaproxyUnderTest {
  const warnings: { facts: object; message: string }[] = []
  const probe = createProbe({ random: createNodeRandom() })
  const socketPath = options.socketPath ?? haproxy.socketPath
  const network = createHaproxyNetwork({
    network: 'staging',
    api: createRuntimeApi(createRuntimeSocket(socketPath, { timeoutMs: 10_000 })),
    withLock: createProcessLock(haproxy.socketPath, pause),
    places: haproxy.places,
    addresses: [haproxy.address],
    candidate: haproxy.candidate,
    probe,
    probeTimeoutMs: 5_000,
    split,
    log: { debug: () => {}, warn: (facts, message) => void warnings.push({ facts, message }) },
    pause,
    reload: null,
    stapleFor: async () => null,
    ...options,
  })
  const edge = steeredEdge('haproxy', network, { addresses: options.addresses ?? [haproxy.address], probe })
  return { network, edge, warnings }
}
