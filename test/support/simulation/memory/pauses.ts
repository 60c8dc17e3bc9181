import type { Change } from '../../../../src/domain/change/change.ts'
import { isOpen } from '../../../../src/domain/change/vocabulary.ts'
import type { AccountId } from '../../../../src/domain/identifiers.ts'
import { type Instant, instant, later } from '../../../../src/domain/time.ts'
import type { Changes } from '../../../../src/ports/changes.ts'
import type { PauseRecord, PauseScope, Pauses } from '../../../../src/ports/pauses.ts'
import { altered, liveEnrollments, lookedAtOnce, type Tables } from './tables.ts'

const scopeKey = ({ accountId, enrollmentId, network }: PauseScope): string =>
  [accountId, enrollmentId, network].join(' ')

/** Those in force, with their keys. */
export const scopes = ({ pauses }: Pick<Tables, 'pauses'>): readonly (readonly [string, PauseRecord])[] =>
  [...pauses.values()].map((pause) => [scopeKey(pause), pause])

const fits = (wanted: unknown, given: unknown): boolean => wanted === null || wanted === given

const widestFirst = (pauses: Iterable<PauseRecord>): readonly PauseRecord[] =>
  [...pauses].toSorted(
    (one, other) =>
      order(one.accountId, other.accountId) ||
      order(one.enrollmentId, other.enrollmentId) ||
      order(one.network, other.network),
  )

function order<Value extends string | number>(one: Value | null, other: Value | null): number {
  if (one === other) return 0
  if (one === null || other === null) return one === null ? -1 : 1
  return one < other ? -1 : 1
}

/** What the plans of these follow from has changed. */
export function lookAtPlans(tables: Tables, scope: Pick<PauseScope, 'accountId' | 'enrollmentId'>): void {
  for (const one of liveEnrollments(tables))
    if (fits(scope.accountId, one.accountId) && fits(scope.enrollmentId, one.id))
      altered(tables, one.id, lookedAtOnce(one))
}

export const createMemoryPauses = (tables: Tables): Pauses => ({
  async put(record) {
    const before = tables.pauses.get(scopeKey(record))
    tables.pauses.set(scopeKey(record), before === undefined ? record : { ...before, reason: record.reason })
    lookAtPlans(tables, record)
  },
  async remove(scope) {
    tables.pauses.delete(scopeKey(scope))
    lookAtPlans(tables, scope)
  },
  covering: async (account, enrollment, network) =>
    widestFirst(tables.pauses.values()).filter(
      (pause) =>
        fits(pause.accountId, account) &&
        fits(pause.enrollmentId, enrollment) &&
        fits(pause.network, network),
    ),
  concerning: async (account) =>
    widestFirst(tables.pauses.values()).filter((one) => fits(one.accountId, account)),
})

type ChangesOf = Parameters<Changes['release']>[0]

/** What was held looks at once, or at its own date. */
export function releaseHeld(tables: Tables, scope: ChangesOf, at: Instant): ReturnType<Changes['release']> {
  const held = [...tables.changes.values()].filter(
    (change) =>
      isOpen(change) &&
      change.progress.held !== undefined &&
      fits(scope.accountId, change.accountId) &&
      fits(scope.enrollmentId, change.enrollmentId),
  )
  for (const change of held) tables.changes.set(change.id, released(change, at))
  return Promise.resolve(held.map(({ id }) => id))
}

export function releaseFromWindows(
  tables: Tables,
  account: AccountId,
  at: Instant,
): ReturnType<Changes['release']> {
  const waiting = [...tables.changes.values()].filter(
    ({ accountId, status, state, progress }) =>
      accountId === account &&
      status === 'wait-deployment-schedule' &&
      state === 'suspended' &&
      progress.heldUntil !== undefined &&
      progress.held === undefined,
  )
  for (const change of waiting) tables.changes.set(change.id, released(change, at))
  return Promise.resolve(waiting.map(({ id }) => id))
}

const unheld = ({ held: _h, heldUntil: _u, ...progress }: Change['progress']) => progress

function released(change: Change, at: Instant): Change {
  const progress = unheld(change.progress)
  const { status, notBefore, revision } = change
  const lastSafe = progress.live?.lastSafe ?? notBefore
  const date =
    status === 'wait-deployment-schedule' && notBefore !== null && lastSafe !== null
      ? instant(Math.min(notBefore, lastSafe))
      : at
  return { ...change, progress, nextAt: later(at, date), revision: revision + 1 }
}
