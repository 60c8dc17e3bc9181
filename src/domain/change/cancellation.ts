import type { ChangeEffect } from './effects.ts'
import type { GuardName } from './facts.ts'
import type { Refusal, Transition } from './transition.ts'
import type { ChangeStateName, ChangeStatus } from './vocabulary.ts'

const ANY_OPEN = ['new', 'running', 'awaiting-input', 'suspended', 'error'] as const

const cancel = (
  from: readonly ChangeStatus[],
  when: readonly GuardName[],
  effects: readonly ChangeEffect[],
  states: readonly ChangeStateName[] = ANY_OPEN,
): Transition => ({ from, in: states, on: 'cancelled', when, to: 'same', state: 'cancelled', effects })

/** What a certificate or settings that a network has seen leave behind. */
const undeploy = (
  from: readonly ChangeStatus[],
  networks: readonly ChangeEffect[],
  states: readonly ChangeStateName[] = ANY_OPEN,
): Transition[] => [
  cancel(from, ['ca-issued'], [...networks, 'abandon-order', 'destroy-keys'], states),
  cancel(from, ['third-party'], [...networks, 'destroy-keys'], states),
]

/**
 * Cancel at each point (spec: behaviour C10). Cleanups go networks first, keys last: an edge may still serve with the key that is
 * about to be destroyed. Whether a never-live enrollment goes with its first change is for the caller of `step` to decide.
 */
export const CANCELLATIONS = [
  cancel(['pre-verification-safety-checks', 'wait-review-pre-verification-safety-checks'], [], []),
  cancel(['generate-csr'], [], ['destroy-keys']),
  // An earlier upload of this change may be on staging already.
  cancel(
    ['wait-upload-third-party', 'verify-third-party-cert', 'wait-review-third-party-cert'],
    [],
    ['restore-staging', 'destroy-keys'],
  ),
  cancel(
    ['coordinate-domain-validation', 'check-for-cert', 'check-for-cert-error', 'wait-review-cert-warning'],
    [],
    ['abandon-order', 'destroy-keys'],
  ),
  ...undeploy(
    [
      'create-slot-files',
      'live-check-action',
      'deploy-cert-to-staging',
      'wait-ack-change-management',
      'wait-deployment-schedule',
    ],
    ['restore-staging'],
  ),
  cancel(
    ['deploy-changes-to-staging', 'wait-ack-change-management', 'wait-deployment-schedule'],
    ['changes-network-only'],
    ['restore-staging'],
  ),
  // A removal that still waits for its date has touched nothing.
  cancel(['wait-deployment-schedule'], ['is-removal'], []),
  // A failed push has been put back by its own effect; cancelling makes sure of it on every edge.
  ...undeploy(['deploy-cert-to-production'], ['restore-production', 'restore-staging'], ['error']),
  cancel(
    ['deploy-cert-to-production'],
    ['changes-network-only'],
    ['restore-production', 'restore-staging'],
    ['error'],
  ),
] as const satisfies readonly Transition[]

const DENIABLE: readonly ChangeStatus[] = [
  'wait-review-pre-verification-safety-checks',
  'wait-review-third-party-cert',
  'wait-review-cert-warning',
  'wait-ack-change-management',
]

/** Denying is cancelling by another word (spec: behaviour C11). In domain validation it has no effect, hence no row. */
export const DENIALS: readonly Transition[] = CANCELLATIONS.flatMap((row) => {
  const from = DENIABLE.filter((status) => row.from.includes(status))
  return from.length === 0 ? [] : [{ ...row, from, in: ['awaiting-input'], on: 'denied' }]
})

/** Ended by the clock for a renewal (last-resort.ts says when) a change leaves behind what it leaves when it is cancelled. A removal that has begun ends for none. */
export const SUPERSESSIONS: readonly Transition[] = CANCELLATIONS.map((row) => ({ ...row, on: 'superseded' }))

/** Where an open change does not let itself be cancelled. A DELETE of the enrollment waits here until the push has ended. */
export const REFUSALS = [
  {
    from: ['deploy-cert-to-production'],
    in: ['running'],
    on: 'cancelled',
    code: 'cannot-cancel',
    reason: 'The change is on its way to the production network.',
  },
  {
    from: ['deprovision-cert', 'delete-csr', 'abandon-slots-action'],
    in: ['running', 'error'],
    on: 'cancelled',
    code: 'cannot-cancel',
    reason: 'The removal has begun.',
  },
] as const satisfies readonly Refusal[]
