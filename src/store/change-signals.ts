import { accountId, changeId } from '../domain/identifiers.ts'
import type { ChangeSignals } from '../ports/signals.ts'
import type { Listener } from './listener.ts'
import { CHANGE_CHANNEL } from './channels.ts'

/** The payload is `ACCOUNT CHANGE`, as `announce` writes it. */
export const createChangeSignals = (listener: Listener): ChangeSignals => ({
  subscribe: (handler) =>
    listener.subscribe((note) => {
      if (note === null) return handler(null)
      if (note.channel !== CHANGE_CHANNEL) return
      const [account = '', change = ''] = note.payload.split(' ')
      handler({ accountId: accountId(account), changeId: changeId(Number(change)) })
    }),
})
