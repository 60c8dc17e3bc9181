import type { EdgeGeneration } from '../ports/edge.ts'

/**
 * Ten thousand generations have a handful of chains and settings between them; each comes from its source as a copy of its own. Here one of them is kept, for as long
 * as a generation has it.
 */
export interface SharedParts {
  /** The same generation, made of parts that are kept already. */
  share(generation: EdgeGeneration): EdgeGeneration
  /** Once for each `share`. */
  release(generation: EdgeGeneration): void
}

export function createSharedParts(): SharedParts {
  const chains = createKept<string>()
  const settings = createKept<EdgeGeneration['settings']>()

  return {
    share: (generation) => ({
      ...generation,
      settings: settings.take(JSON.stringify(generation.settings), generation.settings),
      certificates: generation.certificates.map((certificate) => ({
        ...certificate,
        chainPem: chains.take(certificate.chainPem, certificate.chainPem),
      })),
    }),
    release(generation) {
      settings.leave(JSON.stringify(generation.settings))
      for (const { chainPem } of generation.certificates) chains.leave(chainPem)
    },
  }
}

interface Kept<Part> {
  take(key: string, part: Part): Part
  leave(key: string): void
}

function createKept<Part>(): Kept<Part> {
  const kept = new Map<string, { readonly part: Part; uses: number }>()
  return {
    take(key, part) {
      const entry = kept.get(key) ?? { part, uses: 0 }
      entry.uses++
      kept.set(key, entry)
      return entry.part
    },
    leave(key) {
      const entry = kept.get(key)
      if (entry === undefined) return
      entry.uses--
      if (entry.uses === 0) kept.delete(key)
    },
  }
}
