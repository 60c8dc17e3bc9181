import { allowedInputOf } from '../domain/change/allowed-input.ts'
import type { Change } from '../domain/change/change.ts'
import { isOpen } from '../domain/change/vocabulary.ts'
import type { Dependencies } from './dependencies.ts'
import { changeView, requireChange } from './read-enrollments.ts'
import type { ChangeReference } from './use-cases.ts'
import type { Caller, ChangeView } from './views.ts'
import { awaitChange } from './wait.ts'

/** RFC 7240 `wait`: a longer preference counts as this (contract: own API). */
const LONGEST_WAIT_SECONDS = 50

export const getChange = async ({ store }: Dependencies, caller: Caller, ref: ChangeReference): Promise<ChangeView> =>
  changeView(await requireChange(store, caller, ref))

export async function waitForChange(
  deps: Dependencies,
  caller: Caller,
  ref: ChangeReference,
  seconds: number,
  signal: AbortSignal,
): Promise<ChangeView> {
  const before = await requireChange(deps.store, caller, ref)
  const limitMs = Math.min(seconds, LONGEST_WAIT_SECONDS) * 1000
  const done = (change: Change) => !isOpen(change) || shown(change) !== shown(before)
  return changeView(await awaitChange(deps, before.id, done, limitMs, signal))
}

/** All that `statusInfo` and `allowedInput` show. */
const shown = (change: Change): string =>
  JSON.stringify([change.status, change.state, change.error, change.notBefore, change.notAfter, allowedInputOf(change)])
