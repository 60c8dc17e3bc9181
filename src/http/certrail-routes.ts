import { z } from 'zod'
import type { UseCases } from '../app/use-cases.ts'
import type { ChangeEventView } from '../app/views.ts'
import { accountId } from '../domain/identifiers.ts'
import { Problem } from '../errors/problem.ts'
import { isPlainText, NOT_PLAIN_TEXT } from '../wire/plain-text.ts'
import { clientRoutes } from './client-routes.ts'
import { eventStream } from './event-stream.ts'
import { type Answer, type Exchange, json, type SignedExchange } from './exchange.ts'
import type { WireContext } from '../wire/row.ts'
import { clockJson, eventJson, explanationJson } from './own-json.ts'
import {
  accountAnswer,
  clockAnswer,
  contractAnswer,
  explanationAnswer,
  healthAnswer,
  openApiAnswer,
} from './own-answers.ts'
import { ownId } from './own-id.ts'
import { trustChainSetRoutes } from './trust-chain-set-routes.ts'
import { authorityRoutes } from './authority-routes.ts'
import { operatorRoutes } from './operator-routes.ts'
import { changeOf } from './query.ts'
import { noticeRoutes } from './notice-routes.ts'
import { reportedKeyRoutes } from './reported-key-routes.ts'
import { edgeRoutes } from './edge-routes.ts'
import { generationRoutes } from './generation-routes.ts'
import { pauseRoutes } from './pause-routes.ts'
import { planRoutes } from './plan-routes.ts'
import { readOwn } from './request-entity.ts'
import type { Route } from './route.ts'

const BASE = '/certrail/v1'

const text = z.string().trim().min(1).max(128).refine(isPlainText, { error: NOT_PLAIN_TEXT })

const newAccount = z.object({ name: text, switchKey: ownId })
const newContract = z.object({ id: ownId })
export interface CertrailRouteDependencies {
  readonly wire: WireContext
  readonly useCases: UseCases
  /** The document of both APIs; asked for when all routes are known. */
  readonly openApi: () => unknown
  /** The lifecycle clock can be turned. */
  readonly sandbox: boolean
}

/** Our own API (contract.md). Never adds a member to a CPS object. */
export function certrailRoutes({
  useCases,
  wire,
  openApi,
  sandbox,
}: CertrailRouteDependencies): readonly Route[] {
  async function ready(): Promise<Answer> {
    const missing = await useCases.missing()
    if (missing.length > 0)
      throw new Problem('not-ready', { detail: `Missing: ${missing.join(', ')}.`, members: { missing } })
    return json({ status: 'ok' })
  }

  async function clock(): Promise<Answer> {
    return json(clockJson(await useCases.clock()))
  }

  async function events(exchange: SignedExchange): Promise<Answer> {
    const last = exchange.header('last-event-id') ?? ''
    const source = useCases.events(
      exchange.caller,
      /^\d{1,15}$/.test(last) ? Number(last) : null,
      exchange.signal,
    )
    return {
      status: 200,
      mediaType: 'text/event-stream',
      headers: { 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' },
      body: exchange.method === 'HEAD' ? '' : eventStream(streamed(source), exchange.signal),
    }
  }

  async function createAccount(exchange: SignedExchange): Promise<Answer> {
    const { name, switchKey } = readOwn(exchange, newAccount)
    const created = await useCases.createAccount(exchange.caller, { name, switchKey: switchKey ?? null })
    return json({ id: created.id, name, switchKey: created.switchKey }, { status: 201 })
  }

  async function createContract(exchange: SignedExchange): Promise<Answer> {
    const { id } = readOwn(exchange, newContract)
    const plain = id?.replace(/^ctr_/, '') ?? null
    return json(
      { id: await useCases.createContract(exchange.caller, accountOf(exchange), plain) },
      { status: 201 },
    )
  }

  return [
    {
      method: 'GET',
      path: `${BASE}/health`,
      operationId: 'getHealth',
      summary: 'Whether the process answers',
      access: 'open',
      success: [200],
      answerSchema: healthAnswer,
      answer: async () => json({ status: 'ok' }),
    },
    {
      method: 'GET',
      path: `${BASE}/ready`,
      operationId: 'getReady',
      summary: 'Whether everything that is needed is there; 503 says what is missing',
      access: 'open',
      success: [200],
      answerSchema: healthAnswer,
      answer: ready,
    },
    {
      method: 'GET',
      path: `${BASE}/clock`,
      operationId: 'getClock',
      summary: 'The lifecycle clock',
      access: 'read',
      success: [200],
      answerSchema: clockAnswer,
      answer: clock,
    },
    {
      method: 'GET',
      path: `${BASE}/events`,
      operationId: 'streamEvents',
      summary: 'Server-sent events: every status change of the account; Last-Event-ID goes on where it was',
      access: 'read',
      success: [200],
      answerType: 'text/event-stream',
      answer: events,
    },
    {
      method: 'GET',
      path: `${BASE}/enrollments/:enrollmentId/changes/:changeId/explain`,
      operationId: 'explainChange',
      summary: 'What a change is doing, what it waits for and who can move it',
      access: 'read',
      success: [200],
      answerSchema: explanationAnswer,
      answer: async (exchange) =>
        json(explanationJson(await useCases.explain(exchange.caller, changeOf(exchange)), wire)),
    },
    {
      method: 'GET',
      path: `${BASE}/openapi.json`,
      operationId: 'getOpenApi',
      summary: 'This document',
      access: 'read',
      success: [200],
      answerSchema: openApiAnswer,
      answer: async () => json(openApi()),
    },
    {
      method: 'POST',
      path: `${BASE}/accounts`,
      operationId: 'createAccount',
      summary: 'Create an account',
      access: 'admin',
      success: [201],
      answerSchema: accountAnswer,
      bodySchema: newAccount,
      answer: createAccount,
    },
    {
      method: 'POST',
      path: `${BASE}/accounts/:accountId/contracts`,
      operationId: 'createContract',
      summary: 'Create a contract',
      access: 'admin',
      success: [201],
      answerSchema: contractAnswer,
      bodySchema: newContract,
      answer: createContract,
    },
    ...clientRoutes(useCases),
    ...trustChainSetRoutes(useCases),
    ...planRoutes(useCases),
    ...pauseRoutes(useCases),
    ...generationRoutes(useCases),
    ...edgeRoutes(useCases),
    ...noticeRoutes(useCases),
    ...operatorRoutes(useCases, { sandbox }),
    ...authorityRoutes(useCases),
    ...reportedKeyRoutes(useCases),
  ]
}

async function* streamed(source: AsyncIterable<ChangeEventView>) {
  for await (const event of source) yield { id: event.id, data: eventJson(event) }
}

const accountOf = (exchange: Exchange) => accountId(exchange.parameters['accountId'] ?? '')
