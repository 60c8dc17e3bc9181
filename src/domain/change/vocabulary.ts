/**
 * The words of the change machine. CPS API: Changes (spec: behaviour C1, C2, C5). Statuses are in their right spelling here; the
 * historical misspelling of `coordinate-domain-validation` belongs to wire/change.
 */
export const CHANGE_STATUSES = [
  'pre-verification-safety-checks',
  'wait-review-pre-verification-safety-checks',
  'generate-csr',
  'coordinate-domain-validation',
  'wait-upload-third-party',
  'verify-third-party-cert',
  'wait-review-third-party-cert',
  'check-for-cert',
  'check-for-cert-error',
  'wait-review-cert-warning',
  'create-slot-files',
  'live-check-action',
  'deploy-cert-to-staging',
  'deploy-changes-to-staging',
  'wait-ack-change-management',
  'wait-deployment-schedule',
  'deploy-cert-to-production',
  'deprovision-cert',
  'delete-csr',
  'abandon-slots-action',
  'complete',
] as const
export type ChangeStatus = (typeof CHANGE_STATUSES)[number]

export const CHANGE_STATES = [
  'new',
  'running',
  'awaiting-input',
  'suspended',
  'error',
  'cancelled',
  'completed',
] as const
export type ChangeStateName = (typeof CHANGE_STATES)[number]

export const CHANGE_ACTIONS = [
  'new-certificate',
  'modify-san',
  'modify-certificate',
  'renewal',
  'network-only',
  'removal',
] as const
export type ChangeAction = (typeof CHANGE_ACTIONS)[number]

/** Where a change stands. `status` is the step, `state` how it stands in it. */
export interface ChangeState {
  readonly status: ChangeStatus
  readonly state: ChangeStateName
}

export const isOpen = (change: ChangeState): boolean =>
  change.state !== 'cancelled' && change.state !== 'completed'
