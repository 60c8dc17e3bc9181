/** Keeps the `limit` entries that were used last. Not used for anything whose loss costs more than building it again. */
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
  // A Map iterates in the order of insertion, so the first key is the one longest unused.
  const entries = new Map<Key, { readonly value: Value }>()

  function obtain(key: Key, build: () => Value): Value {
    const entry = entries.get(key) ?? { value: build() }
    entries.delete(key)
    entries.set(key, entry)
    for (const oldest of entries.keys()) {
      if (entries.size <= limit) break
      entries.delete(oldest)
      evicted(oldest)
    }
    return entry.value
  }

  return {
    obtain,
    forget: (key) => void entries.delete(key),
    clear: () => entries.clear(),
    size: () => entries.size,
  }
}
