import { describe, expect, it } from 'vitest'
import { dvSettings } from '../../../test/support/settings.ts'
import { type Change, NO_PROGRESS } from '../change/change.ts'
import { DAY, instant, plus } from '../time.ts'
import { conflictOfChange, renewalAfter, stepsOfChange } from './open-change.ts'
import { waitingChange } from '../../../test/support/waiting-change.ts'

const T0 = instant(1_795_000_000_000)
const EXPIRES = plus(T0, 90 * DAY)
const LAST_SAFE = plus(T0, 83 * DAY)

const waiting = (more: Partial<Change> = {}): Change =>
  waitingChange(T0, {
    action: 'modify-san',
    settings: { ...dvSettings('www.example.com'), changeManagement: true },
    progress: { ...NO_PROGRESS, live: { lastSafe: LAST_SAFE, expires: EXPIRES } },
    notBefore: plus(T0, DAY),
    nextAt: LAST_SAFE,
    ...more,
  })
const begin = { at: plus(T0, 60 * DAY), reason: 'usual' }

describe('a plan around an open change', () => {
  it('begins the renewal when the change ends for it', () => {
    expect(stepsOfChange(waiting())).toEqual([])
    expect(renewalAfter(waiting(), begin)).toMatchObject({
      at: LAST_SAFE,
      reason: expect.stringContaining('change 2'),
    })
  })

  it('has no renewal yet where the change brings a certificate by itself', () => {
    const change = waiting({ notBefore: null, nextAt: plus(T0, 80 * DAY) })
    expect(renewalAfter(change, begin)).toBeNull()
    expect(stepsOfChange(change)).toMatchObject([
      { what: 'push-without-acknowledgement', at: plus(T0, 80 * DAY) },
    ])
  })

  it('lets a renewal with a date that is too late go at the last safe moment', () => {
    const change = waiting({
      action: 'renewal',
      status: 'wait-deployment-schedule',
      state: 'suspended',
      notBefore: plus(EXPIRES, DAY),
    })
    expect(stepsOfChange(change)).toMatchObject([{ what: 'deploy-to-production', at: LAST_SAFE }])
    expect(conflictOfChange(change, false)).toMatchObject({
      code: 'change-in-the-way',
      text: expect.stringContaining('goes on at'),
    })
  })

  it('tells of a change in the way from the day on which the renewal should have begun, and of an impossible date at once', () => {
    expect(conflictOfChange(waiting(), false)).toBeNull()
    expect(conflictOfChange(waiting(), true)?.text).toContain('renewed instead')
    expect(conflictOfChange(waiting({ notBefore: plus(EXPIRES, DAY) }), false)?.text).toContain(
      'renewed instead',
    )
    expect(conflictOfChange(waiting({ notBefore: null }), true)).toBeNull()
  })
})
