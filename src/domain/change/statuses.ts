import type { AllowedInputType } from './allowed-input.ts'
import type { ChangeEffect } from './effects.ts'
import type { ChangeStateName, ChangeStatus } from './vocabulary.ts'

interface StatusRow {
  readonly usualState: ChangeStateName
  /** `statusInfo.description` on the wire. Two are the exact texts of CPS (spec: behaviour C2), the others ours. */
  readonly description: string
  /** What a person may bring while the change is `awaiting-input` here. */
  readonly input: AllowedInputType | null
  /** The one effect that is performed while the change is `running` here; its outcome is the next event. */
  readonly effect: ChangeEffect | null
}

const working = (effect: ChangeEffect, description: string): StatusRow => ({
  usualState: 'running',
  description,
  input: null,
  effect,
})
const waiting = (input: AllowedInputType, description: string): StatusRow => ({
  usualState: 'awaiting-input',
  description,
  input,
  effect: null,
})

/** CPS API: Changes, `statusInfo.status` (spec: behaviour C2). */
export const STATUSES: Readonly<Record<ChangeStatus, StatusRow>> = {
  'pre-verification-safety-checks': working('check-request', 'Checking the request.'),
  'wait-review-pre-verification-safety-checks': waiting(
    'pre-verification-warnings-acknowledgement',
    'Waiting for you to review the warnings of the pre-verification checks.',
  ),
  'generate-csr': working('generate-keys', 'Generating the key pair and the certificate signing request.'),
  // Domain validation begins `running` and is `awaiting-input` once challenges can be read.
  'coordinate-domain-validation': {
    usualState: 'awaiting-input',
    description: 'Coordinating domain name validation.',
    input: 'lets-encrypt-challenges',
    effect: 'place-order',
  },
  'wait-upload-third-party': waiting(
    'third-party-certificate',
    'Waiting for you to upload and submit your third party certificate and trust chain.',
  ),
  'verify-third-party-cert': working('verify-upload', 'Verifying the uploaded certificate and trust chain.'),
  'wait-review-third-party-cert': waiting(
    'post-verification-warnings-acknowledgement',
    'Waiting for you to review the warnings about the uploaded certificate.',
  ),
  'check-for-cert': working(
    'request-certificate',
    'Waiting for the certificate authority to issue the certificate.',
  ),
  'check-for-cert-error': {
    usualState: 'error',
    description: 'The certificate authority did not issue the certificate.',
    input: null,
    effect: null,
  },
  'wait-review-cert-warning': waiting(
    'post-verification-warnings-acknowledgement',
    'Waiting for you to review the warnings about the issued certificate.',
  ),
  'create-slot-files': working('assemble-slots', 'Assembling what is to be deployed.'),
  'live-check-action': working('check-live', 'Checking what is live on the networks.'),
  'deploy-cert-to-staging': working('deploy-to-staging', 'Deploying the certificate to the staging network.'),
  'deploy-changes-to-staging': working(
    'deploy-settings-to-staging',
    'Deploying the network settings to the staging network.',
  ),
  'wait-ack-change-management': waiting(
    'change-management',
    'Waiting for you to acknowledge the deployment to the production network.',
  ),
  'wait-deployment-schedule': {
    usualState: 'suspended',
    description: 'Waiting for the deployment window of the schedule.',
    input: null,
    effect: null,
  },
  'deploy-cert-to-production': working('deploy-to-production', 'Deploying to the production network.'),
  'deprovision-cert': working('withdraw-from-networks', 'Taking the certificate off the networks.'),
  'delete-csr': working(
    'destroy-signing-request',
    'Destroying the certificate signing request and its private key.',
  ),
  'abandon-slots-action': working('abandon-slots', 'Giving up the slots of the enrollment.'),
  complete: { usualState: 'completed', description: 'The change is complete.', input: null, effect: null },
}
