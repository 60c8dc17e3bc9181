import type { Change, Explanation } from './answers.ts'

/** What to type for each kind of allowed input. */
const COMMANDS: Readonly<Record<string, (enrollmentId: number) => string>> = {
  'lets-encrypt-challenges': (id) => `certrail acknowledge ${id}`,
  'pre-verification-warnings-acknowledgement': (id) => `certrail acknowledge ${id}`,
  'post-verification-warnings-acknowledgement': (id) => `certrail acknowledge ${id}`,
  'change-management': (id) => `certrail acknowledge ${id}`,
}

export const canAcknowledge = (inputType: string): boolean => COMMANDS[inputType] !== undefined

/** Commands that move an open change now; where there is none of ours, the server's own words; at last, waiting. */
export function readyCommands(
  enrollmentId: number,
  change: Change,
  explanation: Explanation | null,
): readonly string[] {
  const inputs = change.allowedInput.map(
    (input) => COMMANDS[input.type]?.(enrollmentId) ?? `POST ${input.update}`,
  )
  const known = change.allowedInput.some((input) => canAcknowledge(input.type))
  const moves = (explanation?.moves ?? []).map((move) => `${move.how} (${move.who})`)
  if (known || (inputs.length > 0 && moves.length === 0)) return inputs
  if (moves.length > 0) return moves
  const { state } = change.statusInfo
  return state === 'completed' || state === 'cancelled' || state === 'error'
    ? []
    : [`certrail wait ${enrollmentId}`]
}
