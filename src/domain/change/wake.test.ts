import { describe, expect, it } from 'vitest'
import { DAY, type Instant, instant, plus } from '../time.ts'
import type { Change } from './change.ts'
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
