import type { Enrollment } from '../../../../src/domain/enrollment/enrollment.ts'
import type { EnrollmentLifecycle } from '../../../../src/ports/enrollment-lifecycle.ts'
import type { Enrollments } from '../../../../src/ports/enrollments.ts'
import { destroyKeysOf } from './certificates.ts'
import { withdraw } from './deployments.ts'
import { dropNotices } from './notices.ts'
import { scopes } from './pauses.ts'
import { altered, type KeptEnrollment, LOOK_AT_ONCE, sorted, type Tables, UNPLANNED } from './tables.ts'

const shown = ({
  names: _n,
  settled: _s,
  renewAt: _r,
  live: _l,
  heldBy: _h,
  heldSince: _i,
  askAt: _a,
  askFailures: _f,
  window: _v,
  keepKey: _k,
  removedAt: _g,
  removalWish: _w,
  planLook: _p,
  toldConflicts: _t,
  namesLookAt: _n2,
  knownNames: _n3,
  ...enrollment
}: KeptEnrollment): Enrollment => enrollment

export const createMemoryEnrollments = (tables: Tables): Enrollments => ({
  async insert(enrollment, names) {
    tables.enrollments.set(enrollment.id, {
      ...enrollment,
      names,
      settled: null,
      ...UNPLANNED,
      renewAt: enrollment.autoRenewalStartTime,
      keepKey: false,
      removedAt: null,
      removalWish: null,
      planLook: LOOK_AT_ONCE,
      toldConflicts: [],
    })
  },
  async find(account, id) {
    const found = tables.enrollments.get(id)
    return found === undefined || found.accountId !== account || found.removedAt !== null
      ? null
      : shown(found)
  },
  list: async (account, contract) =>
    sorted(
      [...tables.enrollments.values()].filter(
        (one) =>
          one.accountId === account &&
          one.removedAt === null &&
          (contract === null || one.contractId === contract),
      ),
      ({ id }) => id,
    ).map(shown),
  async save(enrollment) {
    const stands = tables.enrollments.get(enrollment.id)
    if (stands?.revision !== enrollment.revision) return false
    const { settings, autoRenewalStartTime, revision } = enrollment
    altered(tables, enrollment.id, { settings, autoRenewalStartTime, revision: revision + 1 })
    return true
  },
  // Every enrollment of the simulation has names of its own, and there is one account.
  hasCommonName: async (account, contract, commonName) =>
    [...tables.enrollments.values()].some(
      ({ accountId, contractId, names, removedAt }) =>
        accountId === account && contractId === contract && names[0] === commonName && removedAt === null,
    ),
  overlappingNames: async () => [],
  claimNames: async () => null,
  recordNames: async () => {},
})

export const createMemoryLifecycle = (tables: Tables): EnrollmentLifecycle => ({
  settled: async (id) => tables.enrollments.get(id)?.settled ?? null,
  async settle(id, settings) {
    altered(tables, id, { settled: settings })
  },
  removalWish: async (id) => tables.enrollments.get(id)?.removalWish ?? null,
  async wishRemoval(id, removalWish) {
    altered(tables, id, { removalWish })
  },
  async remove(id, at) {
    for (const [scope, pause] of scopes(tables)) if (pause.enrollmentId === id) tables.pauses.delete(scope)
    dropNotices(tables, id, ({ dueAt }) => dueAt > at)
    altered(tables, id, { removedAt: at, removalWish: null })
  },
  async releaseSlots(id) {
    altered(tables, id, { assignedSlots: [] })
  },
  async destroyKeys(id) {
    destroyKeysOf(tables, id)
  },
  withdraw: async (id) => withdraw(tables, id),
})
