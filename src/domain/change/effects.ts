import type { ChangeEvent } from './events.ts'

interface EffectRow {
  /** Besides `step-failed`, which every such effect may yield. Empty: a cleanup, retried until done, which moves nothing. */
  readonly yields: readonly ChangeEvent[]
  readonly meaning: string
}

/**
 * What the runner performs, each idempotent: done again after a crash it finds what the first run made. A transition replaces the
 * pending effects of the change by its own.
 */
export const EFFECTS = {
  'check-request': {
    yields: ['checks-passed', 'checks-found'],
    meaning: 'look at names, duplicates, CAA, DNS, contacts',
  },
  'generate-keys': { yields: ['keys-ready'], meaning: 'make key pairs and signing requests' },
  'place-order': {
    yields: ['challenges-ready', 'names-validated', 'authority-failed'],
    meaning: 'order at the CA, or find the order already placed; a dead order is replaced by a new one',
  },
  'check-validation': {
    yields: ['names-validated', 'names-not-yet-validated', 'names-invalidated', 'authority-failed'],
    meaning: 'ask the CA to look at the open challenges',
  },
  'request-certificate': {
    yields: [
      'certificate-issued',
      'certificate-issued-with-findings',
      'certificate-pending',
      'names-invalidated',
      'authority-failed',
    ],
    meaning:
      'finalize the order and fetch the certificate; for OV and EV order first, since no step of ours comes between',
  },
  'verify-upload': {
    yields: ['upload-verified', 'upload-found', 'upload-refused'],
    meaning: 'hold the upload against signing request, names, chain and expiry',
  },
  'assemble-slots': { yields: ['slots-ready'], meaning: 'assemble what is to be deployed' },
  'check-live': {
    yields: ['live-checked'],
    meaning: 'note what both networks serve now, to be able to return to it',
  },
  'deploy-to-staging': {
    yields: ['staging-deployed'],
    meaning: 'deploy certificate and settings to staging',
  },
  'deploy-settings-to-staging': { yields: ['staging-deployed'], meaning: 'deploy settings alone to staging' },
  'deploy-to-production': {
    yields: ['production-deployed', 'deployment-held'],
    meaning:
      'deploy certificate and settings, or settings alone, to production; on failure put back what was served; else settle what the enrollment is, and compute its next renewal',
  },
  'push-settings': {
    yields: [],
    meaning: 'serve in production what is live there with other network settings, while the change goes on',
  },
  'serve-pinned': {
    yields: [],
    meaning:
      'let production serve the generation that somebody went back to, while the change stays where it is',
  },
  'withdraw-from-networks': {
    yields: ['withdrawn', 'deployment-held'],
    meaning: 'take the enrollment off both networks',
  },
  'destroy-signing-request': {
    yields: ['signing-request-destroyed'],
    meaning: 'destroy the signing requests and private keys of the enrollment',
  },
  'abandon-slots': {
    yields: ['slots-abandoned'],
    meaning: 'give up the slots of the enrollment, and remove it',
  },
  'freeze-content': { yields: [], meaning: 'freeze the content that an acknowledgement will stand for' },
  'restore-staging': { yields: [], meaning: 'let staging serve again what it served before the change' },
  'restore-production': {
    yields: [],
    meaning: 'make sure that production serves what it served before the change',
  },
  'abandon-order': { yields: [], meaning: 'give up the order at the CA, if there is one' },
  'destroy-keys': { yields: [], meaning: 'destroy the key pairs that this change made' },
  'remove-enrollment': {
    yields: [],
    meaning:
      'remove an enrollment whose first change was cancelled, with its changes, deployments and histories',
  },
} as const satisfies Record<string, EffectRow>

export type ChangeEffect = keyof typeof EFFECTS

/** Those that no move of the change takes back: they were promised to somebody, and belong to what is live. */
export const OWED_EFFECTS: readonly ChangeEffect[] = ['push-settings', 'serve-pinned']
export const CHANGE_EFFECTS = Object.keys(EFFECTS) as readonly ChangeEffect[]

/** Everything that performing the effect may report; empty for a cleanup. */
export function outcomesOf(effect: ChangeEffect): readonly ChangeEvent[] {
  const yields: readonly ChangeEvent[] = EFFECTS[effect].yields
  return yields.length === 0 ? [] : [...yields, 'step-failed']
}
