import type { ChangeStateName, ChangeStatus } from '../domain/change/vocabulary.ts'
import { accountId, changeId } from '../domain/identifiers.ts'
import type { Instant } from '../domain/time.ts'
import type { ChangeNote, ChangeSignals } from '../ports/signals.ts'
import { CHANGE_CHANNEL } from './channels.ts'
import type { Listener } from './listener.ts'

/** In this order, since pg_notify takes no more than 8,000 octets and every move has a note. */
type Payload = readonly [string, number, number, string, string, boolean, number | null, number | null]

/** What is told of a change; the other half of `readNote`. */
export const writeNote = (note: ChangeNote): string =>
  JSON.stringify([
    note.accountId,
    note.changeId,
    note.revision,
    note.status,
    note.state,
    note.rests,
    note.notBefore,
    note.notAfter,
  ] satisfies Payload)

function readNote(payload: string): ChangeNote {
  const [account, change, revision, status, state, rests, notBefore, notAfter] = JSON.parse(
    payload,
  ) as Payload
  return {
    accountId: accountId(account),
    changeId: changeId(change),
    revision,
    status: status as ChangeStatus,
    state: state as ChangeStateName,
    rests,
    notBefore: notBefore as Instant | null,
    notAfter: notAfter as Instant | null,
  }
}

/** Read once, however many listen. */
export function createChangeSignals(notes: Pick<Listener, 'subscribe'>): ChangeSignals {
  const listeners = new Set<(note: ChangeNote | null) => void>()
  const tell = (note: ChangeNote | null): void => {
    for (const listener of listeners) listener(note)
  }
  notes.subscribe((note) => {
    if (note === null) tell(null)
    else if (note.channel === CHANGE_CHANNEL) tell(readNote(note.payload))
  })
  return {
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
