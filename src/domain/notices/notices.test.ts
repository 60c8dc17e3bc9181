import { describe, expect, it } from 'vitest'
import { type Change, NO_PROGRESS } from '../change/change.ts'
import { RETRY_WAITS } from '../change/retry.ts'
import { DAY, instant, plus } from '../time.ts'
import { DELIVERY_WAITS, digest, nextDeliveryDelay } from './digest.ts'
import { expiryNotices, noticesOfMove } from './notices-of-move.ts'
import { refusedNamesNotices } from './refused-names.ts'
import { waitingChange } from '../../../test/support/waiting-change.ts'

const T0 = instant(1_795_000_000_000)

const change = (more: Partial<Change>): Change => waitingChange(T0, more)

const occasions = (moved: Change, event: string) =>
  noticesOfMove(moved, event, T0).map(({ occasion, dueAt }) => [occasion, dueAt])

describe('a move is told of', () => {
  it('when a person is to act, with the command that says how', () => {
    const [notice] = noticesOfMove(change({}), 'staging-deployed', T0)
    expect(notice).toMatchObject({
      occasion: 'input-needed',
      text: expect.stringContaining('certrail explain 1'),
    })
    const validating = change({ status: 'coordinate-domain-validation' })
    expect(occasions(validating, 'challenges-ready')).toEqual([['challenges-to-place', T0]])
    expect(occasions(validating, 'names-not-yet-validated')).toEqual([])
  })

  it('when a CA has refused names, of which a few are named, and nothing of what it saw', () => {
    const names = Array.from({ length: 7 }, (_, index) => `n${index}.example`)
    const [notice, ...others] = refusedNamesNotices(change({}), names, T0)
    expect(others).toEqual([])
    expect(notice).toMatchObject({ occasion: 'validation-refused', dueAt: T0 })
    expect(notice?.text).toContain(
      'looked at n0.example, n1.example, n2.example, n3.example, n4.example and 2 more',
    )
    expect(refusedNamesNotices(change({}), [], T0)).toEqual([])
  })

  it('when it is deployed, and not for every step on the way', () => {
    expect(occasions(change({ state: 'completed', status: 'complete' }), 'production-deployed')).toEqual([
      ['deployed', T0],
    ])
    expect(occasions(change({ state: 'running', status: 'check-for-cert' }), 'names-validated')).toEqual([])
  })

  it('when it fails for longer than a restart, once, and when it is given up', () => {
    const failed = (attempts: number, nextAt = T0 as Change['nextAt']) =>
      occasions(
        change({
          state: 'error',
          status: 'deploy-cert-to-staging',
          nextAt,
          progress: { ...NO_PROGRESS, attempts },
          error: { code: 'edge-unreachable', description: 'No edge answers.', at: T0 },
        }),
        'step-failed',
      ).length
    expect([1, 2, 3, 4, 5, 6].map((attempt) => failed(attempt))).toEqual([0, 0, 0, 0, 0, 0])
    expect(RETRY_WAITS.map((_, index) => failed(index + 1)).filter((told) => told === 1)).toHaveLength(1)
    expect(failed(99, null)).toBe(1)
  })

  it('a day before its deadline, sooner where that is short', () => {
    const frozen = (deadline: number) =>
      occasions(change({ progress: { ...NO_PROGRESS, deadline: plus(T0, deadline) } }), 'freeze-content')
    expect(frozen(20 * DAY)).toEqual([['deadline-near', plus(T0, 19 * DAY)]])
    expect(frozen(DAY)).toEqual([['deadline-near', plus(T0, 0.75 * DAY)]])
    expect(frozen(-DAY)).toEqual([])
  })

  it('and what is live, by shares of its lifetime', () => {
    const moments = (days: number) =>
      expiryNotices('a.example', 1, { notBefore: T0, notAfter: plus(T0, days * DAY) }).map(
        ({ dueAt }) => days - (dueAt - T0) / DAY,
      )
    expect(moments(90)[0]).toBeCloseTo(22.5, 5)
    expect(moments(6).map((left) => Math.round(left * 100) / 100)).toEqual([1.5, 0.75, 0.38, 0.12])
  })
})

describe('a digest', () => {
  const told = (id: number, occasion: 'deployed' | 'expiry-near') => ({
    id,
    enrollmentId: 1,
    changeId: 2,
    occasion,
    text: `notice ${id}`,
    at: T0,
  })

  it('is one mail, the most urgent first, in plain text', () => {
    const { subject, text } = digest([told(1, 'deployed'), told(2, 'expiry-near')], true)
    expect(subject).toBe('[Certrail sandbox] a certificate expires soon (and 1 more)')
    expect(text.indexOf('notice 2')).toBeLessThan(text.indexOf('notice 1'))
    expect(text).not.toMatch(/[<>]/)
  })

  it('ends where nobody would read on, and says so', () => {
    const all = Array.from({ length: 120 }, (_, index) => told(index, 'deployed'))
    expect(digest(all, false).text).toContain('70 more are listed')
  })
})

it('a delivery is tried for three days, in growing waits', () => {
  const waits = DELIVERY_WAITS.map(({ waitMs }) => waitMs)
  expect(waits.toSorted((one, other) => one - other)).toEqual(waits)
  expect(nextDeliveryDelay(1)).toBe(10_000)
  expect(nextDeliveryDelay(DELIVERY_WAITS.length + 1)).toBeNull()
  expect(Math.round(waits.reduce((sum, wait) => sum + wait, 0) / DAY)).toBe(3)
})
