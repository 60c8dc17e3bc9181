import { describe, expect, it } from 'vitest'
import { DAY, HOUR, MINUTE, SECOND } from '../time.ts'
import { recheckDelay } from './recheck.ts'
import { healsByItself, nextOrderDelay, nextRetryDelay, REFUSAL_WAITS, RETRY_WAITS } from './retry.ts'

describe('retries', () => {
  it('carry the running total that their waits add up to', () => {
    let totalMs = 0
    for (const row of RETRY_WAITS) expect(row.totalMs).toBe((totalMs += row.waitMs))
    expect(totalMs).toBe(3 * DAY)
  })

  it('never come faster than the one before', () => {
    const waits = RETRY_WAITS.map((row) => row.waitMs)
    expect(waits.toSorted((one, other) => one - other)).toEqual(waits)
  })

  it('wait by the number of failures in a row, and give up after the last row', () => {
    expect(nextRetryDelay(1)).toBe(SECOND)
    expect(nextRetryDelay(0)).toBe(SECOND)
    expect(nextRetryDelay(4)).toBe(45 * SECOND)
    expect(nextRetryDelay(RETRY_WAITS.length)).toBe(DAY)
    expect(nextRetryDelay(RETRY_WAITS.length + 1)).toBeNull()
  })

  it('are for failed steps, not for a refused order or a missed window', () => {
    expect(healsByItself({ status: 'deploy-cert-to-staging', state: 'error' })).toBe(true)
    expect(healsByItself({ status: 'deploy-cert-to-staging', state: 'running' })).toBe(false)
    expect(healsByItself({ status: 'check-for-cert-error', state: 'error' })).toBe(false)
    expect(healsByItself({ status: 'wait-deployment-schedule', state: 'error' })).toBe(false)
  })

  it('are for the refused order of a renewal too, hours and then a day apart, up to a month', () => {
    expect(healsByItself({ status: 'check-for-cert-error', state: 'error', action: 'renewal' })).toBe(true)
    expect(healsByItself({ status: 'check-for-cert-error', state: 'error', action: 'modify-san' })).toBe(
      false,
    )
    let totalMs = 0
    for (const row of REFUSAL_WAITS) expect(row.totalMs).toBe((totalMs += row.waitMs))
    expect(totalMs).toBe(30 * DAY)
    expect([1, 2, 3, 4].map(nextOrderDelay)).toEqual([HOUR, 5 * HOUR, 18 * HOUR, DAY])
    expect(nextOrderDelay(REFUSAL_WAITS.length + 1)).toBeNull()
  })
})

it('looks at open names come after 0 s, 5 s, 30 s, 2 min, then every 10 min (C12)', () => {
  const waits = [0, 1, 2, 3, 4, 5, 100].map(recheckDelay)
  expect(waits).toEqual([0, 5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, 10 * MINUTE, 10 * MINUTE])
})
