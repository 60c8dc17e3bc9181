import { z } from 'zod'
import type { UseCases } from '../app/use-cases.ts'
import type { ClientView, NewClient } from '../app/views.ts'
import { accountId } from '../domain/identifiers.ts'
import { fromWireTime, type Instant, toWireTime } from '../domain/time.ts'
import type { JsonObject } from '../wire/json.ts'
import { isPlainText, NOT_PLAIN_TEXT } from '../wire/plain-text.ts'
import { type Answer, type Exchange, json, type SignedExchange } from './exchange.ts'
import { accountShownAnswer, clientAnswer, clientsAnswer, clientShownAnswer } from './own-answers.ts'
import { afterLookingFor, readOwn } from './request-entity.ts'
import type { Route } from './route.ts'

const BASE = '/certrail/v1'
const CLIENTS = `${BASE}/accounts/:accountId/clients`

const text = z.string().trim().min(1).max(128).refine(isPlainText, { error: NOT_PLAIN_TEXT })

const end = z
  .string({ error: 'must be a time as RFC 3339 has it, or null' })
  .transform((given, context) => {
    const at = fromWireTime(given)
    if (at !== null) return at
    context.addIssue('must be a time as RFC 3339 has it, or null')
    return z.NEVER
  })
  .nullable()

const section = z
  .string()
  .regex(/^[A-Za-z0-9_.-]{1,64}$/, { error: 'must be a name that can head a section of an edgerc' })
  .nullish()

const newClient = z.object({
  role: z.enum(['admin', 'operator', 'read-only'], { error: 'must be admin, operator or read-only' }),
  name: text.nullish(),
  section,
  expiresAt: end.optional(),
  switchKeys: z.array(z.string().min(1).max(128)).max(100).nullish(),
})
const changes = z.strictObject({
  name: text.optional(),
  disabled: z.boolean({ error: 'must be true or false' }).optional(),
  expiresAt: end.optional(),
})
const newCredential = z.object({ section, expiresAt: end.optional() })

/** Own API: API clients of an account, and the two credentials that a rotation needs. Times are of the real clock. */
export function clientRoutes(useCases: UseCases): readonly Route[] {
  async function account({ caller }: SignedExchange): Promise<Answer> {
    const { id, name, contracts } = await useCases.describeAccount(caller)
    const client = { id: caller.clientId, name: caller.clientName, role: caller.role }
    return json({ id, name, contracts, client })
  }

  async function list(exchange: SignedExchange): Promise<Answer> {
    const clients = await useCases.listClients(exchange.caller, accountOf(exchange))
    return json({ clients: clients.map(clientJson) })
  }

  async function show(exchange: SignedExchange): Promise<Answer> {
    return json(
      clientJson(await useCases.getClient(exchange.caller, accountOf(exchange), clientOf(exchange))),
    )
  }

  async function create(exchange: SignedExchange): Promise<Answer> {
    const read = readOwn(exchange, newClient)
    const client = await useCases.createClient(exchange.caller, accountOf(exchange), {
      role: read.role,
      name: read.name ?? null,
      expiresAt: read.expiresAt ?? null,
      switchKeys: read.switchKeys ?? [],
    })
    return credentialAnswer(exchange, client, read.section ?? null)
  }

  /** What an administrator may not see is not there, whatever he sends. */
  const reading = <Schema extends z.ZodType>(exchange: SignedExchange, schema: Schema) =>
    afterLookingFor(
      () => useCases.getClient(exchange.caller, accountOf(exchange), clientOf(exchange)),
      () => readOwn(exchange, schema),
    )

  async function change(exchange: SignedExchange): Promise<Answer> {
    const { name, disabled, expiresAt } = await reading(exchange, changes)
    const changed = await useCases.changeClient(exchange.caller, accountOf(exchange), {
      id: clientOf(exchange),
      changes: {
        ...(name === undefined ? {} : { name }),
        ...(disabled === undefined ? {} : { disabled }),
        ...(expiresAt === undefined ? {} : { expiresAt }),
      },
    })
    return json(clientJson(changed))
  }

  async function rotate(exchange: SignedExchange): Promise<Answer> {
    const read = await reading(exchange, newCredential)
    const added = await useCases.addCredential(exchange.caller, accountOf(exchange), {
      id: clientOf(exchange),
      expiresAt: read.expiresAt ?? null,
    })
    return credentialAnswer(exchange, added, read.section ?? null)
  }

  async function retire(exchange: SignedExchange): Promise<Answer> {
    const retired = await useCases.retireCredential(exchange.caller, accountOf(exchange), {
      id: clientOf(exchange),
      clientToken: exchange.parameters['clientToken'] ?? '',
    })
    return json(clientJson(retired))
  }

  const common = { access: 'admin', answerSchema: clientShownAnswer } as const
  return [
    {
      method: 'GET',
      path: `${BASE}/account`,
      operationId: 'getOwnAccount',
      summary: 'The account that the call acts on, its contracts, and the client that calls',
      access: 'read',
      success: [200],
      answerSchema: accountShownAnswer,
      answer: account,
    },
    {
      ...common,
      method: 'GET',
      path: CLIENTS,
      operationId: 'listClients',
      summary: 'The API clients of an account, with their credentials and when each was used last',
      success: [200],
      answerSchema: clientsAnswer,
      answer: list,
    },
    {
      ...common,
      method: 'POST',
      path: CLIENTS,
      operationId: 'createClient',
      summary: 'Create an API client; its secret is shown this once',
      success: [201],
      answerSchema: clientAnswer,
      bodySchema: newClient,
      answer: create,
    },
    {
      ...common,
      method: 'GET',
      path: `${CLIENTS}/:clientId`,
      operationId: 'getClient',
      summary: 'An API client',
      success: [200],
      answer: show,
    },
    {
      ...common,
      method: 'PUT',
      path: `${CLIENTS}/:clientId`,
      operationId: 'changeClient',
      summary: 'Rename, disable or enable an API client, or set its end; what is not named stays',
      success: [200],
      bodySchema: changes,
      answer: change,
    },
    {
      ...common,
      method: 'POST',
      path: `${CLIENTS}/:clientId/credentials`,
      operationId: 'addCredential',
      summary: 'A second credential, to take the place of the first; its secret is shown this once',
      success: [201],
      answerSchema: clientAnswer,
      bodySchema: newCredential,
      answer: rotate,
    },
    {
      ...common,
      method: 'DELETE',
      path: `${CLIENTS}/:clientId/credentials/:clientToken`,
      operationId: 'retireCredential',
      summary: 'Retire a credential for good',
      success: [200],
      answer: retire,
    },
  ]
}

const accountOf = (exchange: Exchange) => accountId(exchange.parameters['accountId'] ?? '')
const clientOf = (exchange: Exchange): string => exchange.parameters['clientId'] ?? ''

function credentialAnswer({ host }: Exchange, client: NewClient, section: string | null): Answer {
  const edgerc = edgercSection(section ?? 'default', host, client)
  return json(
    { ...client, expiresAt: timeOrNull(client.expiresAt), edgerc },
    { status: 201, headers: { 'Cache-Control': 'no-store' } },
  )
}

const timeOrNull = (at: Instant | null): string | null => (at === null ? null : toWireTime(at))

const clientJson = (client: ClientView): JsonObject => ({
  id: client.id,
  name: client.name,
  role: client.role,
  disabled: client.disabled,
  createdAt: toWireTime(client.createdAt),
  expiresAt: timeOrNull(client.expiresAt),
  lastUsedAt: timeOrNull(client.lastUsedAt),
  switchesTo: client.maySwitch ? 'any' : [...client.switchAccounts],
  credentials: client.credentials.map((one) => ({
    clientToken: one.clientToken,
    status: one.status,
    createdAt: toWireTime(one.createdAt),
    expiresAt: timeOrNull(one.expiresAt),
    lastUsedAt: timeOrNull(one.lastUsedAt),
  })),
})

/** Ready to paste (spec: behaviour F3). */
function edgercSection(section: string, host: string, client: NewClient): string {
  return [
    `[${section}]`,
    `host = ${host}`,
    `client_token = ${client.clientToken}`,
    `client_secret = ${client.clientSecret}`,
    `access_token = ${client.accessToken}`,
    '',
  ].join('\n')
}
