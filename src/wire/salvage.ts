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
 * members can still speak, and the caller learns all that is wrong at once.
 */
export function salvage<Schema extends z.ZodType>(schema: Schema, body: unknown): Salvage<z.infer<Schema>> {
  const first = schema.safeParse(body)
  if (first.success) return { errors: [], body: first.data }
  const issues = first.error.issues.slice(0, MOST_ERRORS)
  const errors = issues.map((issue) => ({ field: pointerOf(issue.path), detail: sentenceOf(issue.message) }))
  if (!isObject(body)) return { errors, body: null }
  const mended = first.error.issues.reduce<JsonValue>((value, issue) => blank(value, issue.path), body)
  const second = schema.safeParse(mended)
  return { errors, body: second.success ? second.data : null }
}

/** The member at the path, or the array that holds it, becomes null. */
function blank(value: JsonValue, path: readonly PropertyKey[]): JsonValue {
  const [member, ...rest] = path
  if (member === undefined || !isObject(value)) return null
  const inner = value[String(member)]
  return { ...value, [String(member)]: inner === undefined ? null : blank(inner, rest) }
}

const sentenceOf = (message: string): string => message.replace(/^Invalid input: /, '')
