import { requestedNames } from '../../../../src/domain/enrollment/served-names.ts'
import { FAULT_REASONS, isLost } from '../../../../src/domain/validation/name-standing.ts'
import type { NameStandings } from '../../../../src/ports/name-standings.ts'
import { altered, byText, liveEnrollments, sorted, type Tables } from './tables.ts'

export const createMemoryNameStandings = (tables: Tables): NameStandings => ({
  async takeDue({ now, againAt }, limit) {
    const due = sorted(
      liveEnrollments(tables).filter(({ namesLookAt }) => (namesLookAt ?? now + 1) <= now),
      ({ namesLookAt }) => namesLookAt ?? 0,
      ({ id }) => id,
    ).slice(0, limit)
    for (const { id } of due) altered(tables, id, { namesLookAt: againAt })
    return sorted(due, ({ id }) => id).flatMap(({ id, accountId, settled, live }) =>
      settled === null || live === null ? [] : [{ id, accountId, names: requestedNames(settled), live }],
    )
  },
  of: async (id) => byText(tables.enrollments.get(id)?.knownNames ?? [], ({ name }) => name),
  async keep({ id, live }, names, nextAt) {
    const stands = tables.enrollments.get(id)
    const isSame = stands?.live?.notBefore === live.notBefore && stands.live.notAfter === live.notAfter
    if (!isSame || stands.removedAt !== null) return false
    altered(tables, id, { namesLookAt: nextAt, knownNames: names })
    return true
  },
  async lostCounts() {
    const lost = liveEnrollments(tables).flatMap(({ knownNames }) => knownNames.filter(isLost))
    return FAULT_REASONS.toSorted().flatMap((reason) => {
      const count = lost.filter(({ fault }) => fault?.reason === reason).length
      return count === 0 ? [] : [{ reason, count }]
    })
  },
  async stop() {
    for (const { id } of liveEnrollments(tables)) altered(tables, id, { namesLookAt: null, knownNames: [] })
  },
})
