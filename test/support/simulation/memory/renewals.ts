import type { EnrollmentId } from '../../../../src/domain/identifiers.ts'
import { instant, type Instant } from '../../../../src/domain/time.ts'
import type { DueRenewal, Renewals } from '../../../../src/ports/renewals.ts'
import { altered, type KeptEnrollment, lookedAtOnce, openChange, sorted, type Tables } from './tables.ts'

const NOT_HELD = { heldBy: null, heldSince: null } as const

/** Those that no change is in the way of; the first to be due first, those of one moment by id. */
export const plannedRenewals = (tables: Tables): readonly KeptEnrollment[] =>
  sorted(
    [...tables.enrollments.at('planned', true)].filter(({ id }) => openChange(tables, id) === undefined),
    ({ renewAt }) => renewAt ?? 0,
    ({ id }) => id,
  )

/** What was live before lifetimes were kept counts as expired: it goes first. */
const renewalOf = ({ id, accountId, settled, live, window }: KeptEnrollment): DueRenewal => ({
  id,
  accountId,
  validationType: settled?.validationType ?? 'dv',
  orgId: settled?.orgId ?? null,
  live: live ?? { notBefore: instant(0), notAfter: instant(0) },
  information: window,
})

const shareLeft = (at: Instant, { live }: KeptEnrollment): number =>
  live === null
    ? Number.NEGATIVE_INFINITY
    : (live.notAfter - at) / Math.max(1, live.notAfter - live.notBefore)

export const createMemoryRenewals = (tables: Tables): Renewals => ({
  ...dueRenewals(tables),
  ...information(tables),
  ...held(tables),
  ...planning(tables),
})

function dueRenewals(tables: Tables): Pick<Renewals, 'due' | 'nextAt' | 'take'> {
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
    async take(id, at) {
      const enrollment = enrollments.get(id)
      const isDue = (enrollment?.renewAt ?? at + 1) <= at && enrollment?.removedAt === null
      if (enrollment === undefined || !isDue || openChange(tables, id) !== undefined) return false
      altered(tables, id, {
        ...NOT_HELD,
        ...lookedAtOnce(enrollment),
        renewAt: null,
        revision: enrollment.revision + 1,
      })
      return true
    },
  }
}

type Asked = Pick<Renewals, 'toAsk' | 'informationOf' | 'keepInformation' | 'askLater'>

function information(tables: Tables): Asked {
  const { enrollments } = tables
  return {
    toAsk: async (at, limit) =>
      sorted(
        [...enrollments.at('planned', true)].filter(({ askAt }) => askAt !== null && askAt <= at),
        ({ askAt }) => askAt ?? 0,
        ({ id }) => id,
      )
        .slice(0, limit)
        .map((enrollment) => ({ ...renewalOf(enrollment), failures: enrollment.askFailures })),
    informationOf: async (id) => enrollments.get(id)?.window ?? null,
    async keepInformation({ id, live }, window, askAt) {
      const enrollment = enrollments.get(id)
      if (enrollment === undefined || (enrollment.live?.notAfter ?? 0) !== live.notAfter) return false
      altered(tables, id, { askAt, askFailures: 0, window })
      return true
    },
    async askLater(id, askAt) {
      altered(tables, id, { askAt, askFailures: (enrollments.get(id)?.askFailures ?? 0) + 1 })
    },
  }
}

type Turns = Pick<Renewals, 'heldBy' | 'heldCounts' | 'hold' | 'releaseHeld'>

function held(tables: Tables): Turns {
  const { enrollments } = tables
  const waiting = () => [...enrollments.at('planned', true)].filter(({ heldBy }) => heldBy !== null)
  return {
    heldBy: async (account) =>
      plannedRenewals(tables)
        .filter(({ heldBy }) => heldBy === account)
        .map(renewalOf),
    async heldCounts() {
      const accounts = [...new Set(waiting().map(({ heldBy }) => heldBy ?? ''))]
      return accounts.map((account) => ({
        account,
        count: waiting().filter(({ heldBy }) => heldBy === account).length,
      }))
    },
    async hold(account, turns) {
      for (const { id, at } of turns) {
        const enrollment = enrollments.get(id)
        if (enrollment === undefined || enrollment.renewAt === null) continue
        const { renewAt, heldSince, heldBy, revision } = enrollment
        if (renewAt === at && heldBy === account) continue
        const moved = { renewAt: at, autoRenewalStartTime: at, revision: revision + 1 }
        altered(tables, id, {
          ...moved,
          ...lookedAtOnce(enrollment),
          heldBy: account,
          heldSince: heldSince ?? renewAt,
        })
      }
    },
    async releaseHeld() {
      for (const enrollment of waiting()) {
        const { id, heldSince: renewAt } = enrollment
        altered(tables, id, { ...NOT_HELD, ...lookedAtOnce(enrollment), renewAt })
      }
    },
  }
}

type Planning = Pick<Renewals, 'postpone' | 'planOf' | 'plannedOf' | 'replan' | 'keepKey'>

function planning(tables: Tables): Planning {
  const { enrollments } = tables
  const heldOf = ({ heldBy: account, heldSince: since }: KeptEnrollment) =>
    account === null || since === null ? null : { account, since }
  return {
    async postpone(id: EnrollmentId, to) {
      const enrollment = enrollments.get(id)
      if (enrollment === undefined || enrollment.autoRenewalStartTime === null) return
      const renewAt = instant(Math.max(enrollment.renewAt ?? 0, to))
      altered(tables, id, { ...NOT_HELD, ...lookedAtOnce(enrollment), renewAt })
    },
    async planOf(id) {
      const found = enrollments.get(id)
      const { renewAt: at = null, keepKey = false } = found ?? {}
      return { at, keepKey, held: found === undefined ? null : heldOf(found) }
    },
    plannedOf: async (account) =>
      sorted(
        [...enrollments.at('planned', true)].filter(({ accountId }) => accountId === account),
        ({ id }) => id,
      ).map(({ id }) => id),
    async replan(id, at) {
      const enrollment = enrollments.get(id)
      if (enrollment === undefined || enrollment.renewAt === null) return
      const { revision } = enrollment
      const moved = { renewAt: at, autoRenewalStartTime: at, revision: revision + 1 }
      altered(tables, id, { ...NOT_HELD, ...lookedAtOnce(enrollment), ...moved })
    },
    async keepKey(id, keepKey) {
      altered(tables, id, { keepKey })
    },
  }
}
