import type { Clock } from '../ports/clock.ts'
import type { Random } from '../ports/random.ts'

/** The part of a stream that commands use. */
export interface Output {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

/** Everything that a command touches besides its arguments and the network. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly workingDirectory: string
  readonly stdout: Output
  readonly stderr: Output
  /** The real clock: signatures, timeouts, and validity where there is no other clock. */
  readonly clock: Clock
  readonly random: Random
}
