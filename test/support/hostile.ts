import fc from 'fast-check'

/** What no text may hold: NUL, lone surrogates, what steers a terminal, what turns the direction of writing. */
export const FORBIDDEN_TEXTS = [
  'a\u0000b',
  '\ud800',
  'x\udc00y',
  'a\u001b[2Jb',
  'a\nb',
  'a\u202eb',
  '\u2066a',
  'a\u0085b',
] as const

/** Odd, and yet texts. */
export const ODD_TEXTS = [
  '',
  ' ',
  '\u00e9',
  'e\u0301'.repeat(20),
  '💥',
  '\u200f',
  'ﷺ',
  '<script>',
  '__proto__',
  '${x}',
  "';--",
] as const

export const WRONG_TYPES = [0, -1, 1e300, 1.5, true, [], {}, [[]], [null], { a: 1 }] as const

/** JSON of any kind, with the members that trouble makers like. */
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(...FORBIDDEN_TEXTS, ...ODD_TEXTS, ...WRONG_TYPES, null),
  fc.string({ maxLength: 300 }),
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.constantFrom(
    'x'.repeat(256),
    'a.'.repeat(200),
    'xn--',
    '*.*.example.com',
    '1.2.3.4',
    '[::1]',
    'co.uk',
    'a'.repeat(70_000),
  ),
  fc.integer(),
  fc.double(),
  fc.array(fc.string({ maxLength: 10 }), { maxLength: 5 }),
  fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<unknown>,
  fc.dictionary(fc.constantFrom('__proto__', 'constructor', 'toString', 'cn', 'length', ''), fc.jsonValue(), {
    maxKeys: 3,
  }) as fc.Arbitrary<unknown>,
)

export type Path = readonly (string | number)[]

/** Places of every member and element below a body. */
export function pathsOf(body: unknown, path: Path = []): readonly Path[] {
  if (typeof body !== 'object' || body === null) return [path]
  const entries: readonly (readonly [string | number, unknown])[] = Array.isArray(body)
    ? body.map((value, index) => [index, value])
    : Object.entries(body)
  return [
    ...(path.length === 0 ? [] : [path]),
    ...entries.flatMap(([name, value]) => pathsOf(value, [...path, name])),
  ]
}

/** A copy with another value at the place; undefined: without that member. */
export function replaced(body: unknown, [name, ...rest]: Path, value: unknown): unknown {
  if (name === undefined) return value
  if (Array.isArray(body))
    return body.map((each, index) => (index === name ? replaced(each, rest, value) : each))
  const object = body as Record<string, unknown>
  if (rest.length > 0) return { ...object, [name]: replaced(object[name], rest, value) }
  if (value !== undefined) return { ...object, [name]: value }
  return Object.fromEntries(Object.entries(object).filter(([member]) => member !== name))
}

/** A body with a few of its members replaced, dropped or joined by strangers. */
export const mutated = (body: unknown): fc.Arbitrary<unknown> => {
  const paths = pathsOf(body)
  const mutation = fc.tuple(fc.constantFrom(...paths), fc.option(hostileValue, { nil: undefined, freq: 8 }))
  return fc.oneof(
    {
      weight: 12,
      arbitrary: fc.array(mutation, { minLength: 1, maxLength: 4 }).map((all) => all.reduce(mutate, body)),
    },
    { weight: 1, arbitrary: hostileValue },
  )
}

/** A place that an earlier mutation took away is passed over. */
function mutate(body: unknown, [path, value]: readonly [Path, unknown]): unknown {
  const holders = path.slice(0, -1)
  let holder = body
  for (const name of holders) {
    holder =
      typeof holder === 'object' && holder !== null
        ? (holder as Record<string | number, unknown>)[name]
        : null
  }
  return typeof holder === 'object' && holder !== null ? replaced(body, path, value) : body
}

/** RFC 6901 */
export const pointerTo = (path: Path): string => path.map((name) => `/${String(name)}`).join('')
