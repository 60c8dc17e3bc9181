import { describe, expect, it } from 'vitest'
import { DAY, type Instant, instant, MINUTE, plus } from '../time.ts'
import type { Change } from './change.ts'
import { answersAt } from './own-answer.ts'
import { nextWake, wakeEvent } from './wake.ts'

const NOW = instant(1_700_000_000_000)
const POLICY = {
  triggers: [],
  publishes: 'never',
  dwellMs: 0,
  preflight: { default: 'advise', accounts: new Map() },
} as const

/** Only what a wake-up looks at. */
const waiting = (changed: { notBefore?: Instant; deadline?: Instant }): Change =>
  ({
    status: 'wait-ack-change-management',
    state: 'awaiting-input',
    effects: [],
    notBefore: changed.notBefore ?? null,
    notAfter: null,
    progress: {
      attempts: 0,
      rechecks: 0,
      trigger: null,
      ...(changed.deadline !== undefined && { deadline: changed.deadline }),
    },
  }) as unknown as Change

describe('a change that waits for its acknowledgement (spec: behaviour C7)', () => {
  it('is never woken while nothing is live', () => {
    expect(nextWake(waiting({}), POLICY, NOW)).toBeNull()
    expect(wakeEvent(waiting({}), NOW)).toBeNull()
  })

  it('is woken at its deadline, and goes on then and not sooner', () => {
    const change = waiting({ deadline: plus(NOW, DAY) })
    expect(nextWake(change, POLICY, NOW)).toBe(plus(NOW, DAY))
    expect(wakeEvent(change, plus(NOW, DAY - 1))).toBeNull()
    expect(wakeEvent(change, plus(NOW, DAY))).toBe('deadline-passed')
  })

  it('has no deadline once somebody has set a deployment date', () => {
    const change = waiting({ deadline: NOW, notBefore: plus(NOW, DAY) })
    expect(nextWake(change, POLICY, NOW)).toBeNull()
    expect(wakeEvent(change, plus(NOW, DAY))).toBeNull()
  })
})

describe('a change that waits for the acknowledgement of its challenges', () => {
  const LAST_SAFE = plus(NOW, 9 * DAY)
  const unvalidated = (action: Change['action'], updatedAt: Instant, rechecks = 0) =>
    ({
      status: 'coordinate-domain-validation',
      state: 'awaiting-input',
      action,
      settings: { validationType: 'dv' },
      effects: [],
      enteredAt: NOW,
      updatedAt,
      progress: {
        attempts: 0,
        rechecks,
        trigger: null,
        live: { lastSafe: LAST_SAFE, expires: plus(NOW, 16 * DAY) },
      },
    }) as unknown as Change
  const OURS = { ...POLICY, triggers: ['acknowledgement'], publishes: 'on-trigger' } as const

  it('waits for it however long, but a renewal that our own edges can answer for only until its last safe moment', () => {
    expect(nextWake(unvalidated('renewal', NOW), OURS, NOW)).toBe(LAST_SAFE)
    expect(nextWake(unvalidated('new-certificate', NOW), OURS, NOW)).toBeNull()
    expect(nextWake(unvalidated('renewal', NOW), { ...OURS, publishes: 'never' }, NOW)).toBeNull()
    expect(answersAt(unvalidated('modify-san', NOW), OURS)).toBeNull()
  })

  it('is looked at in a rhythm from then on, not again and again at one moment', () => {
    const asked = unvalidated('renewal', LAST_SAFE, 3)
    expect(nextWake(asked, OURS, LAST_SAFE)).toBe(plus(LAST_SAFE, 2 * MINUTE))
  })
})
