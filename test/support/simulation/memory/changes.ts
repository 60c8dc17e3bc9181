import type { Change } from '../../../../src/domain/change/change.ts'
import type { ChangeId } from '../../../../src/domain/identifiers.ts'
import type { Changes, Kept, MoveNote } from '../../../../src/ports/changes.ts'
import type { ChangeEvents } from '../../../../src/ports/change-events.ts'
import { insertCertificate, insertKeyPair } from './certificates.ts'
import { activate } from './deployments.ts'
import { addNotices } from './notices.ts'
import { releaseFromWindows, releaseHeld } from './pauses.ts'
import { altered, lookedAtOnce, openChange, sorted, type Tables, UNPLANNED } from './tables.ts'
import { saveValidation, setPublished } from './validations.ts'

export type OnMove = (change: Change, event: string) => void

/** Whoever turns the clock is the only worker, no CA of the simulation wants its terms agreed to, and nobody reads its metrics. */
type LivedChanges = Omit<Changes, 'forWorkers' | 'hasten' | 'countsByStatus'>

export function createMemoryChanges(tables: Tables, onMove: OnMove): LivedChanges {
  const { changes } = tables
  const isEnd = ({ state }: Change) => state === 'completed' || state === 'cancelled' || state === 'error'
  const found = (account: string, enrollment: number, id: ChangeId): Change | null => {
    const change = changes.get(id)
    return change?.accountId === account && change.enrollmentId === enrollment ? change : null
  }
  const save = (change: Change): boolean => {
    if (changes.get(change.id)?.revision !== change.revision) return false
    changes.set(change.id, { ...change, revision: change.revision + 1 })
    return true
  }
  /** The newest change of each enrollment whose removal waits for it. */
  const beforeRemovals = () =>
    [...tables.enrollments.values()]
      .filter(({ removalWish, removedAt }) => removalWish !== null && removedAt === null)
      .map(({ id }) => sorted(changes.at('enrollment', id), (change) => -Number(change.id))[0])
      .filter((change) => change !== undefined && isEnd(change))
  return {
    async insert(change, note) {
      if (openChange(tables, change.enrollmentId) !== undefined)
        throw Object.assign(new Error('an enrollment with two open changes'), {
          constraint: 'one_open_change',
        })
      changes.set(change.id, change)
      tell(tables, change, note, onMove)
    },
    async record(change, note, kept = {}) {
      if (!save(change)) return false
      keep(tables, change, kept)
      tell(tables, change, note, onMove)
      return true
    },
    find: async (account, enrollment, id) => found(account, enrollment, id),
    async outline(account, enrollment, id) {
      const change = found(account, enrollment, id)
      if (change === null) return null
      const { action, status, state, error, notBefore, notAfter, revision } = change
      return { id, enrollmentId: enrollment, action, status, state, error, notBefore, notAfter, revision }
    },
    load: async (id) => changes.get(id) ?? null,
    openOf: async (ids) => ids.map((id) => openChange(tables, id)).filter((change) => change !== undefined),
    save: async (change) => save(change),
    async isDue(id, at) {
      const nextAt = changes.get(id)?.nextAt ?? null
      return nextAt !== null && nextAt <= at
    },
    async due(at, limit) {
      const due = [...changes.at('due', true)].filter(({ nextAt }) => nextAt !== null && nextAt <= at)
      const first = sorted(
        due,
        ({ nextAt }) => nextAt ?? 0,
        ({ enrollmentId }) => enrollmentId,
      ).slice(0, limit)
      return [...first, ...beforeRemovals()].flatMap((change) => (change === undefined ? [] : [change.id]))
    },
    release: (scope, at) => releaseHeld(tables, scope, at),
    releaseFromWindows: (account, at) => releaseFromWindows(tables, account, at),
  }
}

export const createMemoryEvents = ({ events }: Tables): Pick<ChangeEvents, 'ofChange'> => ({
  ofChange: async (id) => [...events.at('change', id)],
})

function tell(tables: Tables, change: Change, { event, at, realAt }: MoveNote, onMove: OnMove): void {
  const { id: changeId, enrollmentId, status, state } = change
  const id = tables.events.size + 1
  tables.events.set(id, { id, changeId, enrollmentId, event, status, state, at, realAt })
  onMove(change, event)
}

function keep(tables: Tables, change: Change, kept: Kept): void {
  for (const pair of kept.keyPairs ?? []) insertKeyPair(tables, pair)
  for (const one of kept.certificates ?? []) insertCertificate(tables, one)
  for (const one of kept.validations ?? []) saveValidation(tables, one)
  if (kept.unpublishes) setPublished(tables, change.id, false)
  for (const seen of kept.handshakes ?? []) tables.handshakes.set(tables.handshakes.size + 1, seen)
  addNotices(tables, kept.notices ?? [])
  if (kept.activates) activate(tables, kept.activates.id, kept.activates.at)
  const enrollment = tables.enrollments.get(change.enrollmentId)
  if (!kept.settles || enrollment === undefined || enrollment.removedAt !== null) return
  const { settings, renewal } = kept.settles
  altered(tables, change.enrollmentId, {
    settings,
    settled: settings,
    revision: enrollment.revision + 1,
    ...(renewal !== null && {
      ...UNPLANNED,
      autoRenewalStartTime: renewal.at,
      renewAt: renewal.at,
      live: renewal.live,
      askAt: renewal.askAt,
      namesLookAt: renewal.namesLookAt,
      ...lookedAtOnce(enrollment),
    }),
  })
}
