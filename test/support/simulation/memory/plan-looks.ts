import { instant } from '../../../../src/domain/time.ts'
import { isOpen } from '../../../../src/domain/change/vocabulary.ts'
import type { PlanLooks } from '../../../../src/ports/plan-looks.ts'
import {
  altered,
  byText,
  type KeptEnrollment,
  liveEnrollments,
  openChange,
  sorted,
  type Tables,
} from './tables.ts'

/** Its change has come to rest elsewhere, or has ended. */
function hasMoved(tables: Tables, { id, planLook: { seen } }: KeptEnrollment): boolean {
  const open = openChange(tables, id)
  if (open === undefined || open.state === 'running') {
    const change = seen === null ? undefined : tables.changes.get(seen.id)
    return change !== undefined && !isOpen(change)
  }
  return open.id !== seen?.id || open.revision !== seen.revision
}

export const createMemoryPlanLooks = (tables: Tables): PlanLooks => ({
  due: async (at, limit) =>
    sorted(
      liveEnrollments(tables).filter((one) => (one.planLook.at ?? at + 1) <= at || hasMoved(tables, one)),
      ({ id }) => id,
    )
      .slice(0, limit)
      .map(({ id, accountId }) => ({ id, accountId })),
  take: async (id) => liveEnrollments(tables).some((one) => one.id === id),
  async looked(id, seen, nextAt) {
    altered(tables, id, { planLook: { at: nextAt, seen } })
  },
  told: async (id) =>
    byText(
      tables.enrollments.get(id)?.toldConflicts ?? [],
      ({ code, changeId }) => `${code} ${changeId ?? 0}`,
    ),
  async keepTold(id, told) {
    altered(tables, id, {
      toldConflicts: told.map((one) => ({ ...one, until: instant(Math.ceil(one.until)) })),
    })
  },
})
