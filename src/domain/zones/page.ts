/** What a caller wants to see of a list (Edge DNS API: paging). */
export interface PageWish {
  /** From 1. */
  readonly page: number
  readonly pageSize: number
  readonly showAll: boolean
  /** In this order; `descending`: the last first. */
  readonly sortBy: readonly { readonly key: string; readonly descending: boolean }[]
}

export interface Page<Item> {
  readonly items: readonly Item[]
  readonly total: number
  readonly lastPage: number
}

/** `keys`: what each word of `sortBy` reads from an item; lower case. */
export function pageOf<Item>(
  all: readonly Item[],
  wish: PageWish,
  keys: Readonly<Record<string, (item: Item) => string>>,
): Page<Item> {
  const sorted = all.toSorted((one, other) => {
    for (const { key, descending } of wish.sortBy) {
      const read = keys[key.toLowerCase()]
      const order = read === undefined ? 0 : compared(read(one), read(other))
      if (order !== 0) return descending ? -order : order
    }
    return 0
  })
  const start = (wish.page - 1) * wish.pageSize
  return {
    items: wish.showAll ? sorted : sorted.slice(start, start + wish.pageSize),
    total: all.length,
    lastPage: wish.showAll ? 1 : Math.max(1, Math.ceil(all.length / wish.pageSize)),
  }
}

const compared = (one: string, other: string): number => {
  if (one === other) return 0
  return one < other ? -1 : 1
}
