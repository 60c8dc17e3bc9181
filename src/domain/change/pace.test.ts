import { expect, it } from 'vitest'
import { DAY, instant, MINUTE, plus } from '../time.ts'
import { type Change, NO_PROGRESS } from './change.ts'
import { beginOfWork, isInstant, PACED_STATUSES } from './pace.ts'
import { STATUSES } from './statuses.ts'
import { nextWake } from './wake.ts'

const T0 = instant(1_795_000_000_000)
const PACE = { 'generate-csr': MINUTE, 'deploy-cert-to-staging': 20 * MINUTE }
const POLICY = {
  triggers: [],
  publishes: 'never',
  dwellMs: 0,
  preflight: { default: 'advise', accounts: new Map() },
  pace: PACE,
} as const

const working = (more: Partial<Change> = {}): Change =>
  ({
    status: 'generate-csr',
    state: 'running',
    effects: ['generate-keys'],
    progress: NO_PROGRESS,
    enteredAt: T0,
    ...more,
  }) as unknown as Change

it('a step begins when its time has passed, one that is not named at once', () => {
  expect(beginOfWork(working(), PACE, T0)).toBe(plus(T0, MINUTE))
  expect(beginOfWork(working(), PACE, plus(T0, 5 * MINUTE))).toBe(plus(T0, 5 * MINUTE))
  expect(beginOfWork(working({ status: 'check-for-cert' }), PACE, T0)).toBe(T0)
  expect(beginOfWork(working(), {}, T0)).toBe(T0)
})

it('what an input asked for, a clean-up, and a step that is tried again have no pace', () => {
  expect(beginOfWork(working({ state: 'awaiting-input' }), PACE, T0)).toBe(T0)
  expect(beginOfWork(working({ state: 'cancelled' }), PACE, T0)).toBe(T0)
  expect(beginOfWork(working({ progress: { ...NO_PROGRESS, attempts: 2 } }), PACE, T0)).toBe(T0)
})

it('nothing that is live is let expire for the sake of a pace', () => {
  const live = { lastSafe: plus(T0, 10_000), expires: plus(T0, DAY) }
  const late = working({ action: 'renewal', progress: { ...NO_PROGRESS, live } } as Partial<Change>)
  expect(nextWake(working(), POLICY, T0)).toBe(plus(T0, MINUTE))
  expect(nextWake(late, POLICY, T0)).toBeLessThanOrEqual(plus(T0, MINUTE))
})

it('has a place for every step that Certrail works at', () => {
  expect(PACED_STATUSES).toContain('generate-csr')
  expect(PACED_STATUSES.every((status) => STATUSES[status].effect !== null)).toBe(true)
  expect([isInstant({}), isInstant({ 'generate-csr': 0 }), isInstant(PACE)]).toEqual([true, true, false])
})
