/**
 * Keeps at most `limit` entries. While there is room every new one is kept; then only one that was asked for shortly before as well, in the place of the one longest unused.
 * So a walk over very many keys does not turn out what is in use, and what it builds goes while it is young, which costs least. Not for anything whose loss costs
 * more than building it again.
 */
export interface RecentCache<Key, Value> {
  /** The kept value, or a new one from `build`; what `build` throws is thrown and nothing is kept. */
  obtain(key: Key, build: () => Value): Value
  forget(key: Key): void
  clear(): void
  size(): number
}

export function createRecentCache<Key, Value>(
  limit: number,
  evicted: (key: Key) => void,
): RecentCache<Key, Value> {
  // Both iterate in the order of insertion, so the first key is the one longest unused.
  const entries = new Map<Key, { readonly value: Value }>()
  /** Built and not kept: as many of the last ones as are kept. */
  const askedFor = new Set<Key>()

  function obtain(key: Key, build: () => Value): Value {
    const kept = entries.get(key)
    const entry = kept ?? { value: build() }
    if (kept !== undefined || isWorthKeeping(key)) keep(key, entry)
    return entry.value
  }

  function keep(key: Key, entry: { readonly value: Value }): void {
    entries.delete(key)
    entries.set(key, entry)
    const oldest = entries.size > limit ? firstOf(entries.keys()) : undefined
    if (oldest === undefined) return
    entries.delete(oldest)
    evicted(oldest)
  }

  /** Notes the key where it is not. */
  function isWorthKeeping(key: Key): boolean {
    if (entries.size < limit || askedFor.delete(key)) return true
    askedFor.add(key)
    const oldest = askedFor.size > limit ? firstOf(askedFor) : undefined
    if (oldest !== undefined) askedFor.delete(oldest)
    return false
  }

  return {
    obtain,
    forget: (key) => void entries.delete(key),
    clear() {
      entries.clear()
      askedFor.clear()
    },
    size: () => entries.size,
  }
}

function firstOf<Key>(keys: Iterable<Key>): Key | undefined {
  const [first] = keys
  return first
}
