import { z } from 'zod'
import type { UseCases } from '../app/use-cases.ts'
import type { EdgeView } from '../app/views.ts'
import { NETWORKS } from '../domain/network.ts'
import { toWireTime } from '../domain/time.ts'
import type { JsonObject } from '../wire/json.ts'
import { wireTime } from '../wire/members.ts'
import { json } from './exchange.ts'
import type { Route } from './route.ts'

const edgesAnswer = z.strictObject({
  edges: z.array(
    z.strictObject({
      id: z.string(),
      network: z.enum(NETWORKS),
      kind: z.enum(['builtin', 'haproxy', 'directory']).nullable(),
      addresses: z.array(z.string()),
      version: z.string().nullable(),
      capabilities: z.array(z.string()),
      state: z.enum(['serving', 'behind', 'away', 'silent', 'unknown']),
      fault: z.string().nullable(),
      servedNames: z.int().nullable(),
      wishedNames: z.int(),
      heardAt: wireTime,
      lastProbe: z
        .strictObject({
          address: z.string(),
          serverName: z.string(),
          serialNumber: z.string(),
          protocol: z.string(),
          changeId: z.int(),
          at: wireTime,
        })
        .nullable(),
    }),
  ),
})

/** Our own API: what serves the networks. */
export const edgeRoutes = (useCases: UseCases): readonly Route[] => [
  {
    method: 'GET',
    path: '/certrail/v1/edges',
    operationId: 'listEdges',
    summary:
      'Every process that serves a network, with what it is, and what it serves compared with the wish; for those who run the installation',
    access: 'read',
    success: [200],
    answerSchema: edgesAnswer,
    answer: async ({ caller }) => json({ edges: (await useCases.edges(caller)).map(edgeJson) }),
  },
]

/** `heardAt` and `lastProbe.at` are real time. */
const edgeJson = ({ status, lastProbe, ...edge }: EdgeView): JsonObject => ({
  id: edge.id,
  network: edge.network,
  kind: status?.kind ?? null,
  addresses: [...edge.addresses],
  version: status?.version ?? null,
  capabilities: [...(status?.capabilities ?? [])],
  state: edge.state,
  fault: status?.fault ?? null,
  servedNames: status?.names ?? null,
  wishedNames: edge.wishedNames,
  heardAt: toWireTime(edge.heardAt),
  lastProbe:
    lastProbe === null
      ? null
      : {
          address: lastProbe.address,
          serverName: lastProbe.serverName,
          serialNumber: lastProbe.serialNumber,
          protocol: lastProbe.protocol,
          changeId: lastProbe.changeId,
          at: toWireTime(lastProbe.realAt),
        },
})
