import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'

interface MetResponse {
  readonly method: string
  /** Path and query as sent. */
  readonly target: string
  readonly status: number
  readonly contentType: string
  readonly text: string
}

// oxlint-disable-next-line no-explicit-any -- the document is looked into by path
type Document = any

/** Refusals that come before any operation is known: of the signature, the target, the path and the method. */
const BEFORE_ROUTE: ReadonlySet<number> = new Set([400, 401, 403, 404, 405, 408, 413, 429, 431, 500, 503])

export interface OpenApiWatch {
  /** Throws when the document does not have what was met: the operation, its status, its media type, or a body of that shape. */
  check(met: MetResponse): void
}

/** Holds answers against the OpenAPI document that the same server serves. */
export function createOpenApiWatch(document: Document): OpenApiWatch {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false })
  ajv.addSchema({ $id: 'openapi', components: document.components })
  const validators = new Map<string, ValidateFunction>()
  const paths = Object.keys(document.paths)
    .map((path) => ({ path, pattern: patternOf(path) }))
    // A fixed segment before a parameter, as the router has it.
    .toSorted((one, other) => parametersIn(one.path) - parametersIn(other.path))

  function validatorOf(key: string, schema: object): ValidateFunction {
    const known = validators.get(key)
    if (known !== undefined) return known
    const made = ajv.compile(inDocument(schema) as object)
    validators.set(key, made)
    return made
  }

  function checkBody(key: string, schema: object, met: MetResponse): void {
    const isJson = /^application\/([\w.-]+\+)?json$/.test(met.contentType)
    const body: unknown = isJson ? JSON.parse(met.text) : met.text
    const validate = validatorOf(key, schema)
    if (!validate(body))
      throw new Error(
        `${key} is not as the OpenAPI document says: ${ajv.errorsText(validate.errors)}\n${met.text.slice(0, 2000)}`,
      )
  }

  return {
    check(met) {
      const path = met.target.split('?')[0] ?? ''
      const found = paths.find(({ pattern }) => pattern.test(path))
      // HEAD comes with every GET, and shows no body.
      const isHead = met.method === 'HEAD'
      const method = isHead ? 'get' : met.method.toLowerCase()
      const operation = found === undefined ? undefined : document.paths[found.path][method]
      const key = `${method} ${found?.path ?? path} ${met.status} ${met.contentType}`
      if (operation === undefined) {
        if (!BEFORE_ROUTE.has(met.status))
          throw new Error(`${key}: the OpenAPI document has no such operation`)
        if (!isHead) checkBody(`problem ${met.status}`, { $ref: '#/components/schemas/Problem' }, met)
        return
      }
      const response = resolved(document, operation.responses[String(met.status)])
      if (response === undefined) throw new Error(`${key}: the OpenAPI document has no such status`)
      if (response.content === undefined) {
        if (met.text !== '') throw new Error(`${key}: the OpenAPI document has no body for it`)
        return
      }
      const form = response.content[met.contentType.replace(/;.*$/, '')]
      if (form === undefined) throw new Error(`${key}: the OpenAPI document has no such media type`)
      if (!isHead) checkBody(key, form.schema, met)
    },
  }
}

const resolved = (document: Document, node: { readonly $ref?: string; readonly content?: Document }) =>
  node?.$ref === undefined ? node : document.components.responses[node.$ref.split('/').at(-1) ?? '']

/** References of the document, said from outside it. */
const inDocument = (schema: unknown): unknown =>
  JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"openapi#/components/'))

const patternOf = (path: string): RegExp =>
  new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`)

const parametersIn = (path: string): number => path.split('{').length
