import fc from 'fast-check'
import type { ValidationType } from '../../src/domain/enrollment/enrollment.ts'
import { enrollmentId } from '../../src/domain/identifiers.ts'
import { UNRESTRICTED } from '../../src/domain/plan/maintenance.ts'
import type { RenewalFacts } from '../../src/domain/plan/renewal-moments.ts'
import { CPS_LEAD_DAYS } from '../../src/domain/renewal/renewal-start.ts'
import { DAY, HOUR, type Instant, instant, plus } from '../../src/domain/time.ts'

export const BEGINS: Instant = instant(Date.parse('2026-11-23T12:00:00Z'))
const T0 = BEGINS

export const renewalFacts = (more: Partial<RenewalFacts> = {}): RenewalFacts => ({
  id: enrollmentId(10_007),
  validationType: 'dv',
  changeManagement: false,
  live: { notBefore: T0, notAfter: plus(T0, 90 * DAY) },
  leadDays: CPS_LEAD_DAYS,
  maintenance: UNRESTRICTED,
  information: null,
  now: T0,
  ...more,
})

const window = fc.record({
  cron: fc
    .record({
      minute: fc.constantFrom('0', '30', '*/20'),
      hour: fc.constantFrom('3', '22', '*/6'),
      day: fc.constantFrom('*', '6', '2,4', '1-5'),
    })
    .map(({ minute, hour, day }) => `${minute} ${hour} * * ${day}`),
  timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe'),
  durationMinutes: fc.integer({ min: 15, max: 600 }),
})
const freeze = fc
  .record({ start: fc.integer({ min: -50, max: 400 }), days: fc.integer({ min: 1, max: 120 }) })
  .map(({ start, days }) => ({
    from: plus(T0, start * DAY),
    until: plus(T0, (start + days) * DAY),
    reason: 'freeze',
  }))
export const arbitraryRenewals = fc
  .record({
    id: fc.integer({ min: 1, max: 2 ** 40 }),
    validationType: fc.constantFrom<ValidationType>('dv', 'ov', 'ev', 'third-party'),
    changeManagement: fc.boolean(),
    hours: fc.integer({ min: 24, max: 397 * 24 }),
    elapsed: fc.double({ min: 0, max: 1, noNaN: true }),
    maintenance: fc.record({
      windows: fc.array(window, { maxLength: 2 }),
      freezes: fc.array(freeze, { maxLength: 2 }),
    }),
  })
  .map(({ id, validationType, changeManagement, hours, elapsed, maintenance }) =>
    renewalFacts({
      id: enrollmentId(id),
      validationType,
      changeManagement,
      live: { notBefore: T0, notAfter: plus(T0, hours * HOUR) },
      now: plus(T0, Math.floor(hours * elapsed) * HOUR),
      maintenance,
    }),
  )
