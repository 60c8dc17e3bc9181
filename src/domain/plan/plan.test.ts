import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DAY, HOUR, type Instant, instant, later, MINUTE, plus } from '../time.ts'
import { cronFault } from './cron.ts'
import { closesAfter, firstOpening, isOpenAt, lastOpening, type Maintenance } from './maintenance.ts'
import { renewalMoments } from './renewal-moments.ts'
import {
  arbitraryRenewals,
  BEGINS as T0,
  renewalFacts as facts,
} from '../../../test/support/arbitrary-renewals.ts'

const at = (text: string): Instant => instant(Date.parse(text))

const SATURDAY_NIGHT: Maintenance = {
  windows: [{ cron: '0 22 * * 6', timeZone: 'Europe/Berlin', durationMinutes: 120 }],
  freezes: [],
}

describe('windows', () => {
  it('open by the wall clock of their time zone, also over the change to summer time', () => {
    expect(isOpenAt(SATURDAY_NIGHT, at('2026-03-21T21:00:00Z'))).toBe(true)
    expect(isOpenAt(SATURDAY_NIGHT, at('2026-03-21T23:00:00Z'))).toBe(false)
    // On the 29th of March Berlin turns to UTC+2.
    expect(isOpenAt(SATURDAY_NIGHT, at('2026-04-04T20:00:00Z'))).toBe(true)
    expect(isOpenAt(SATURDAY_NIGHT, at('2026-04-04T22:00:00Z'))).toBe(false)
    expect(firstOpening(SATURDAY_NIGHT, at('2026-03-22T00:00:00Z'), at('2026-04-30T00:00:00Z'))).toBe(
      at('2026-03-28T21:00:00Z'),
    )
  })

  it('open once where the clock is turned back over them, and all the same where it is turned over them', () => {
    const night = { cron: '30 2 * * 0', timeZone: 'Europe/Berlin', durationMinutes: 30 }
    const sundays: Maintenance = { windows: [night], freezes: [] }
    const opensFrom = (from: string) => firstOpening(sundays, at(from), plus(at(from), 8 * DAY))
    const closed = (from: Instant) => firstOpening(sundays, plus(from, 31 * MINUTE), plus(from, 8 * DAY))
    // On the 25th of October 2026 Berlin has 02:30 twice, UTC+2 and UTC+1; on the 28th of March 2027 it has none, and 03:00 comes at once.
    const back = opensFrom('2026-10-24T12:00:00Z') as Instant
    expect(back).toBe(at('2026-10-25T00:30:00Z'))
    expect(closed(back)).toBe(at('2026-11-01T01:30:00Z'))
    const over = opensFrom('2027-03-27T12:00:00Z') as Instant
    expect(over).toBe(at('2027-03-28T01:00:00Z'))
    expect(closed(over)).toBe(at('2027-04-04T00:30:00Z'))
  })

  it('are closed while a freeze lasts, which ends before its end', () => {
    const frozen = {
      ...SATURDAY_NIGHT,
      freezes: [{ from: at('2026-12-01T00:00:00Z'), until: at('2026-12-19T22:00:00Z'), reason: 'sale' }],
    }
    expect(firstOpening(frozen, at('2026-12-02T00:00:00Z'), at('2027-01-30T00:00:00Z'))).toBe(
      at('2026-12-19T22:00:00Z'),
    )
    expect(lastOpening(frozen, at('2026-11-20T00:00:00Z'), at('2026-12-18T00:00:00Z'))).toBe(
      at('2026-11-28T21:00:00Z'),
    )
  })

  it('a freeze alone: before it and after it', () => {
    const frozen = {
      windows: [],
      freezes: [{ from: plus(T0, DAY), until: plus(T0, 9 * DAY), reason: 'sale' }],
    }
    expect(firstOpening(frozen, plus(T0, 2 * DAY), plus(T0, 20 * DAY))).toBe(plus(T0, 9 * DAY))
    expect(lastOpening(frozen, T0, plus(T0, 8 * DAY))).toBe(plus(T0, DAY - 1))
    expect(lastOpening(frozen, plus(T0, 2 * DAY), plus(T0, 8 * DAY))).toBeNull()
  })

  it('close at their end, or where a freeze begins before', () => {
    const opened = at('2026-11-28T21:30:00Z')
    expect(closesAfter(SATURDAY_NIGHT, opened)).toBe(at('2026-11-28T23:00:00Z'))
    const freezes = [{ from: at('2026-11-28T22:00:00Z'), until: at('2026-12-28T22:00:00Z'), reason: 'sale' }]
    expect(closesAfter({ ...SATURDAY_NIGHT, freezes }, opened)).toBe(at('2026-11-28T22:00:00Z'))
    expect(closesAfter(SATURDAY_NIGHT, at('2026-11-29T00:00:00Z'))).toBeNull()
    expect(closesAfter({ windows: [], freezes: [] }, opened)).toBeNull()
  })

  it('are refused with the reason when they cannot be read', () => {
    expect(cronFault('0 22 * * 6', 'Europe/Berlin')).toBeNull()
    expect(cronFault('0 22 * *', 'Europe/Berlin')).toContain('five fields')
    expect(cronFault('0 25 * * 6', 'Europe/Berlin')).not.toBeNull()
    expect(cronFault('0 22 * * 6', 'Europe/Atlantis')).not.toBeNull()
    expect(cronFault('0 0 30 2 *', 'UTC')).toBe('never comes')
  })
})

describe('a renewal', () => {
  it('begins and goes to production at its usual start where nothing is said', () => {
    const { begin, production, conflict } = renewalMoments(facts())
    expect(plus(T0, 60 * DAY) <= begin.at && begin.at <= plus(T0, 60.5 * DAY)).toBe(true)
    expect([production.at, conflict]).toEqual([begin.at, null])
  })

  it('that nobody looks at begins in the first window after its usual start', () => {
    const { begin, production, conflict } = renewalMoments(facts({ maintenance: SATURDAY_NIGHT }))
    expect([begin.at, production.at, conflict]).toEqual([
      at('2027-01-23T21:00:00Z'),
      at('2027-01-23T21:00:00Z'),
      null,
    ])
  })

  it('with change management begins as usual and is pushed in the last window before the deadline', () => {
    const { begin, production } = renewalMoments(
      facts({ changeManagement: true, maintenance: SATURDAY_NIGHT }),
    )
    expect(begin.at).toBe(renewalMoments(facts()).begin.at)
    // Expires on 21 February: seven days before is the 14th.
    expect(production.at).toBe(at('2027-02-13T21:00:00Z'))
  })

  it('of a six-day certificate takes the window before its usual start when the next one comes too late', () => {
    const live = { notBefore: T0, notAfter: plus(T0, 6 * DAY) }
    const thursday = { windows: [{ cron: '0 3 * * 2', timeZone: 'UTC', durationMinutes: 60 }], freezes: [] }
    const { begin, conflict } = renewalMoments(facts({ live, maintenance: thursday }))
    expect([begin.at, conflict]).toEqual([at('2026-11-24T03:00:00Z'), null])
  })

  it('does not take again the window that its certificate came in, which would renew it until the window closes', () => {
    const opened = at('2026-11-28T21:00:00Z')
    const live = { notBefore: plus(opened, -HOUR), notAfter: plus(opened, 159 * HOUR) }
    for (const changeManagement of [false, true]) {
      const moments = renewalMoments(
        facts({ live, now: opened, maintenance: SATURDAY_NIGHT, changeManagement }),
      )
      const { begin, production, lastSafe, conflict } = moments
      expect([production.at, conflict?.code]).toEqual([lastSafe, 'no-window-in-time'])
      expect(begin.at).toBeGreaterThan(plus(opened, 3 * DAY))
    }
  })

  it('goes at the last safe moment and says so when a freeze covers everything', () => {
    const freezes = [{ from: T0, until: plus(T0, 120 * DAY), reason: 'merger' }]
    const { production, lastSafe, conflict } = renewalMoments(
      facts({ maintenance: { windows: [], freezes } }),
    )
    expect([production.at, lastSafe]).toEqual([plus(T0, 83 * DAY), plus(T0, 83 * DAY)])
    expect(conflict).toMatchObject({ code: 'no-window-in-time', text: expect.stringContaining('2027-03-23') })
  })

  it('follows the renewal information of its CA, drawn once for the window, and its end is the last safe moment', () => {
    const information = { start: plus(T0, 10 * DAY), end: plus(T0, 11 * DAY), explanationUrl: null }
    const { begin, lastSafe } = renewalMoments(facts({ information }))
    expect(information.start <= begin.at && begin.at < information.end).toBe(true)
    expect(begin.at).toBe(renewalMoments(facts({ information, now: plus(T0, 2 * DAY) })).begin.at)
    expect(lastSafe).toBe(information.end)
    // What is acknowledged on staging is not pushed without because a CA would like that.
    const lookedAt = renewalMoments(facts({ information, changeManagement: true }))
    expect([lookedAt.begin.at, lookedAt.lastSafe]).toEqual([begin.at, renewalMoments(facts({})).lastSafe])
  })
})

describe('whatever windows, freezes and lifetimes', () => {
  const runs = process.env['CERTRAIL_TEST_LONG'] === '1' ? 20_000 : 300

  it('the plan never passes the last safe moment, and what it plans has not passed', () => {
    fc.assert(
      fc.property(arbitraryRenewals, (given) => {
        const { begin, production, lastSafe } = renewalMoments(given)
        expect(production.at).toBeLessThanOrEqual(Math.max(lastSafe, given.now))
        expect(begin.at).toBeLessThanOrEqual(production.at)
        expect(begin.at).toBeGreaterThanOrEqual(given.now)
      }),
      { numRuns: runs },
    )
  })

  it('production is touched in the open, or it is said why not; and it is said exactly when nothing was open', () => {
    fc.assert(
      fc.property(arbitraryRenewals, (given) => {
        const { production, lastSafe, conflict } = renewalMoments(given)
        const open = isOpenAt(given.maintenance, production.at)
        if (conflict === null) expect(open || given.now > lastSafe).toBe(true)
        else
          for (
            let minute = later(given.now, plus(T0, Math.ceil((given.live.notAfter - T0) / 10)));
            minute <= lastSafe;
            minute = plus(minute, 97 * MINUTE)
          )
            expect(isOpenAt(given.maintenance, minute)).toBe(false)
      }),
      { numRuns: Math.ceil(runs / 10) },
    )
  })
})
