import { z } from 'zod'
import type { UseCases } from '../app/use-cases.ts'
import { NETWORKS } from '../domain/network.ts'
import { isPlainText, NOT_PLAIN_TEXT } from '../wire/plain-text.ts'
import { type Answer, json, NO_CONTENT, type SignedExchange } from './exchange.ts'
import { trustChainSetAnswer, trustChainSetsAnswer } from './own-answers.ts'
import { trustChainSetJson, trustChainSetOutline } from './own-json.ts'
import { ownId } from './own-id.ts'
import { afterLookingFor, readOwn } from './request-entity.ts'
import type { Route } from './route.ts'

const SETS = '/certrail/v1/trust-chain-sets'
const ONE = `${SETS}/:setId`

const certificates = z.string({ error: 'must be PEM certificates, one after another' })
const newSet = z.strictObject({
  id: ownId,
  name: z.string().trim().min(1).max(128).refine(isPlainText, { error: NOT_PLAIN_TEXT }),
  certificates,
})
const newRevision = z.strictObject({ certificates })
const activation = z.strictObject({
  network: z.enum(NETWORKS, { error: 'must be staging or production' }),
  revision: z.int({ error: 'must be the number of a revision' }).min(1),
})

/** Own API: the sets of authorities that `clientMutualAuthentication.setId` of an enrollment names. */
export function trustChainSetRoutes(useCases: UseCases): readonly Route[] {
  const idIn = (exchange: SignedExchange): string => exchange.parameters['setId'] ?? ''

  const looked = <Value>(exchange: SignedExchange, read: () => Value): Promise<Value> =>
    afterLookingFor(() => useCases.getTrustChainSet(exchange.caller, idIn(exchange)), read)

  async function create(exchange: SignedExchange): Promise<Answer> {
    const { id, ...rest } = readOwn(exchange, newSet)
    const made = await useCases.createTrustChainSet(exchange.caller, { id: id ?? null, ...rest })
    return json(trustChainSetJson(made), { status: 201 })
  }

  async function revise(exchange: SignedExchange): Promise<Answer> {
    const sent = await looked(exchange, () => readOwn(exchange, newRevision))
    const set = await useCases.reviseTrustChainSet(exchange.caller, idIn(exchange), sent.certificates)
    return json(trustChainSetJson(set), { status: 201 })
  }

  async function activate(exchange: SignedExchange): Promise<Answer> {
    const sent = await looked(exchange, () => readOwn(exchange, activation))
    return json(
      trustChainSetJson(await useCases.activateTrustChainSet(exchange.caller, idIn(exchange), sent)),
    )
  }

  return [
    {
      method: 'GET',
      path: SETS,
      operationId: 'listTrustChainSets',
      summary: 'The trust-chain sets of the account',
      access: 'read',
      success: [200],
      answerSchema: trustChainSetsAnswer,
      answer: async ({ caller }) =>
        json({ trustChainSets: (await useCases.listTrustChainSets(caller)).map(trustChainSetOutline) }),
    },
    {
      method: 'POST',
      path: SETS,
      operationId: 'createTrustChainSet',
      summary: 'Create a trust-chain set; both networks enforce its first revision',
      access: 'write',
      success: [201],
      bodySchema: newSet,
      answerSchema: trustChainSetAnswer,
      answer: create,
    },
    {
      method: 'GET',
      path: ONE,
      operationId: 'getTrustChainSet',
      summary: 'A trust-chain set with all its revisions, and the enrollments that name it',
      access: 'read',
      success: [200],
      answerSchema: trustChainSetAnswer,
      answer: async (exchange) =>
        json(trustChainSetJson(await useCases.getTrustChainSet(exchange.caller, idIn(exchange)))),
    },
    {
      method: 'POST',
      path: `${ONE}/revisions`,
      operationId: 'reviseTrustChainSet',
      summary: 'Add a revision, which no network enforces before it is activated there',
      access: 'write',
      success: [201],
      bodySchema: newRevision,
      answerSchema: trustChainSetAnswer,
      answer: revise,
    },
    {
      method: 'POST',
      path: `${ONE}/activations`,
      operationId: 'activateTrustChainSet',
      summary: 'Let a network enforce a revision, a newer or an earlier one',
      access: 'write',
      success: [200],
      bodySchema: activation,
      answerSchema: trustChainSetAnswer,
      answer: activate,
    },
    {
      method: 'DELETE',
      path: ONE,
      operationId: 'removeTrustChainSet',
      summary: 'Remove a trust-chain set that no enrollment names',
      access: 'write',
      success: [204],
      answer: async (exchange) => {
        await useCases.removeTrustChainSet(exchange.caller, idIn(exchange))
        return NO_CONTENT
      },
    },
  ]
}
