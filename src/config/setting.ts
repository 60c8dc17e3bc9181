import type { Kind } from './kinds.ts'

export type Mode = 'sandbox' | 'live'

interface Facts {
  readonly variable: string
  readonly meaning: string
  /** It means something in this mode alone. */
  readonly only?: Mode
  /** Set in the other mode it is an error, not only without effect. */
  readonly refusedElsewhere?: true
  /** Never shown, not even in the message that refuses it. */
  readonly secret?: true
}

/** A text that its kind reads, per mode where they differ; `unset`: none, and what that means. */
type Default = string | { readonly sandbox: string; readonly live: string } | { readonly unset: string }

export interface Setting<T> extends Facts {
  readonly kind: Kind<NonNullable<T>>
  readonly default: Default
}

export const setting = <T>(
  kind: Kind<T & {}>,
  facts: Facts & { readonly default: Exclude<Default, { readonly unset: string }> },
): Setting<T & {}> => ({ kind, ...facts })

export const optional = <T>(
  kind: Kind<T & {}>,
  facts: Facts & { readonly unset: string },
): Setting<T | null> => {
  const { unset, ...rest } = facts
  return { kind, ...rest, default: { unset } }
}
