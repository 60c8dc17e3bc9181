import { describe, expect, it } from 'vitest'
import { changeId } from '../identifiers.ts'
import { DAY, HOUR, type Instant, instant, plus } from '../time.ts'
import type { Conflict } from './renewal-moments.ts'
import { newsOfConflicts, type ToldConflict } from './told-conflicts.ts'

const T0 = instant(1_795_000_000_000)
const UNTIL = plus(T0, 10 * DAY)
const SUBJECT = { name: 'www.example.com', enrollmentId: 7, changeId: changeId(9) }

const windowless = (until: Instant = UNTIL): Conflict => ({
  code: 'no-window-in-time',
  text: 'No window opens.',
  until,
})
const inTheWay: Conflict = { code: 'change-in-the-way', text: 'A change waits.', until: UNTIL }

const news = (before: readonly ToldConflict[], conflicts: readonly Conflict[], now: Instant) =>
  newsOfConflicts(before, SUBJECT, conflicts, now)
const codes = (told: readonly ToldConflict[]) => told.map(({ code }) => code)

describe('a conflict', () => {
  it('is told when it is new, with the name and the command that shows the plan, and not again while it stands', () => {
    const first = news([], [windowless()], T0)
    expect(first.tell).toEqual([
      {
        code: 'no-window-in-time',
        changeId: null,
        grade: 'ahead',
        until: UNTIL,
        text: 'www.example.com (enrollment 7): No window opens. certrail plan 7 shows all of it.',
      },
    ])
    const later = news(
      first.told,
      [{ ...windowless(), text: 'No window opens, in other words.' }],
      plus(T0, 5 * DAY),
    )
    expect(later).toMatchObject({ tell: [], resolved: [] })
    expect(later.told).toEqual(first.told)
  })

  it('is told again a day before, and when it has come, each once', () => {
    const { told } = news([], [windowless()], T0)
    const moments = [8, 9, 9.5, 10, 11].map((days) => plus(T0, days * DAY))
    let before = told
    const grades = moments.map((now) => {
      const { tell, told: after } = news(before, [windowless()], now)
      before = after
      return tell.map(({ grade }) => grade)
    })
    expect(grades).toEqual([[], ['near'], [], ['past'], []])
  })

  it('is told again when it comes sooner, also in small steps; and can get worse anew when it got time', () => {
    const { told } = news([], [windowless()], T0)
    const half = news(told, [windowless(plus(UNTIL, -HOUR / 2))], T0)
    expect(half.tell).toEqual([])
    expect(codes(news(half.told, [windowless(plus(UNTIL, -HOUR))], T0).tell)).toEqual(['no-window-in-time'])
    const eased = news(told, [windowless(plus(UNTIL, 5 * DAY))], T0)
    expect(eased.tell).toEqual([])
    expect(codes(news(eased.told, [windowless()], T0).tell)).toEqual(['no-window-in-time'])
  })

  it('that is resolved is forgotten, and told when it comes back; others stand meanwhile', () => {
    const { told } = news([], [windowless(), inTheWay], T0)
    const after = news(told, [inTheWay], T0)
    expect([after.tell, codes(after.told), codes(after.resolved)]).toEqual([
      [],
      ['change-in-the-way'],
      ['no-window-in-time'],
    ])
    expect(codes(news(after.told, [windowless(), inTheWay], T0).tell)).toEqual(['no-window-in-time'])
  })

  it('about another change is another one', () => {
    const { told } = news([], [inTheWay], T0)
    const next = newsOfConflicts(told, { ...SUBJECT, changeId: changeId(10) }, [inTheWay], T0)
    expect(next.tell.map(({ changeId: id }) => id)).toEqual([10])
    expect(next.resolved.map(({ changeId: id }) => id)).toEqual([9])
  })
})
