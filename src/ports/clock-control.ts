import type { Instant } from '../domain/time.ts'

/** Turns the sandbox's lifecycle clock; what is written is seen here at once and by other processes through a notification. */
export interface ClockControl {
  /** One at a time, in all processes: a second call waits its turn. */
  exclusively<T>(work: () => Promise<T>): Promise<T>
  /** Where an advance is to end, kept so that a killed process goes on with it; null: none is under way. */
  target(): Promise<Instant | null>
  /** As this process knows it: an advance is under way somewhere, and what is due is done by whoever turns the clock, in its order. */
  isTurned(): boolean
  setTarget(target: Instant): Promise<void>
  /** This process has the clock as the database has it now: what any process wrote before is seen from here on. */
  agree(): Promise<void>
  /** The clock stands at this moment. */
  standAt(at: Instant): Promise<void>
  /** The target is reached: the clock is at this moment and runs on, or goes on standing where it moves only when it is turned. */
  runFrom(at: Instant): Promise<void>
}
