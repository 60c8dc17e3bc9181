import { ALLOWED_INPUTS, type AllowedInputType } from '../domain/change/allowed-input.ts'
import type { Change, Explanation } from './answers.ts'

type Commands = (enrollmentId: number) => readonly string[]

const acknowledge: Commands = (id) => [`certrail acknowledge ${id}`]

/** What to type for each kind of allowed input. */
const COMMANDS: Readonly<Record<AllowedInputType, Commands>> = {
  'lets-encrypt-challenges': acknowledge,
  'pre-verification-warnings-acknowledgement': acknowledge,
  'post-verification-warnings-acknowledgement': acknowledge,
  'change-management': acknowledge,
  'third-party-certificate': (id) => [
    `certrail csr ${id}`,
    `certrail upload ${id} --cert cert.pem --chain chain.pem`,
  ],
}

const isKnown = (inputType: string): inputType is AllowedInputType => Object.hasOwn(ALLOWED_INPUTS, inputType)

export const canAcknowledge = (inputType: string): boolean =>
  isKnown(inputType) && COMMANDS[inputType] === acknowledge

/** Commands that move an open change now; where there is none of ours, the server's own words; at last, waiting. */
export function readyCommands(
  enrollmentId: number,
  change: Change,
  explanation: Explanation | null,
): readonly string[] {
  const inputs = change.allowedInput.flatMap(({ type, update }) =>
    isKnown(type) ? COMMANDS[type](enrollmentId) : [`POST ${update}`],
  )
  const known = change.allowedInput.some((input) => isKnown(input.type))
  const moves = (explanation?.moves ?? []).map((move) => `${move.how} (${move.who})`)
  if (known || (inputs.length > 0 && moves.length === 0)) return inputs
  if (moves.length > 0) return moves
  const { state } = change.statusInfo
  if (state === 'error') return [`certrail explain ${enrollmentId}`, `certrail cancel ${enrollmentId}`]
  return state === 'completed' || state === 'cancelled' ? [] : [`certrail wait ${enrollmentId}`]
}
