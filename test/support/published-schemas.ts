import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'

type Node = string | boolean | Node[] | { [member: string]: Node }

/** The published description of the CPS API, where it lies beside the project; it is no part of it. */
const REFERENCE = join(import.meta.dirname, '..', '..', '..', 'shared', 'reference', 'cps-v2')
const SCHEMAS = join(REFERENCE, 'schemas')
const EXAMPLES = join(REFERENCE, 'examples')

const WIRE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/

export const arePublishedSchemasHere = (): boolean => existsSync(SCHEMAS)

/** Every version that has a schema. */
export const publishedVersions = (): readonly { readonly resource: string; readonly version: number }[] =>
  readdirSync(SCHEMAS).flatMap((file) => {
    const [, resource, version] = /^(.+)\.v(\d+)\.yaml$/.exec(file) ?? []
    return resource === undefined ? [] : [{ resource, version: Number(version) }]
  })

/** The published examples of one kind: `create-enrollment.v4-w-3p-sni-cm.json`. */
export const publishedExamples = (
  resource: string,
): readonly { readonly name: string; readonly version: number; readonly body: unknown }[] =>
  (existsSync(EXAMPLES) ? readdirSync(EXAMPLES) : []).flatMap((name) => {
    const version = new RegExp(`^${resource}\\.v(\\d+)[.-]`).exec(name)?.[1]
    if (version === undefined) return []
    return [{ name, version: Number(version), body: JSON.parse(readFileSync(join(EXAMPLES, name), 'utf8')) }]
  })

export const isPublished = (resource: string, version: number): boolean =>
  existsSync(join(SCHEMAS, `${resource}.v${version}.yaml`))

/** What the published schema of one version has against a body: `pointer keyword`. */
export function publishedFaults(resource: string, version: number, body: unknown): readonly string[] {
  const file = `${resource}.v${version}.yaml`
  const validate = compiled.get(file) ?? compile(file)
  return validate(body) === true ? [] : (validate.errors ?? []).map(faultOf)
}

const compiled = new Map<string, ValidateFunction>()

function compile(file: string): ValidateFunction {
  const ajv = new Ajv({ allErrors: true, strict: false, formats: { 'date-time': WIRE_TIME } })
  const validate = ajv.compile(toJsonSchema(readSchema(file)) as object)
  compiled.set(file, validate)
  return validate
}

const faultOf = (error: ErrorObject): string => {
  const extra =
    error.keyword === 'additionalProperties' ? ` ${String(error.params['additionalProperty'])}` : ''
  return `${error.instancePath.replaceAll(/\/\d+/g, '/*')} ${error.keyword}${extra}`
}

const readSchema = (file: string): Node =>
  parseBlock(linesOf(readFileSync(join(SCHEMAS, file), 'utf8')), 0, 0).node

/** OpenAPI 3.0 → JSON Schema: `nullable`, and references to other files. Enumerations keep `on` and `off` as texts, as the API has them. */
function toJsonSchema(node: Node): Node {
  if (Array.isArray(node)) return node.map(toJsonSchema)
  if (typeof node !== 'object') return node
  if (typeof node['$ref'] === 'string') return toJsonSchema(readSchema(node['$ref']))
  const schema = Object.fromEntries(
    Object.entries(node)
      .filter(([member]) => member !== 'nullable' && member !== 'x-akamai')
      .map(([member, value]) => [member, member === 'enum' ? value : toJsonSchema(value)]),
  )
  if (node['nullable'] !== true || typeof node['type'] !== 'string') return schema
  const { enum: values } = node
  return {
    ...schema,
    type: [node['type'], 'null'],
    ...(Array.isArray(values) ? { enum: [...values, null as never] } : {}),
  }
}

interface Line {
  readonly indent: number
  readonly text: string
}

/** The files use a small part of YAML: nested mappings, lists of words or of one-key mappings, and block texts, which are left out. */
function linesOf(text: string): readonly Line[] {
  const kept: Line[] = []
  let skipDeeperThan: number | null = null
  for (const raw of text.split('\n')) {
    if (raw.trim() === '') continue
    const indent = raw.length - raw.trimStart().length
    if (skipDeeperThan !== null && indent > skipDeeperThan) continue
    skipDeeperThan = null
    if (/^\s*description: \|-?$/.test(raw)) skipDeeperThan = indent
    else kept.push({ indent, text: raw.trim() })
  }
  return kept
}

function parseBlock(lines: readonly Line[], start: number, indent: number): { node: Node; next: number } {
  return lines[start]?.text.startsWith('- ') === true
    ? parseList(lines, start, indent)
    : parseMapping(lines, start, indent)
}

function parseList(lines: readonly Line[], start: number, indent: number): { node: Node; next: number } {
  const items: Node[] = []
  let next = start
  for (
    let line = lines[next];
    line !== undefined && line.indent === indent && line.text.startsWith('- ');
    line = lines[next]
  ) {
    items.push(scalar(line.text.slice(2)))
    next += 1
  }
  return { node: items, next }
}

function parseMapping(lines: readonly Line[], start: number, indent: number): { node: Node; next: number } {
  const mapping: Record<string, Node> = {}
  let next = start
  for (let line = lines[next]; line !== undefined && line.indent === indent; line = lines[next]) {
    const match = /^'?([^:']+)'?:(?: (.*))?$/.exec(line.text)
    if (match === null) throw new Error(`cannot read ${line.text}`)
    const [, key = '', value] = match
    next += 1
    const inner = lines[next]
    const isList = inner?.indent === indent && inner.text.startsWith('- ')
    if (value !== undefined && value !== '') mapping[key] = scalar(value)
    else if (inner !== undefined && (inner.indent > indent || isList)) {
      const block = parseBlock(lines, next, inner.indent)
      mapping[key] = block.node
      next = block.next
    }
  }
  return { node: mapping, next }
}

function scalar(text: string): Node {
  if (text === 'true' || text === 'false') return text === 'true'
  return text.replace(/^(['"])(.*)\1$/, '$2')
}
