import type { AllowedInput } from './answers.ts'
import type { Calls } from './calls.ts'
import { wrongUsage } from './failure.ts'

export interface AcknowledgeWishes {
  readonly deny: boolean
  /** Null: that of what is shown now. */
  readonly hash: string | null
}

/** What an acknowledgement was of. */
export interface Acknowledged {
  readonly warnings: readonly string[]
  readonly hash: string | null
}

/** Reads what the input shows, has it shown, and answers it. */
export async function acknowledgeInput(
  calls: Calls,
  input: AllowedInput,
  { deny, hash }: AcknowledgeWishes,
  show: (shown: Acknowledged) => void,
): Promise<Acknowledged> {
  const isContent = input.type === 'change-management'
  if (hash !== null && !isContent)
    throw wrongUsage(`--hash is for change management; the change waits for: ${input.type}.`)
  const shown: Acknowledged = {
    warnings: input.type.endsWith('-verification-warnings-acknowledgement')
      ? await calls.warnings(input.info)
      : [],
    // To say no, nothing has to be looked at.
    hash:
      isContent && !deny ? (hash ?? (await calls.changeManagement(input.info)).validationResultHash) : hash,
  }
  show(shown)
  await calls.acknowledge(input.update, deny ? 'deny' : 'acknowledge', shown.hash)
  return shown
}
