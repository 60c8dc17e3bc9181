import { allowedInputOf } from '../domain/change/allowed-input.ts'
import { isOpen } from '../domain/change/vocabulary.ts'
import type { ChangeStanding } from '../ports/signals.ts'
import type { ChangeOutline } from '../ports/changes.ts'
import type { Dependencies } from './dependencies.ts'
import { changeView, requireOutline } from './read-enrollments.ts'
import type { ChangeReference } from './use-cases.ts'
import type { Caller, ChangeView } from './views.ts'
import { awaitChange } from './wait.ts'

/** RFC 7240 `wait`: a longer preference counts as this (contract: own API). */
const LONGEST_WAIT_SECONDS = 50

export const getChange = async (
  { store }: Dependencies,
  caller: Caller,
  ref: ChangeReference,
): Promise<ChangeView> => changeView(await requireOutline(store, caller, ref))

export async function waitForChange(
  deps: Dependencies,
  caller: Caller,
  ref: ChangeReference,
  seconds: number,
  signal: AbortSignal,
): Promise<ChangeView> {
  const change = await awaitChange(deps, ref.changeId, {
    look: () => requireOutline(deps.store, caller, ref),
    done: (now, first) => !isOpen(now) || shown(now) !== shown(first),
    isNew: mayShowOther,
    limitMs: Math.min(seconds, LONGEST_WAIT_SECONDS) * 1000,
    signal,
  })
  return changeView(change)
}

/** A failure is no part of a note: it may be another one than before. */
const mayShowOther = (
  standing: ChangeStanding,
  { status, state, notBefore, notAfter }: ChangeOutline,
): boolean =>
  standing.state === 'error' ||
  standing.status !== status ||
  standing.state !== state ||
  standing.notBefore !== notBefore ||
  standing.notAfter !== notAfter

/** All that `statusInfo` and `allowedInput` show. */
const shown = (change: ChangeOutline): string =>
  JSON.stringify([
    change.status,
    change.state,
    change.error,
    change.notBefore,
    change.notAfter,
    allowedInputOf(change),
  ])
