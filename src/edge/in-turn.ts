/** Runs works, at most so many at once; the others wait, in their order. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>

export function inTurn(most: number): InTurn {
  const waiting: (() => void)[] = []
  let free = most
  return async (work) => {
    if (free > 0) free -= 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) free += 1
      else next()
    }
  }
}
