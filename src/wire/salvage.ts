import type { z } from 'zod'
import type { FieldError } from '../errors/problem.ts'
import { isObject, type JsonValue, pointerOf } from './json.ts'

export interface Salvage<Body> {
  readonly errors: readonly FieldError[]
  /** What could be read, with every bad member as null; null when the body is no object at all. */
  readonly body: Body | null
}

/** An answer that lists a thousand faults helps nobody. */
const MOST_ERRORS = 100

/**
 * Reads a body by a schema whose members may all be null. Bad members are set to null and reading goes on, so that rules over several
 * members can still speak, and the caller learns all that is wrong at once. In a list of texts only the bad ones are emptied, at their place.
 */
export function salvage<Schema extends z.ZodType>(schema: Schema, body: unknown): Salvage<z.infer<Schema>> {
  const first = schema.safeParse(body)
  if (first.success) return { errors: [], body: first.data }
  const { issues } = first.error
  const errors = issues
    .slice(0, MOST_ERRORS)
    .map((issue) => ({ field: pointerOf(issue.path), detail: sentenceOf(issue.message) }))
  if (!isObject(body)) return { errors, body: null }
  return { errors, body: readWithout(schema, body, issues) }
}

type Issues = readonly { readonly path: readonly PropertyKey[] }[]

/** Lists as a whole where a text in one is not enough (a list of words from an enumeration), or where more is wrong than is told. */
function readWithout<Schema extends z.ZodType>(
  schema: Schema,
  body: JsonValue,
  issues: Issues,
): z.infer<Schema> | null {
  if (issues.length <= MOST_ERRORS) {
    const kept = schema.safeParse(blankAll(body, issues, ''))
    if (kept.success) return kept.data
  }
  const read = schema.safeParse(blankAll(body, issues, null))
  return read.success ? read.data : null
}

/** Short paths first: what is gone as a whole is not looked into. */
const blankAll = (body: JsonValue, issues: Issues, inList: '' | null): JsonValue =>
  issues
    .toSorted((one, other) => one.path.length - other.path.length)
    .reduce<JsonValue>((value, { path }) => blank(value, path, inList), body)

/** The member at the path becomes null; in a list `inList`, or with null the list itself. */
function blank(value: JsonValue, path: readonly PropertyKey[], inList: '' | null): JsonValue {
  const [member, ...rest] = path
  if (Array.isArray(value) && typeof member === 'number' && rest.length === 0 && inList !== null)
    return value.with(member, inList)
  if (member === undefined || !isObject(value)) return null
  const inner = value[String(member)]
  return { ...value, [String(member)]: inner === undefined ? null : blank(inner, rest, inList) }
}

const sentenceOf = (message: string): string => message.replace(/^Invalid input: /, '')
