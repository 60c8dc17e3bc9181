export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject
export interface JsonObject {
  readonly [member: string]: JsonValue
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const omit = (object: JsonObject, members: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([member]) => !members.includes(member)))

/** The same object with one member rewritten, where that member is an object; anything else is left to the schema to refuse. */
export function within(
  object: JsonObject,
  member: string,
  rewrite: (value: JsonObject) => JsonObject,
): JsonObject {
  const value = object[member]
  return isObject(value) ? { ...object, [member]: rewrite(value) } : object
}

/** RFC 6901 */
export const pointerOf = (path: readonly PropertyKey[]): string =>
  path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
