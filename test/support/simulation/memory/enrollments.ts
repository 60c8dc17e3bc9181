import type { Enrollment } from '../../../../src/domain/enrollment/enrollment.ts'
import type { EnrollmentId } from '../../../../src/domain/identifiers.ts'
import { instant, type Instant } from '../../../../src/domain/time.ts'
import type { EnrollmentLifecycle } from '../../../../src/ports/enrollment-lifecycle.ts'
import type { Enrollments } from '../../../../src/ports/enrollments.ts'
import type { DueRenewal, Renewals } from '../../../../src/ports/renewals.ts'
import { destroyKeysOf } from './certificates.ts'
import { withdraw } from './deployments.ts'
import { dropNotices } from './notices.ts'
import { type KeptEnrollment, openChange, sorted, type Tables } from './tables.ts'

export function altered({ enrollments }: Tables, id: EnrollmentId, more: Partial<KeptEnrollment>): void {
  const enrollment = enrollments.get(id)
  if (enrollment !== undefined) enrollments.set(id, { ...enrollment, ...more })
}

const shown = ({
  names: _n,
  settled: _s,
  renewAt: _r,
  live: _l,
  keepKey: _k,
  removedAt: _g,
  removalWish: _w,
  ...enrollment
}: KeptEnrollment): Enrollment => enrollment

export const createMemoryEnrollments = (tables: Tables): Enrollments => ({
  async insert(enrollment, names) {
    tables.enrollments.set(enrollment.id, {
      ...enrollment,
      names,
      settled: null,
      renewAt: enrollment.autoRenewalStartTime,
      live: null,
      keepKey: false,
      removedAt: null,
      removalWish: null,
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

/** The first to be due first, those of one moment by id. */
export const plannedRenewals = (tables: Tables): readonly KeptEnrollment[] =>
  sorted(
    [...tables.enrollments.at('planned', true)].filter(({ id }) => openChange(tables, id) === undefined),
    ({ renewAt }) => renewAt ?? 0,
    ({ id }) => id,
  )

/** What was live before lifetimes were kept counts as expired: it goes first. */
const renewalOf = ({ id, accountId, settled, live }: KeptEnrollment): DueRenewal => ({
  id,
  accountId,
  validationType: settled?.validationType ?? 'dv',
  orgId: settled?.orgId ?? null,
  live: live ?? { notBefore: instant(0), notAfter: instant(0) },
  information: null,
})

const shareLeft = (at: Instant, { live }: KeptEnrollment): number =>
  live === null
    ? Number.NEGATIVE_INFINITY
    : (live.notAfter - at) / Math.max(1, live.notAfter - live.notBefore)

/** No CA of the simulation limits its orders, or says when it would like a renewal. */
type LivedRenewals = Pick<
  Renewals,
  'due' | 'nextAt' | 'take' | 'postpone' | 'planOf' | 'plannedOf' | 'replan' | 'keepKey' | 'informationOf'
>

export function createMemoryRenewals(tables: Tables): LivedRenewals {
  const { enrollments } = tables
  return {
    due: async (at, limit) =>
      sorted(
        plannedRenewals(tables).filter(({ renewAt }) => renewAt !== null && renewAt <= at),
        (enrollment) => shareLeft(at, enrollment),
        ({ id }) => id,
      )
        .slice(0, limit)
        .map(renewalOf),
    nextAt: async () => plannedRenewals(tables)[0]?.renewAt ?? null,
    informationOf: async () => null,
    async take(id, at) {
      const enrollment = enrollments.get(id)
      const isDue = (enrollment?.renewAt ?? at + 1) <= at && enrollment?.removedAt === null
      if (enrollment === undefined || !isDue || openChange(tables, id) !== undefined) return false
      altered(tables, id, { renewAt: null, revision: enrollment.revision + 1 })
      return true
    },
    async postpone(id, to) {
      const { renewAt = null, autoRenewalStartTime = null } = enrollments.get(id) ?? {}
      if (autoRenewalStartTime !== null) altered(tables, id, { renewAt: instant(Math.max(renewAt ?? 0, to)) })
    },
    planOf: async (id) => ({
      at: enrollments.get(id)?.renewAt ?? null,
      keepKey: enrollments.get(id)?.keepKey ?? false,
      held: null,
    }),
    plannedOf: async (account) =>
      sorted(
        [...enrollments.at('planned', true)].filter(({ accountId }) => accountId === account),
        ({ id }) => id,
      ).map(({ id }) => id),
    async replan(id, at) {
      const enrollment = enrollments.get(id)
      if (enrollment !== undefined && enrollment.renewAt !== null)
        altered(tables, id, { renewAt: at, autoRenewalStartTime: at, revision: enrollment.revision + 1 })
    },
    async keepKey(id, keepKey) {
      altered(tables, id, { keepKey })
    },
  }
}
