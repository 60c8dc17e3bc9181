import { STATUSES } from './statuses.ts'
import type { ChangeState } from './vocabulary.ts'

interface InputRow {
  /** Tails after `/cps/v2/enrollments/E/changes/C/`. The token differs from the URL segments; clients compare both. */
  readonly infoTail: string
  readonly updateTail: string
  readonly requiredToProceed: boolean
}

/** CPS API: Changes, `allowedInput` (spec: behaviour C3). */
export const ALLOWED_INPUTS = {
  'lets-encrypt-challenges': {
    infoTail: 'input/info/lets-encrypt-challenges',
    updateTail: 'input/update/lets-encrypt-challenges-completed',
    requiredToProceed: false,
  },
  'pre-verification-warnings-acknowledgement': {
    infoTail: 'input/info/pre-verification-warnings',
    updateTail: 'input/update/pre-verification-warnings-ack',
    requiredToProceed: true,
  },
  'third-party-certificate': {
    infoTail: 'input/info/third-party-csr',
    updateTail: 'input/update/third-party-cert-and-trust-chain',
    requiredToProceed: true,
  },
  'post-verification-warnings-acknowledgement': {
    infoTail: 'input/info/post-verification-warnings',
    updateTail: 'input/update/post-verification-warnings-ack',
    requiredToProceed: true,
  },
  'change-management': {
    infoTail: 'input/info/change-management-info',
    updateTail: 'input/update/change-management-ack',
    requiredToProceed: true,
  },
} as const satisfies Record<string, InputRow>

export type AllowedInputType = keyof typeof ALLOWED_INPUTS

export interface AllowedInput extends InputRow {
  readonly type: AllowedInputType
}

/**
 * At most one entry, since clients look at index 0. Empty unless the change is `awaiting-input`: a failed, running or ended change
 * takes none, and domain validation none before its challenges can be read.
 */
export function allowedInputOf(current: ChangeState): readonly AllowedInput[] {
  const type = STATUSES[current.status].input
  return type === null || current.state !== 'awaiting-input' ? [] : [{ type, ...ALLOWED_INPUTS[type] }]
}
