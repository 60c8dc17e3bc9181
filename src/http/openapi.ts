import { z } from 'zod'
import type { ZodType } from 'zod'
import type { WireRow } from '../wire/row.ts'
import type { Route } from './route.ts'

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
      schemas: { Problem: PROBLEM },
    },
  }
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
  const query = (route.query ?? []).map(({ name, meaning, required }) => ({
    name,
    in: 'query',
    description: meaning,
    required: required ?? false,
    schema: { type: 'string' },
  }))
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
          { description: 'Done', content: contentOf(route.responds) },
        ]),
      ),
      default: {
        description: 'A refusal or a fault (RFC 9457)',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  }
}

function requestBody(route: Route): object {
  if (route.accepts !== undefined)
    return { requestBody: { required: true, content: contentOf(route.accepts, true) } }
  if (route.bodySchema === undefined) return {}
  return { requestBody: { content: { 'application/json': { schema: jsonSchema(route.bodySchema) } } } }
}

function contentOf(rows: readonly WireRow[] | undefined, ofRequest = false): object {
  if (rows === undefined) return { 'application/json': { schema: {} } }
  return Object.fromEntries(
    rows.map((row) => [
      row.mediaType,
      { schema: ofRequest && row.schema !== undefined ? jsonSchema(row.schema) : { type: 'object' } },
    ]),
  )
}

const jsonSchema = (schema: ZodType): object =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', target: 'draft-2020-12' })

const PROBLEM = {
  type: 'object',
  required: ['type', 'title', 'status', 'instance'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    instance: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['field', 'detail'],
        properties: { field: { type: 'string' }, detail: { type: 'string' } },
      },
    },
  },
}
