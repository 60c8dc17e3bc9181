import { CATALOGUE } from '../errors/catalogue.ts'
import type { Route } from './route.ts'

interface RefusalRow {
  readonly status: number
  readonly meaning: string
  readonly when: (route: Route) => boolean
}

const always = (): boolean => true
const isSigned = (route: Route): boolean => route.access !== 'open'
const namesObject = (route: Route): boolean => route.path.includes(':') || route.namesObjectInQuery === true
const hasBody = (route: Route): boolean => route.accepts !== undefined || route.bodySchema !== undefined

/** Which refusals an operation can meet. Which title and type stands behind each is the error catalogue's. */
const REFUSALS: readonly RefusalRow[] = [
  { status: 400, meaning: 'The request cannot be taken as it is', when: always },
  { status: 401, meaning: 'The signature does not hold', when: isSigned },
  { status: 403, meaning: 'The client may not do this', when: isSigned },
  { status: 404, meaning: 'There is no such thing, or not now', when: namesObject },
  {
    status: 406,
    meaning: 'None of the accepted media types is available; `acceptable` lists those that are',
    when: (route) => route.responds !== undefined,
  },
  { status: 408, meaning: 'The request did not arrive in time', when: always },
  {
    status: 409,
    meaning: 'The state of affairs does not allow it',
    when: (route) => route.method !== 'GET' && isSigned(route),
  },
  // A body that has no meaning is read all the same, since the signature covers it.
  { status: 413, meaning: 'The body is larger than this service reads', when: hasBody },
  {
    status: 415,
    meaning: 'The Content-Type is not understood; `supported` lists those that are',
    when: (route) => route.accepts !== undefined,
  },
  { status: 429, meaning: 'Too many requests', when: isSigned },
  { status: 431, meaning: 'The header is larger than this service reads', when: always },
  { status: 500, meaning: 'A fault; the log has it under the id of `instance`', when: always },
  { status: 503, meaning: 'Something that is needed is away for now', when: always },
]

export const refusalsOf = (route: Route): object =>
  Object.fromEntries(
    REFUSALS.filter(({ when }) => when(route)).map(({ status }) => [
      String(status),
      { $ref: `#/components/responses/${status}` },
    ]),
  )

export const refusalResponses = (): object =>
  Object.fromEntries(
    REFUSALS.map(({ status, meaning }) => [
      String(status),
      { description: meaning, content: { 'application/problem+json': { schema: refusalSchema(status) } } },
    ]),
  )

function refusalSchema(status: number): object {
  const titles = Object.values(CATALOGUE)
    .filter((row) => row.status === status)
    .map(({ title }) => title)
  return {
    allOf: [{ $ref: '#/components/schemas/Problem' }],
    properties: {
      status: { const: status },
      ...(titles.length > 0 ? { title: { enum: [...new Set(titles)] } } : {}),
    },
  }
}

/** RFC 9457; spec: behaviour E2. Some problems have members of their own. */
export const PROBLEM = {
  type: 'object',
  required: ['type', 'title', 'status', 'instance'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    instance: { type: 'string', pattern: '\\?id=[0-9a-f]{32}$' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['field', 'detail'],
        additionalProperties: false,
        properties: {
          field: { type: 'string', description: 'JSON pointer into the body, or name of a query parameter' },
          detail: { type: 'string' },
        },
      },
    },
  },
}
