import { z } from 'zod'
import type { PauseWish, UseCases } from '../app/use-cases.ts'
import { NETWORKS } from '../domain/network.ts'
import type { Network } from '../domain/network.ts'
import { toWireTime } from '../domain/time.ts'
import { Problem } from '../errors/problem.ts'
import type { PauseRecord } from '../ports/pauses.ts'
import type { JsonObject } from '../wire/json.ts'
import { wireTime } from '../wire/members.ts'
import { isPlainText, NOT_PLAIN_TEXT } from '../wire/plain-text.ts'
import { type Answer, json, type SignedExchange } from './exchange.ts'
import { enrollmentOf } from './query.ts'
import { readOwn } from './request-entity.ts'
import type { Route, SignedRoute } from './route.ts'

const BASE = '/certrail/v1'

const pause = z.strictObject({
  network: z
    .enum(NETWORKS, { error: `must be ${NETWORKS.join(' or ')}, or null for both` })
    .nullish()
    .transform((given) => given ?? null),
  reason: z.string().trim().max(200).refine(isPlainText, { error: NOT_PLAIN_TEXT }).default(''),
})

const pausesAnswer = z.strictObject({
  pauses: z.array(
    z.strictObject({
      of: z.enum(['installation', 'account', 'enrollment']),
      enrollmentId: z.int().nullable(),
      network: z.enum(NETWORKS).nullable(),
      reason: z.string(),
      pausedBy: z.string().nullable(),
      pausedAt: wireTime,
    }),
  ),
})

interface Scope {
  readonly path: string
  readonly name: string
  readonly words: string
  readonly access: SignedRoute['access']
  readonly of: (exchange: SignedExchange) => PauseWish['of']
}

const SCOPES: readonly Scope[] = [
  {
    path: `${BASE}/enrollments/:enrollmentId/pause`,
    name: 'Enrollment',
    words: 'the enrollment',
    access: 'write',
    of: enrollmentOf,
  },
  { path: `${BASE}/pause`, name: 'Account', words: 'the account', access: 'write', of: () => 'account' },
  {
    path: `${BASE}/installation/pause`,
    name: 'Installation',
    words: 'every account, for those who run the installation',
    access: 'admin',
    of: () => 'installation',
  },
]

/** Our own API: nothing new reaches networks until somebody resumes. */
export function pauseRoutes(useCases: UseCases): readonly Route[] {
  const routesOf = ({ path, name, words, access, of }: Scope): readonly Route[] => [
    {
      method: 'PUT',
      path,
      operationId: `pause${name}`,
      summary: `Let nothing new of ${words} reach a network, or both, until it is resumed`,
      access,
      success: [200],
      answerSchema: pausesAnswer,
      bodySchema: pause,
      answer: async (exchange) => {
        const whose = of(exchange)
        await lookFor(exchange, whose)
        const wish = { of: whose, ...readOwn(exchange, pause) }
        return answered(exchange, await useCases.pauseDeployments(exchange.caller, wish))
      },
    },
    {
      method: 'DELETE',
      path,
      operationId: `resume${name}`,
      summary: `Let what waited of ${words} go on, as far as no other pause covers it`,
      access,
      success: [200],
      query: [{ name: 'network', meaning: 'The pause of this network; without it the one of both' }],
      answerSchema: pausesAnswer,
      answer: async (exchange) => {
        const whose = of(exchange)
        await lookFor(exchange, whose)
        const wish = { of: whose, network: networkOf(exchange.query) }
        return answered(exchange, await useCases.resumeDeployments(exchange.caller, wish))
      },
    },
  ]

  /** Before the body: an object of others does not exist, whatever is asked of it. */
  async function lookFor({ caller }: SignedExchange, whose: PauseWish['of']): Promise<void> {
    if (whose !== 'account' && whose !== 'installation') await useCases.getEnrollment(caller, whose)
  }

  return [
    {
      method: 'GET',
      path: `${BASE}/pauses`,
      operationId: 'listPauses',
      summary: 'What is paused of the account, and of the installation',
      access: 'read',
      success: [200],
      answerSchema: pausesAnswer,
      answer: async (exchange) => answered(exchange, await useCases.pauses(exchange.caller)),
    },
    ...SCOPES.flatMap(routesOf),
  ]
}

/** @throws Problem 'validation-error' */
function networkOf(query: URLSearchParams): Network | null {
  const given = query.get('network')
  if (given === null) return null
  const network = NETWORKS.find((name) => name === given)
  if (network !== undefined) return network
  throw new Problem('validation-error', {
    errors: [{ field: 'network', detail: `must be ${NETWORKS.join(' or ')}` }],
  })
}

const answered = ({ caller }: SignedExchange, pauses: readonly PauseRecord[]): Answer =>
  json({ pauses: pauses.map((each) => pauseJson(each, caller.accountId)) })

/** Who paused the installation is a client of another account, and nobody's affair. */
const pauseJson = (record: PauseRecord, own: string): JsonObject => ({
  of: record.accountId === null ? 'installation' : record.enrollmentId === null ? 'account' : 'enrollment',
  enrollmentId: record.enrollmentId,
  network: record.network,
  reason: record.reason,
  pausedBy: record.accountId === own ? record.pausedBy : null,
  pausedAt: toWireTime(record.pausedAt),
})
