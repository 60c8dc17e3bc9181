import type { ChangeId } from '../domain/identifiers.ts'
import { HOUR, MINUTE, plus } from '../domain/time.ts'
import type { UnwantedRecord } from '../ports/placed-records.ts'
import type { Dependencies } from './dependencies.ts'

const AT_ONCE = 20
/** Longer than any provider takes. Who dies with records in hand holds them up for as long. */
const IN_HAND_MS = 2 * MINUTE
const LONGEST_WAIT_MS = 6 * HOUR

type RemovalDependencies = Pick<Dependencies, 'store' | 'placement'> & {
  readonly clocks: Pick<Dependencies['clocks'], 'real'>
  readonly observer: Pick<Dependencies['observer'], 'recordLeftBehind'>
}

/**
 * Takes away the TXT records that no open authorization needs any more: of one change, after it has moved, or (null) of all, which also finds what a killed
 * process has left. What cannot be taken away is tried again, less and less often and without end.
 */
export async function takeAwayRecords(
  deps: RemovalDependencies,
  changeId: ChangeId | null,
  signal: AbortSignal,
): Promise<void> {
  const { store, placement, clocks } = deps
  if (placement.isEmpty) return
  while (!signal.aborted) {
    const now = clocks.real.now()
    const question = { changeId, now, until: plus(now, IN_HAND_MS), limit: AT_ONCE }
    const records = await store.read.placedRecords.takeUpUnwanted(question)
    await Promise.all(records.map((record) => takeAway(deps, record, signal)))
    if (records.length < AT_ONCE) return
  }
}

async function takeAway(
  { store, placement, clocks, observer }: RemovalDependencies,
  record: UnwantedRecord,
  signal: AbortSignal,
): Promise<void> {
  const { changeId, zone, owner, removals } = record
  try {
    if (!record.isNeededElsewhere) await placement.remove(record, signal)
    await store.read.placedRecords.forget(record)
  } catch (error) {
    const told = error instanceof Error ? error.message : String(error)
    observer.recordLeftBehind({ changeId, zone, owner, error: told })
    const wait = Math.min(MINUTE * 2 ** removals, LONGEST_WAIT_MS)
    await store.read.placedRecords.tryAgainAt(record, plus(clocks.real.now(), wait))
  }
}
