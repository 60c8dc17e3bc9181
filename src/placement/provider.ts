/** A TXT record of a challenge. Names are canonical. */
export interface TextRecord {
  /** Apex of the zone that it is written into. */
  readonly zone: string
  readonly owner: string
  readonly value: string
}

/**
 * Writes into zones that others answer. Both are idempotent and leave other values at the same owner alone: an apex and its wildcard stand at one name at the
 * same time. They reject with an Error whose message says where and why, and that holds no secret.
 */
export interface DnsProvider {
  place(record: TextRecord, signal: AbortSignal): Promise<void>
  remove(record: TextRecord, signal: AbortSignal): Promise<void>
}

/** Short: a challenge stands for seconds, and what a resolver keeps of it longer is in the way of the next. */
export const TEXT_TTL_SECONDS = 30
