import { z } from 'zod'
import type { ZodType } from 'zod'
import type { WireRow } from '../wire/row.ts'
import { NO_CONTENT } from './exchange.ts'
import { PROBLEM, refusalResponses, refusalsOf } from './openapi-refusals.ts'
import type { QueryParameter, Route } from './route.ts'

/** Both APIs as OpenAPI 3.1, made from the routes and the versions that they speak. */
export function openApiDocument(routes: readonly Route[]): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Certrail',
      version: '1',
      description:
        'The CPS API v2 as Certrail speaks it (/cps/v2), and its own API (/certrail/v1). Certrail is independent of Akamai.',
    },
    security: [{ edgegrid: [] }],
    paths,
    components: {
      securitySchemes: {
        edgegrid: {
          type: 'apiKey',
          in: 'header',
          name: 'Authorization',
          description:
            'EdgeGrid: EG1-HMAC-SHA256 client_token=…;access_token=…;timestamp=…;nonce=…;signature=…',
        },
      },
      responses: refusalResponses(),
      schemas: { Problem: PROBLEM },
    },
  }
}

const SWITCH_KEY: QueryParameter = {
  name: 'accountSwitchKey',
  meaning: 'Another account that the client may act for',
}

/** Ids that are numbers; others are texts. */
const NUMBERED = ['enrollmentId', 'changeId']

function operation(route: Route): object {
  const parameters = [...route.path.matchAll(/:(\w+)/g)].map((match) => ({
    name: match[1],
    in: 'path',
    required: true,
    schema: NUMBERED.includes(match[1] ?? '') ? { type: 'integer', minimum: 1 } : { type: 'string' },
  }))
  const query = [...(route.query ?? []), ...(route.access === 'open' ? [] : [SWITCH_KEY])].map(
    ({ name, meaning, required }) => ({
      name,
      in: 'query',
      description: meaning,
      required: required ?? false,
      schema: { type: 'string' },
    }),
  )
  return {
    operationId: route.operationId,
    summary: route.summary,
    ...(route.access === 'open' ? { security: [] } : {}),
    parameters: [...parameters, ...query],
    ...requestBody(route),
    responses: {
      ...Object.fromEntries(
        route.success.map((status) => [
          String(status),
          status === NO_CONTENT.status
            ? { description: 'Done' }
            : { description: 'Done', content: answerContent(route) },
        ]),
      ),
      ...refusalsOf(route),
    },
  }
}

function requestBody(route: Route): object {
  if (route.accepts !== undefined)
    return { requestBody: { required: true, content: contentOf(route.accepts, ({ schema }) => schema) } }
  if (route.bodySchema === undefined) return {}
  return { requestBody: { content: { 'application/json': { schema: jsonSchema(route.bodySchema) } } } }
}

function answerContent(route: Route): object {
  if (route.responds !== undefined) return contentOf(route.responds, ({ answer }) => answer)
  if (route.answerType !== undefined) return { [route.answerType]: { schema: { type: 'string' } } }
  const { answerSchema } = route
  return {
    'application/json': { schema: answerSchema === undefined ? {} : jsonSchema(answerSchema, 'output') },
  }
}

const contentOf = (rows: readonly WireRow[], schemaOf: (row: WireRow) => ZodType | undefined): object =>
  Object.fromEntries(
    rows.map((row) => {
      const schema = schemaOf(row)
      return [row.mediaType, { schema: schema === undefined ? {} : jsonSchema(schema) }]
    }),
  )

/** Without `$schema`: the document's own dialect is the same one (OpenAPI 3.1 section 4.8.24). */
function jsonSchema(schema: ZodType, io: 'input' | 'output' = 'input'): object {
  const made = z.toJSONSchema(schema, { io, unrepresentable: 'any', target: 'draft-2020-12' })
  return Object.fromEntries(Object.entries(made).filter(([member]) => member !== '$schema'))
}
