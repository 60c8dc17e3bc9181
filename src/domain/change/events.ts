/** What can happen to a change. `from`: who brings it. CPS API: Changes (spec: behaviour C6 to C11). */
interface EventRow {
  readonly from: 'effect' | 'person' | 'clock' | 'runner'
  readonly meaning: string
}

export const EVENTS = {
  started: { from: 'runner', meaning: 'the change was taken up' },
  'checks-passed': { from: 'effect', meaning: 'the request has no findings that stop it' },
  'checks-found': { from: 'effect', meaning: 'the request has findings to be reviewed' },
  'keys-ready': { from: 'effect', meaning: 'every key pair and its signing request is stored' },
  'challenges-ready': { from: 'effect', meaning: 'the order is placed and its open challenges are readable' },
  'names-validated': { from: 'effect', meaning: 'every name of the order is valid at the CA' },
  'names-not-yet-validated': { from: 'effect', meaning: 'names are open; their tokens stay as they are' },
  'names-invalidated': {
    from: 'effect',
    meaning: 'the CA gave up on a name for good, or its authorization ended by age',
  },
  'upload-verified': { from: 'effect', meaning: 'what was uploaded fits, without findings' },
  'upload-found': { from: 'effect', meaning: 'what was uploaded fits, with findings to be reviewed' },
  'upload-refused': { from: 'effect', meaning: 'what was uploaded cannot be used after all' },
  'certificate-issued': { from: 'effect', meaning: 'the CA issued what was asked for' },
  'certificate-issued-with-findings': {
    from: 'effect',
    meaning: 'the CA issued, with findings to be reviewed',
  },
  'certificate-pending': { from: 'effect', meaning: 'the CA is not done; to be asked again later' },
  'authority-failed': { from: 'effect', meaning: 'the CA refused or failed the order' },
  'slots-ready': { from: 'effect', meaning: 'what is to be deployed is assembled' },
  'live-checked': { from: 'effect', meaning: 'what is live now is known' },
  'staging-deployed': {
    from: 'effect',
    meaning: 'the staging network serves the change, proven by handshake',
  },
  'production-deployed': {
    from: 'effect',
    meaning: 'the production network serves the change, proven by handshake',
  },
  'deployment-held': {
    from: 'effect',
    meaning:
      'a pause, a pin, or a window or freeze of the account keeps it from the network, where nothing of it has begun',
  },
  withdrawn: { from: 'effect', meaning: 'no network serves the enrollment any more' },
  'signing-request-destroyed': { from: 'effect', meaning: 'signing requests and private keys are gone' },
  'slots-abandoned': { from: 'effect', meaning: 'the slots are given up' },
  'step-failed': { from: 'effect', meaning: 'the step could not be done; what it had begun is undone' },
  retried: { from: 'runner', meaning: 'the failed step is tried again' },
  acknowledged: { from: 'person', meaning: 'findings, or the content for production, were acknowledged' },
  denied: { from: 'person', meaning: 'the acknowledgement was denied' },
  cancelled: { from: 'person', meaning: 'the change is to end without effect' },
  uploaded: {
    from: 'person',
    meaning: 'a certificate and its trust chain were uploaded and are well-formed',
  },
  'validation-requested': {
    from: 'person',
    meaning: 'the CA is to look now: acknowledgement, value seen where it belongs, or time',
  },
  rescheduled: { from: 'person', meaning: 'the deployment schedule was replaced' },
  'window-opened': {
    from: 'clock',
    meaning: 'the deployment may begin (`notBefore`), or can wait no longer',
  },
  'window-closed': { from: 'clock', meaning: 'the deployment may no longer begin (`notAfter`)' },
  'deadline-passed': { from: 'clock', meaning: 'nobody acknowledged in time; counts as acknowledged' },
  superseded: {
    from: 'clock',
    meaning: 'what is live would expire while the change waits; it ends, and a renewal takes its place',
  },
} as const satisfies Record<string, EventRow>

export type ChangeEvent = keyof typeof EVENTS
export const CHANGE_EVENTS = Object.keys(EVENTS) as readonly ChangeEvent[]
