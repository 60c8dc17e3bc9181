import type { Hold } from './hold.ts'
import { type Instant, toWireTime } from '../time.ts'

/** A person's word that production keeps a generation. */
export interface Pin {
  readonly enrollmentId: number
  /** Null: it is not known by a number. */
  readonly generation: number | null
  readonly reason: string
  readonly pinnedBy: string
  readonly pinnedAt: Instant
}

/**
 * A pin says which generation is served, and not that nothing newer ever comes: unlike a pause it gives way at the last safe moment of what production serves, so
 * that nothing expired is. Null: it holds nothing, or no longer.
 */
export function pinHold(pin: Pin | null, lastSafe: Instant | null, now: Instant): Hold | null {
  if (pin === null || lastSafe === null || lastSafe <= now) return null
  const which = pin.generation === null ? 'what it serves' : `generation ${pin.generation}`
  const why = pin.reason === '' ? '' : ` (${pin.reason})`
  return {
    kind: 'pin',
    text: `Production is pinned to ${which} since ${toWireTime(pin.pinnedAt)} by ${pin.pinnedBy}${why}, until somebody unpins it: certrail unpin ${pin.enrollmentId}. At ${toWireTime(lastSafe)} the pin gives way, so that nothing expired is served.`,
  }
}
