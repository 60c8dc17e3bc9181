/** Takes back what a transaction wrote when it fails: each write notes its opposite. */
export interface Journal {
  note(undo: () => void): void
  transaction<T>(work: () => Promise<T>): Promise<T>
}

/** One transaction at a time, as the simulation has them. */
export function createJournal(): Journal {
  let undos: (() => void)[] | null = null
  return {
    note(undo) {
      undos?.push(undo)
    },
    async transaction(work) {
      if (undos !== null) throw new Error('a transaction inside of another')
      undos = []
      try {
        return await work()
      } catch (error) {
        for (const undo of undos.toReversed()) undo()
        throw error
      } finally {
        undos = null
      }
    },
  }
}

/** Rows that are never written to: a change is another row under the same key. */
export interface Table<Key, Row> {
  get(key: Key): Row | undefined
  set(key: Key, row: Row): void
  delete(key: Key): void
  values(): Iterable<Row>
  /** Those that the index of this name puts here. */
  at(index: string, value: unknown): Iterable<Row>
  readonly size: number
}

export function createTable<Key, Row>(
  journal: Journal,
  indexes: Readonly<Record<string, (row: NoInfer<Row>) => unknown>> = {},
): Table<Key, Row> {
  const rows = new Map<Key, Row>()
  const indexed = Object.entries(indexes).map(([name, of]) => ({
    name,
    of,
    groups: new Map<unknown, Map<Key, Row>>(),
  }))
  function write(key: Key, row: Row | undefined): void {
    const before = rows.get(key)
    for (const { of, groups } of indexed) {
      if (before !== undefined && (row === undefined || of(row) !== of(before)))
        groups.get(of(before))?.delete(key)
      if (row !== undefined) groupOf(groups, of(row)).set(key, row)
    }
    if (row === undefined) rows.delete(key)
    else rows.set(key, row)
  }
  function noted(key: Key, row: Row | undefined): void {
    const before = rows.get(key)
    journal.note(() => write(key, before))
    write(key, row)
  }
  return {
    get: (key) => rows.get(key),
    set: noted,
    delete: (key) => noted(key, undefined),
    values: () => rows.values(),
    at: (index, value) =>
      indexed
        .find(({ name }) => name === index)
        ?.groups.get(value)
        ?.values() ?? [],
    get size() {
      return rows.size
    },
  }
}

function groupOf<Key, Row>(groups: Map<unknown, Map<Key, Row>>, value: unknown): Map<Key, Row> {
  const found = groups.get(value) ?? new Map<Key, Row>()
  groups.set(value, found)
  return found
}
