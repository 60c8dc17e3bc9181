import { isDeepStrictEqual } from 'node:util'
import type { LockedStore, Repositories, Store } from '../../../src/ports/store.ts'

type Call = (...given: readonly unknown[]) => Promise<unknown>
type Repository = Readonly<Record<string, Call>>

/** Ids that each store draws by itself. */
const OWN_IDS: readonly string[] = ['events', 'notices', 'vettings']
/** The port promises no order. */
const UNORDERED: readonly string[] = [
  'active',
  'activeOfAccount',
  'openOf',
  'heldBy',
  'heldCounts',
  'release',
  'releaseFromWindows',
  'among',
  'revokedAmong',
]
/** Whatever is written there concerns no reader of the lifecycle. */
export const APART: readonly string[] = ['audit', 'accounts']

/** Asks both stores the same, in the same order, and gives the answer of the first; another answer of the second, or an error of one alone, is a fault. */
export function sideBySide(
  first: Store,
  second: Store,
  /** `method`: as `pins.put`. */
  compared: (fault: string | null, method: string) => void,
): Store {
  const noticeIds = new Map<number, number>()
  async function ask(
    name: string,
    method: string,
    one: Call,
    other: Call,
    given: readonly unknown[],
  ): Promise<unknown> {
    const theirs = await outcomeOf(() =>
      other(...(method === 'formed' ? translated(noticeIds, given) : given)),
    )
    const mine = await outcomeOf(() => one(...given))
    if (method === 'take' && name === 'notices') pairIds(noticeIds, mine.value, theirs.value)
    const [a, b] = [comparable(name, method, mine), comparable(name, method, theirs)]
    const asked = `${name}.${method}(${JSON.stringify(given).slice(0, 300)})`
    const fault = isDeepStrictEqual(a, b)
      ? null
      : `${asked}: ${JSON.stringify(a)} here, ${JSON.stringify(b)} there (${String(theirs.error)})`
    compared(fault, `${name}.${method}`)
    if (mine.error !== undefined) throw mine.error
    return mine.value
  }
  const repository = (name: string, one: Repository, other: Repository): Repository =>
    new Proxy(one, {
      get: (target, method) => {
        const own = Reflect.get(target, method) as Call
        const theirs = Reflect.get(other, method) as Call
        return (...given: readonly unknown[]) => ask(name, String(method), own, theirs, given)
      },
    })
  const both = (one: Repositories, other: Repositories): Repositories =>
    new Proxy(one, {
      get(target, name) {
        const own = Reflect.get(target, name) as Repository
        if (APART.includes(String(name)) || typeof own === 'function') return own
        return repository(String(name), own, Reflect.get(other, name) as Repository)
      },
    })
  const bothAtOnce = (one: LockedStore, other: LockedStore): LockedStore => ({
    read: both(one.read, other.read),
    transaction: (work) => other.transaction((theirs) => one.transaction((mine) => work(both(mine, theirs)))),
  })
  return {
    ...bothAtOnce(first, second),
    nextIds: first.nextIds,
    async withChangeLock(id, work) {
      const held = await second.withChangeLock(id, (theirs) =>
        first.withChangeLock(id, (mine) => work(bothAtOnce(mine, theirs))),
      )
      return held.held ? held.value : held
    },
  }
}

interface Outcome {
  readonly value?: unknown
  readonly error?: Error
}

const outcomeOf = (call: () => Promise<unknown>): Promise<Outcome> =>
  call().then(
    (value) => ({ value }),
    (error: unknown) => ({ error: error instanceof Error ? error : new Error(String(error)) }),
  )

function comparable(name: string, method: string, { value, error }: Outcome): unknown {
  if (error !== undefined) return 'an error'
  const text = JSON.stringify(value ?? null, (key, inner: unknown) =>
    plain(OWN_IDS.includes(name) && key === 'id' ? null : inner),
  )
  const parsed: unknown = JSON.parse(text)
  return UNORDERED.includes(method) && Array.isArray(parsed)
    ? parsed.map((one) => canonical(one)).toSorted()
    : parsed
}

function plain(value: unknown): unknown {
  if (value instanceof Set) return [...value]
  // Buffers bring a form of their own.
  if (
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    value.type === 'Buffer' &&
    'data' in value
  )
    return Buffer.from(value.data as number[]).toString('hex')
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value
}

const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )

function pairIds(ids: Map<number, number>, mine: unknown, theirs: unknown): void {
  const idsOf = (rows: unknown) =>
    (rows as readonly { readonly id: number }[] | undefined)?.map(({ id }) => id) ?? []
  for (const [index, id] of idsOf(mine).entries()) ids.set(id, idsOf(theirs)[index] ?? 0)
}

const translated = (
  ids: ReadonlyMap<number, number>,
  [own, ...rest]: readonly unknown[],
): readonly unknown[] => [(own as readonly number[]).map((id) => ids.get(id) ?? 0), ...rest]
