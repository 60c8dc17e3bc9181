/** A TXT record as it is written into somebody's zone. Names are canonical. */
export interface PlacedText {
  readonly zone: string
  readonly owner: string
  readonly value: string
}

/** Places the TXT values of dns-01 challenges in zones that the operator lets us write into. */
export interface ChallengePlacement {
  /** No zone is ours to write into: nothing else here need be called. */
  readonly isEmpty: boolean
  /** Where the value of a challenge for `domain` belongs, aliases of `_acme-challenge.NAME` followed; null: only a person can place it. Never throws. */
  textFor(domain: string, keyAuthorization: string, signal: AbortSignal): Promise<PlacedText | null>
  /** Idempotent; other values at the same owner stay. Rejects with an Error for people. */
  place(text: PlacedText, signal: AbortSignal): Promise<void>
  /** Idempotent; other values at the same owner stay. Rejects with an Error for people, also when nobody may write into the zone any more. */
  remove(text: PlacedText, signal: AbortSignal): Promise<void>
}
