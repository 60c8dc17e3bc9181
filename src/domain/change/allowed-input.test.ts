import { expect, it } from 'vitest'
import { allowedInputOf } from './allowed-input.ts'
import { STATUSES } from './statuses.ts'
import { CHANGE_STATES, CHANGE_STATUSES } from './vocabulary.ts'

/** Spec: behaviour C3, written out: clients compare these texts. */
const C3 = [
  [
    'coordinate-domain-validation',
    'lets-encrypt-challenges',
    'lets-encrypt-challenges',
    'lets-encrypt-challenges-completed',
    false,
  ],
  [
    'wait-review-pre-verification-safety-checks',
    'pre-verification-warnings-acknowledgement',
    'pre-verification-warnings',
    'pre-verification-warnings-ack',
    true,
  ],
  [
    'wait-upload-third-party',
    'third-party-certificate',
    'third-party-csr',
    'third-party-cert-and-trust-chain',
    true,
  ],
  [
    'wait-review-third-party-cert',
    'post-verification-warnings-acknowledgement',
    'post-verification-warnings',
    'post-verification-warnings-ack',
    true,
  ],
  [
    'wait-review-cert-warning',
    'post-verification-warnings-acknowledgement',
    'post-verification-warnings',
    'post-verification-warnings-ack',
    true,
  ],
  [
    'wait-ack-change-management',
    'change-management',
    'change-management-info',
    'change-management-ack',
    true,
  ],
] as const

it.each(C3)('%s awaits %s', (status, type, info, update, requiredToProceed) => {
  expect(allowedInputOf({ status, state: 'awaiting-input' })).toEqual([
    { type, infoTail: `input/info/${info}`, updateTail: `input/update/${update}`, requiredToProceed },
  ])
})

it('no other status has an input, and none in another state than awaiting-input', () => {
  const offering = CHANGE_STATUSES.flatMap((status) =>
    CHANGE_STATES.flatMap((state) =>
      allowedInputOf({ status, state }).length > 0 ? [`${status} ${state}`] : [],
    ),
  )
  expect(offering.toSorted()).toEqual(C3.map(([status]) => `${status} awaiting-input`).toSorted())
})

it('describes domain validation and the upload in the exact words of CPS', () => {
  expect(STATUSES['coordinate-domain-validation'].description).toBe('Coordinating domain name validation.')
  expect(STATUSES['wait-upload-third-party'].description).toBe(
    'Waiting for you to upload and submit your third party certificate and trust chain.',
  )
})
