import type { Instant } from '../domain/time.ts'

/** Turns the sandbox's lifecycle clock; what is written is seen here at once and by other processes through a notification. */
export interface ClockControl {
  /** One at a time, in all processes: a second call waits its turn. */
  exclusively<T>(work: () => Promise<T>): Promise<T>
  /** Where an advance is to end, kept so that a killed process goes on with it; null: none is under way. */
  target(): Promise<Instant | null>
  setTarget(target: Instant): Promise<void>
  /** The clock stands at this moment. */
  standAt(at: Instant): Promise<void>
  /** The clock is at this moment and runs on; the target is reached. */
  runFrom(at: Instant): Promise<void>
}
