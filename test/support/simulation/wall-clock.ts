import type { Maintenance, MaintenanceWindow } from '../../../src/domain/plan/maintenance.ts'
import { type Instant, MINUTE } from '../../../src/domain/time.ts'

/**
 * Whether windows and freezes let a network be touched, found out as a person would: by a look at a clock on the wall of that time zone. The rules do not ask the
 * code that they judge. Knows the expressions that people of the simulation write: minute, hour, and days of the week.
 */
export function isOpenByTheWall({ windows, freezes }: Maintenance, at: Instant): boolean {
  if (freezes.some(({ from, until }) => from <= at && at < until)) return false
  return windows.length === 0 || windows.some((window) => hasOpened(window, at))
}

function hasOpened({ cron, timeZone, durationMinutes }: MaintenanceWindow, at: Instant): boolean {
  const [minute = '', hour = '', , , days = '*'] = cron.split(' ')
  const wanted = `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`
  const onDays = days === '*' ? WEEK : days.split(',').map((day) => WEEK[Number(day)])
  const wall = wallOf(timeZone)
  const thisMinute = Math.floor(at / MINUTE) * MINUTE
  for (let ago = 0; ago < durationMinutes; ago += 1) {
    const [day, time] = wall.format(thisMinute - ago * MINUTE).split(' ')
    if (time === wanted && onDays.includes(day ?? '')) return true
  }
  return false
}

const WEEK = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

const walls = new Map<string, Intl.DateTimeFormat>()

/** `Sat 22:00` */
function wallOf(timeZone: string): Intl.DateTimeFormat {
  const known = walls.get(timeZone)
  if (known !== undefined) return known
  const wall = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  walls.set(timeZone, wall)
  return wall
}
