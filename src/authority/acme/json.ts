import { Problem } from '../../errors/problem.ts'

/** Reads what a CA sends. It is trusted to mean well and not to be well-formed: `Problem('authority-refused')` says what is amiss. */
export type JsonObject = { readonly [key: string]: unknown }

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const textOr = <T>(value: unknown, otherwise: T): string | T =>
  typeof value === 'string' ? value : otherwise

export function objectIn(body: Buffer, what: string): JsonObject {
  const value = jsonIn(body)
  if (!isObject(value)) throw unfit(what, 'it is not a JSON object')
  return value
}

export function textIn(object: JsonObject, member: string, what: string): string {
  const value = object[member]
  if (typeof value !== 'string' || value === '') throw unfit(what, `"${member}" is missing`)
  return value
}

export function oneOfIn<T extends string>(
  object: JsonObject,
  member: string,
  allowed: readonly T[],
  what: string,
): T {
  const value = textIn(object, member, what)
  const found = allowed.find((one) => one === value)
  if (found === undefined) throw unfit(what, `"${member}" is ${JSON.stringify(value.slice(0, 40))}`)
  return found
}

export const unfit = (what: string, why: string): Problem =>
  new Problem('authority-refused', {
    detail: `The certificate authority answered with ${what} that RFC 8555 does not know: ${why}.`,
  })

/** Null: it is none. */
export function jsonIn(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return null
  }
}
