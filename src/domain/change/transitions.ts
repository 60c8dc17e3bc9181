import { CANCELLATIONS, DENIALS, SUPERSESSIONS } from './cancellation.ts'
import { STATUSES } from './statuses.ts'
import { at, awaiting, type Destination, provided, type Transition, working } from './transition.ts'
import { CHANGE_STATUSES, type ChangeStatus } from './vocabulary.ts'

/** Nothing begins outside its deployment window. A window that has passed is an error that only a new schedule ends. */
const inWindow = (to: ChangeStatus): Destination[] => [
  working(['window-open'], to),
  { when: ['window-ahead'], to: 'wait-deployment-schedule', state: 'suspended', effects: [] },
  { when: ['window-passed'], to: 'wait-deployment-schedule', state: 'error', effects: [] },
]

const TO_PRODUCTION = inWindow('deploy-cert-to-production')
const TO_REMOVAL = inWindow('deprovision-cert')
const BY_SCHEDULE = [...provided(['is-no-removal'], TO_PRODUCTION), ...provided(['is-removal'], TO_REMOVAL)]

const AFTER_CHECKS = [
  working(['issues-certificate'], 'generate-csr'),
  working(['changes-network-only', 'staging-first'], 'deploy-changes-to-staging'),
  ...provided(['changes-network-only', 'staging-bypassed'], TO_PRODUCTION),
]

const AFTER_CHECKS_OF_RENEWAL = [working([], 'generate-csr')]

const TO_DEPLOYMENT = [working([], 'create-slot-files')]
const STEP_FAILED: Destination[] = [{ when: [], to: 'same', state: 'error', effects: [] }]
const ORDER_FAILED: Destination[] = [{ when: [], to: 'check-for-cert-error', state: 'error', effects: [] }]
const ORDER_AGAIN = working(['dv'], 'coordinate-domain-validation')

const BEGIN = [
  ...at(['pre-verification-safety-checks'], ['new'], {
    started: [
      working(['is-no-removal'], 'pre-verification-safety-checks'),
      ...provided(['is-removal'], TO_REMOVAL),
    ],
  }),
  ...at(['pre-verification-safety-checks'], ['running'], {
    'checks-passed': AFTER_CHECKS,
    'checks-found': [awaiting([], 'wait-review-pre-verification-safety-checks')],
  }),
  ...at(['wait-review-pre-verification-safety-checks'], ['awaiting-input'], {
    acknowledged: AFTER_CHECKS,
    'deadline-passed': provided(['is-renewal'], AFTER_CHECKS_OF_RENEWAL),
  }),
  ...at(['generate-csr'], ['running'], {
    'keys-ready': [
      working(['dv'], 'coordinate-domain-validation'),
      working(['ov-or-ev'], 'check-for-cert'),
      awaiting(['third-party'], 'wait-upload-third-party'),
    ],
  }),
]

const DOMAIN_VALIDATION = [
  ...at(['coordinate-domain-validation'], ['running'], {
    'challenges-ready': [awaiting([], 'coordinate-domain-validation')],
  }),
  ...at(['coordinate-domain-validation'], ['awaiting-input'], {
    'validation-requested': [awaiting([], 'coordinate-domain-validation', ['check-validation'])],
    'names-not-yet-validated': [awaiting([], 'coordinate-domain-validation')],
    // A failed look of the CA is final for that authorization (RFC 8555 section 7.1.6): only a new order brings a new token.
    'names-invalidated': [ORDER_AGAIN],
    'step-failed': STEP_FAILED,
  }),
  ...at(['coordinate-domain-validation'], ['running', 'awaiting-input'], {
    // From `running`: every authorization was still valid, nobody has to act.
    'names-validated': [working([], 'check-for-cert')],
    'authority-failed': ORDER_FAILED,
  }),
]

const ISSUANCE = [
  ...at(['check-for-cert'], ['running'], {
    'certificate-issued': TO_DEPLOYMENT,
    'certificate-issued-with-findings': [awaiting([], 'wait-review-cert-warning')],
    'certificate-pending': [working([], 'check-for-cert')],
    'names-invalidated': [ORDER_AGAIN, ...provided(['ov-or-ev'], ORDER_FAILED)],
    'authority-failed': ORDER_FAILED,
  }),
  ...at(['check-for-cert-error'], ['error'], {
    retried: [ORDER_AGAIN, working(['ov-or-ev'], 'check-for-cert')],
  }),
  ...at(['wait-review-cert-warning'], ['awaiting-input'], {
    acknowledged: TO_DEPLOYMENT,
    'deadline-passed': provided(['is-renewal'], TO_DEPLOYMENT),
  }),
]

/** One certificate of a dual stack is enough: the missing one is a finding, never a wait (spec: behaviour C9). */
const UPLOAD = [
  ...at(['wait-upload-third-party', 'wait-review-third-party-cert'], ['awaiting-input'], {
    uploaded: [working([], 'verify-third-party-cert')],
  }),
  // What would be acknowledged is another thing then: this wait is over, the new certificate makes the whole way to a wait of its own.
  ...at(['wait-ack-change-management'], ['awaiting-input'], {
    uploaded: [working(['third-party'], 'verify-third-party-cert')],
  }),
  ...at(['verify-third-party-cert'], ['running'], {
    'upload-verified': TO_DEPLOYMENT,
    'upload-found': [awaiting([], 'wait-review-third-party-cert')],
    'upload-refused': [awaiting([], 'wait-upload-third-party')],
  }),
  ...at(['wait-review-third-party-cert'], ['awaiting-input'], { acknowledged: TO_DEPLOYMENT }),
]

const DEPLOYMENT = [
  ...at(['create-slot-files'], ['running'], { 'slots-ready': [working([], 'live-check-action')] }),
  ...at(['live-check-action'], ['running'], {
    'live-checked': [
      working(['staging-first'], 'deploy-cert-to-staging'),
      ...provided(['staging-bypassed'], TO_PRODUCTION),
    ],
  }),
  ...at(['deploy-cert-to-staging', 'deploy-changes-to-staging'], ['running'], {
    'staging-deployed': [
      awaiting(['change-management'], 'wait-ack-change-management', ['freeze-content']),
      ...provided(['no-change-management'], TO_PRODUCTION),
    ],
  }),
  ...at(['wait-ack-change-management'], ['awaiting-input'], {
    acknowledged: TO_PRODUCTION,
    'deadline-passed': TO_PRODUCTION,
  }),
  ...at(['wait-deployment-schedule'], ['suspended'], {
    'window-opened': BY_SCHEDULE,
    'window-closed': STEP_FAILED,
  }),
  ...at(['wait-deployment-schedule'], ['suspended', 'error'], { rescheduled: BY_SCHEDULE }),
  // A renewal whose date was missed, when it can wait for another one no longer.
  ...at(['wait-deployment-schedule'], ['error'], {
    'window-opened': provided(['is-no-removal'], [working(['window-open'], 'deploy-cert-to-production')]),
  }),
  ...at(['deploy-cert-to-production'], ['running'], {
    // What the enrollment is, and when it renews, is settled in the same statement: a completed change has nothing left to do.
    'production-deployed': [{ when: [], to: 'complete', state: 'completed', effects: [] }],
  }),
]

const HOLD = at(['deploy-cert-to-production', 'deprovision-cert'], ['running'], {
  'deployment-held': [{ when: [], to: 'wait-deployment-schedule', state: 'suspended', effects: [] }],
})

const REMOVAL = [
  ...at(['deprovision-cert'], ['running'], { withdrawn: [working([], 'delete-csr')] }),
  ...at(['delete-csr'], ['running'], { 'signing-request-destroyed': [working([], 'abandon-slots-action')] }),
  ...at(['abandon-slots-action'], ['running'], {
    'slots-abandoned': [{ when: [], to: 'complete', state: 'completed', effects: [] }],
  }),
]

const WORKING_STATUSES = CHANGE_STATUSES.filter((status) => STATUSES[status].effect !== null)

const FAILURE = [
  ...at(WORKING_STATUSES, ['running'], { 'step-failed': STEP_FAILED }),
  ...WORKING_STATUSES.flatMap((status) => at([status], ['error'], { retried: [working([], status)] })),
]

/**
 * The lifecycle of a change. CPS API: Changes (spec: behaviour C6 to C11). For any state, event and facts at most one row applies.
 * docs/lifecycle.md is generated from these rows, `step` looks them up, property tests walk them.
 */
export const TRANSITIONS = [
  ...BEGIN,
  ...DOMAIN_VALIDATION,
  ...ISSUANCE,
  ...UPLOAD,
  ...DEPLOYMENT,
  ...HOLD,
  ...REMOVAL,
  ...FAILURE,
  ...CANCELLATIONS,
  ...DENIALS,
  ...SUPERSESSIONS,
] as const satisfies readonly Transition[]
