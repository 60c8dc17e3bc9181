import type { Instant } from '../../domain/time.ts'
import type { NameValidationRecord, StoredChallenge } from '../../ports/validations.ts'
import type { EffectContext } from './outcome.ts'

/** What a DNS provider made of the TXT value of a name. */
export interface Placement {
  readonly challenge: StoredChallenge
  /** When it was told for the first time. */
  readonly at: Instant
  /** Why it did not take it; null: it has. */
  readonly error: string | null
}

/**
 * Places the TXT value of the name's dns-01 challenge where a provider of the operator's writes into its zone; null: nobody but a person can. The intent is
 * committed first, so that whatever happens the record is found and taken away (`take-away-records.ts`).
 */
export async function placeRecord(
  { deps, locked, signal }: EffectContext,
  record: NameValidationRecord,
): Promise<Placement | null> {
  const { placement } = deps
  const challenge = record.challenges.find(({ type }) => type === 'dns-01')
  if (placement.isEmpty || challenge === undefined) return null
  const text = await placement.textFor(record.domain, challenge.keyAuthorization, signal)
  if (text === null) return null
  const at = await locked.read.placedRecords.begin({ ...record, ...text }, deps.clocks.lifecycle.now())
  try {
    await placement.place(text, signal)
    return { challenge, at, error: null }
  } catch (error) {
    return { challenge, at, error: error instanceof Error ? error.message : String(error) }
  }
}
