import type { AccountId } from '../domain/identifiers.ts'
import type { ChangeEventRecord } from '../ports/change-events.ts'
import type { Dependencies } from './dependencies.ts'
import type { Caller, ChangeEventView } from './views.ts'

const EVENTS_AT_ONCE = 100

/** Follows the account's history from an event on; what was missed while nobody listened comes first. */
export async function* changeEvents(
  deps: Dependencies,
  caller: Caller,
  lastEventId: number | null,
  signal: AbortSignal,
): AsyncIterable<ChangeEventView> {
  const bell = createBell(deps, caller.accountId, signal)
  try {
    let last = lastEventId ?? (await deps.store.read.events.newestId())
    while (!signal.aborted) {
      const records = await deps.store.read.events.ofAccountAfter(caller.accountId, last, EVENTS_AT_ONCE)
      for (const record of records) yield eventView(record)
      last = records.at(-1)?.id ?? last
      if (records.length < EVENTS_AT_ONCE) await bell.next()
    }
  } finally {
    bell.close()
  }
}

const eventView = ({
  id,
  at,
  enrollmentId,
  changeId,
  event,
  status,
  state,
}: ChangeEventRecord): ChangeEventView => ({
  id,
  at,
  enrollmentId,
  changeId,
  event,
  status,
  state,
})

/** Rings once for any number of notes that came since it was last heard. */
function createBell({ signals }: Dependencies, account: AccountId, signal: AbortSignal) {
  let rung = false
  let listener = () => {}
  const ring = () => {
    rung = true
    listener()
  }
  const unsubscribe = signals.subscribe((note) => {
    if (note === null || note.accountId === account) ring()
  })
  signal.addEventListener('abort', ring, { once: true })
  return {
    async next(): Promise<void> {
      if (!rung) {
        await new Promise<void>((resolve) => {
          listener = resolve
        })
      }
      rung = false
    },
    close(): void {
      unsubscribe()
      signal.removeEventListener('abort', ring)
    },
  }
}
