import { describe, expect, it } from 'vitest'
import { dvSettings } from '../../../test/support/settings.ts'
import { DAY, HOUR, type Instant, instant, plus } from '../time.ts'
import { type Change, NO_PROGRESS } from './change.ts'
import { isLeftToPeople, lastResort, liveSpan } from './last-resort.ts'
import { move } from './move.ts'
import { RETRY_WAITS } from './retry.ts'
import { nextWake, wakeEvent } from './wake.ts'
import { waitingChange } from '../../../test/support/waiting-change.ts'

const T0 = instant(1_795_000_000_000)
const EXPIRES = plus(T0, 90 * DAY)
const LAST_SAFE = plus(T0, 83 * DAY)
const POLICY = {
  triggers: [],
  publishes: 'never',
  dwellMs: 0,
  preflight: { default: 'advise', accounts: new Map() },
} as const
const at = (now: Instant) => ({ now, policy: POLICY })

const change = (more: Partial<Change> = {}): Change =>
  waitingChange(T0, {
    action: 'modify-san',
    settings: { ...dvSettings('www.example.com'), changeManagement: true },
    notBefore: plus(T0, 10 * DAY),
    ...more,
    progress: { ...NO_PROGRESS, live: { lastSafe: LAST_SAFE, expires: EXPIRES }, ...more.progress },
  })

const thirdParty = { ...change().settings, validationType: 'third-party' as const }
const eventOf = (more: Partial<Change>) => lastResort(change(more))?.event ?? null
const schedule = { status: 'wait-deployment-schedule', state: 'suspended' } as const
const error = { code: 'authority-refused', description: 'No.', at: T0 }

describe('what is live when a change begins', () => {
  const live = { notBefore: T0, notAfter: EXPIRES }

  it('is nothing for the first change of an enrollment', () => {
    expect(liveSpan([], T0)).toBeNull()
    expect(lastResort(change({ progress: { ...NO_PROGRESS, live: undefined } as never }))).toBeNull()
  })

  it('is safe until the deadline of acknowledgements; a change that begins late has half of what remains', () => {
    expect(liveSpan([live], T0)).toEqual({ lastSafe: LAST_SAFE, expires: EXPIRES })
    expect(liveSpan([live], plus(EXPIRES, -4 * DAY))?.lastSafe).toBe(plus(EXPIRES, -2 * DAY))
    expect(liveSpan([live], plus(EXPIRES, DAY))?.lastSafe).toBe(plus(EXPIRES, DAY))
  })

  it('is as old as the first of a dual stack', () => {
    expect(liveSpan([{ notBefore: T0, notAfter: plus(T0, 200 * DAY) }, live], T0)?.expires).toBe(EXPIRES)
  })
})

describe('a change that still waits at the last safe moment', () => {
  it.each<readonly [string, Partial<Change>]>([
    ['an acknowledgement, with a date of its own', {}],
    ['a review', { status: 'wait-review-cert-warning', notBefore: null }],
    ['challenges that nobody places', { status: 'coordinate-domain-validation', notBefore: null }],
    [
      'a CA that does not answer',
      { status: 'check-for-cert', state: 'running', effects: ['request-certificate'] },
    ],
    ['a date after that expiry', { ...schedule, notBefore: EXPIRES }],
    ['somebody to mend what its CA refused', { status: 'check-for-cert-error', state: 'error', error }],
    ['another schedule', { status: 'wait-deployment-schedule', state: 'error', error }],
    ['a date of a removal after that expiry', { ...schedule, action: 'removal', notBefore: EXPIRES }],
    [
      'another schedule of a removal',
      { status: 'wait-deployment-schedule', action: 'removal', state: 'error', error },
    ],
    ['an acknowledgement of network settings', { action: 'network-only', settings: thirdParty }],
  ])('for %s, ends without effect for a renewal', (_, more) => {
    const waiting = change(more)
    expect(lastResort(waiting)).toEqual({ at: LAST_SAFE, event: 'superseded' })
    expect(wakeEvent(waiting, plus(LAST_SAFE, -1))).not.toBe('superseded')
    expect(wakeEvent(waiting, LAST_SAFE)).toBe('superseded')
    const ended = move(waiting, 'superseded', at(LAST_SAFE))
    expect(ended).toMatchObject({ ok: true, change: { status: waiting.status, state: 'cancelled' } })
  })

  it.each<readonly [string, Partial<Change>]>([
    ['has no date: it goes by its deadline', { notBefore: null }],
    ['goes at a date before that expiry', { ...schedule, notBefore: plus(EXPIRES, -DAY) }],
    ['is tried again by itself', { status: 'deploy-cert-to-staging', state: 'error', error }],
    ['is on its way', { status: 'deploy-cert-to-production', state: 'running' }],
    [
      'removes the enrollment before that expiry',
      { ...schedule, action: 'removal', notBefore: plus(EXPIRES, -1) },
    ],
    ['has begun to remove it', { status: 'deprovision-cert', action: 'removal', state: 'error', error }],
    ['owes production something', { ...schedule, notBefore: EXPIRES, effects: ['push-settings'] }],
    [
      'waits for an upload, as its renewal would',
      { status: 'wait-upload-third-party', settings: thirdParty },
    ],
    [
      'brings an upload that nobody has read',
      { status: 'wait-review-third-party-cert', settings: thirdParty },
    ],
  ])('stays when it %s', (_, more) => {
    expect(lastResort(change(more))).toBeNull()
  })

  it('has an hour wherever an answer may be on its way', () => {
    const late = plus(LAST_SAFE, -HOUR / 2)
    expect(lastResort(change({ status: 'check-for-cert', enteredAt: late }))?.at).toBe(plus(late, HOUR))
    expect(lastResort(change({ enteredAt: late }))?.at).toBe(LAST_SAFE)
  })
})

describe('the renewal of what is live, and a certificate that only a person could bring', () => {
  it.each<readonly [string, Partial<Change>, string | null]>([
    ['counts as acknowledged also with a date', { action: 'renewal' }, 'deadline-passed'],
    ['so does a third-party change', { settings: thirdParty }, 'deadline-passed'],
    [
      'passes over a date that is too late',
      { ...schedule, action: 'renewal', notBefore: EXPIRES },
      'window-opened',
    ],
    [
      'keeps a date before that expiry',
      { ...schedule, action: 'renewal', notBefore: plus(EXPIRES, -1) },
      null,
    ],
    ['goes on unread', { action: 'renewal', status: 'wait-review-cert-warning' }, 'deadline-passed'],
    ['waits on for its challenges', { action: 'renewal', status: 'coordinate-domain-validation' }, null],
  ])('%s', (_, more, event) => {
    expect(eventOf(more)).toBe(event)
  })

  it('goes to production at that moment in spite of its dates, and not before', () => {
    const waiting = change({ ...schedule, action: 'renewal', notBefore: plus(EXPIRES, DAY) })
    expect(nextWake(waiting, POLICY, T0)).toBe(LAST_SAFE)
    expect(move(waiting, 'window-opened', at(plus(LAST_SAFE, -1)))).toMatchObject({
      change: { status: schedule.status, state: schedule.state },
    })
    expect(move(waiting, 'window-opened', at(LAST_SAFE))).toMatchObject({
      change: { status: 'deploy-cert-to-production', state: 'running' },
    })
    const missed = change({
      action: 'renewal',
      status: schedule.status,
      state: 'error',
      notAfter: plus(T0, DAY),
      error,
    })
    expect(wakeEvent(missed, LAST_SAFE)).toBe('window-opened')
    expect(move(missed, 'window-opened', at(LAST_SAFE))).toMatchObject({
      change: { status: 'deploy-cert-to-production', state: 'running' },
    })
  })

  it('acknowledged by nobody, still keeps a date before that expiry', () => {
    const waiting = change({ action: 'renewal', notBefore: plus(EXPIRES, -DAY) })
    expect(move(waiting, 'deadline-passed', at(LAST_SAFE))).toMatchObject({
      change: { status: 'wait-deployment-schedule', state: 'suspended', nextAt: plus(EXPIRES, -DAY) },
    })
  })

  it('never stops trying, and waits the shorter the less is left', () => {
    const failing = (attempts: number, left: number) => {
      const failed = change({
        action: 'renewal',
        status: 'deploy-cert-to-staging',
        state: 'error',
        error,
        progress: { ...NO_PROGRESS, attempts },
      })
      return (nextWake(failed, POLICY, plus(EXPIRES, -left)) ?? 0) - (EXPIRES - left)
    }
    expect(failing(RETRY_WAITS.length + 5, 30 * DAY)).toBe(DAY)
    expect(failing(RETRY_WAITS.length, 12 * HOUR)).toBe(1.5 * HOUR)
    expect(failing(2, 12 * HOUR)).toBe(4_000)
    expect(failing(RETRY_WAITS.length, -DAY)).toBe(HOUR / 6)
  })
})

it('the moment is kept from step to step, and wakes a change that its own table would leave alone', () => {
  const entered = move(
    change({ status: 'deploy-cert-to-staging', state: 'running', effects: ['deploy-to-staging'] }),
    'staging-deployed',
    at(T0),
  )
  expect(entered).toMatchObject({ change: { progress: { live: { lastSafe: LAST_SAFE } } } })
  expect(nextWake(change(), POLICY, T0)).toBe(LAST_SAFE)
  const pending = change({ status: 'check-for-cert', state: 'running', effects: ['request-certificate'] })
  expect(move(pending, 'certificate-pending', at(T0), { nextAt: plus(EXPIRES, DAY) })).toMatchObject({
    change: { nextAt: LAST_SAFE },
  })
  const refused = change({ status: 'check-for-cert-error', state: 'error', error, nextAt: LAST_SAFE })
  expect(isLeftToPeople(refused)).toBe(true)
})
