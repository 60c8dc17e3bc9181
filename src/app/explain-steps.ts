import type { Change } from '../domain/change/change.ts'
import { eventsAt } from '../domain/change/step.ts'
import { isLeftToPeople, lastResort, type LastResort } from '../domain/change/last-resort.ts'
import { factsOf } from '../domain/change/move.ts'
import type { ChangeStatus } from '../domain/change/vocabulary.ts'
import type { Instant } from '../domain/time.ts'
import type { VettingRecord } from '../ports/vetting.ts'
import type { Answer } from './explain-inputs.ts'

export const OPERATOR = 'an operator of the account'

/** What a step that works is waiting for, and what is to be mended where it has failed. Null: nothing works, or fails, there. */
interface Work {
  readonly working: string | null
  readonly failed: string | null
}

const nothing: Work = { working: null, failed: null }
const EDGES =
  'Make the addresses that are named here reachable from this host, or take out the edges that are no more.'

/** Every status of CPS API: Changes (spec: behaviour C6). What a person brings is explained in explain-inputs.ts. */
export const WORK: Readonly<Record<ChangeStatus, Work>> = {
  'pre-verification-safety-checks': {
    working: 'The checks of names, overlaps and DNS to end.',
    failed: 'Make the database and the DNS server that checks ask (CERTRAIL_RESOLVER) reachable.',
  },
  'wait-review-pre-verification-safety-checks': nothing,
  'generate-csr': {
    working: 'The key pair and its signing request to be made; an RSA pair may take a moment.',
    failed:
      'See that the key-encryption key (CERTRAIL_KEK_FILE) is the one that this database was made with.',
  },
  'coordinate-domain-validation': {
    working: 'The certificate authority to take the order and to name its challenges.',
    failed: 'Make the certificate authority reachable; the order is found again, not placed twice.',
  },
  'wait-upload-third-party': nothing,
  'verify-third-party-cert': {
    working: 'The uploaded certificate to be held against the signing request, the names and the chain.',
    failed: 'The upload is kept, and checked again.',
  },
  'wait-review-third-party-cert': nothing,
  'check-for-cert': {
    working: 'The certificate authority to issue the certificate.',
    failed: 'Make the certificate authority reachable; the order is found again, not placed twice.',
  },
  'check-for-cert-error': {
    working: null,
    failed:
      'The same order would be refused again: mend what the certificate authority objects to, cancel this change, and begin another.',
  },
  'wait-review-cert-warning': nothing,
  'create-slot-files': {
    working: 'The private key to be opened and held against the certificate.',
    failed:
      'See that the key-encryption key (CERTRAIL_KEK_FILE) is the one that this database was made with.',
  },
  'live-check-action': {
    working: 'A look at what production answers now.',
    failed: EDGES,
  },
  'deploy-cert-to-staging': {
    working: 'Every edge of the staging network to answer with the certificate in a full handshake.',
    failed: EDGES,
  },
  'deploy-changes-to-staging': {
    working: 'Every edge of the staging network to take the network settings.',
    failed: EDGES,
  },
  'wait-ack-change-management': nothing,
  'wait-deployment-schedule': {
    working: null,
    failed: 'The time to deploy (notAfter) is over: give the change another schedule, or cancel it.',
  },
  'deploy-cert-to-production': {
    working: 'Every edge of the production network to answer with the certificate in a full handshake.',
    failed: EDGES,
  },
  'deprovision-cert': {
    working: 'Every edge of both networks to let go of the certificate.',
    failed: EDGES,
  },
  'delete-csr': {
    working: 'The signing requests and private keys to be destroyed.',
    failed: 'Make the database reachable.',
  },
  'abandon-slots-action': {
    working: 'The slots to be given up; the enrollment is gone then.',
    failed: 'Make the database reachable.',
  },
  complete: nothing,
}

export function working(change: Change, vetting: VettingRecord | null): Answer {
  if (vetting !== null && vetting.decision === null) return vettingNeeded(change, vetting.dueAt)
  return {
    waitsFor: `${WORK[change.status].working ?? 'The next step.'} Nobody has to act.`,
    moves: toEnd(change),
    // At the sandbox's pace it begins later than the step.
    until: change.nextAt !== null && change.nextAt > change.updatedAt ? change.nextAt : null,
    otherwise:
      'It goes on by itself. A step that fails shows its cause here and is tried again; what is live stays live.',
  }
}

/** OV and EV on the local CA, which nobody but an operator speaks for. */
function vettingNeeded(change: Change, until: Instant | null): Answer {
  const { enrollmentId } = change
  return {
    waitsFor: 'The organization to be checked, as the certificate authority does it before it issues.',
    moves: [
      { who: `${OPERATOR}, for the local CA`, how: `certrail vetting approve ${enrollmentId}` },
      { who: `${OPERATOR}, for the local CA`, how: `certrail vetting reject ${enrollmentId} --reason "…"` },
      ...toEnd(change),
    ],
    until,
    otherwise: until === null ? 'The change stays here.' : 'Then the organization counts as checked.',
  }
}

export function failed(change: Change): Answer {
  const remedy = WORK[change.status].failed ?? ''
  const again = isLeftToPeople(change)
    ? 'Certrail has given up trying by itself.'
    : 'Certrail tries the step again by itself.'
  return {
    waitsFor: `The cause to be mended: ${change.error?.description ?? 'unknown'} ${remedy}`.trim(),
    moves: [...(change.status === 'wait-deployment-schedule' ? reschedule(change) : []), ...toEnd(change)],
    until: change.nextAt,
    otherwise:
      change.error?.code === 'no-way-back'
        ? `${again} Edges that showed the new certificate keep it; no other one is led back.`
        : `${again} What was live before stays live.`,
  }
}

export function ended(change: Change): Answer {
  if (!change.effects.includes('remove-enrollment')) return { waitsFor: null, moves: [], otherwise: null }
  return {
    waitsFor: null,
    moves: [
      {
        who: 'any CPS client, to keep the enrollment',
        how: `PUT /cps/v2/enrollments/${change.enrollmentId}`,
      },
    ],
    until: change.nextAt,
    otherwise: 'Then the enrollment goes, since nothing of it was ever live.',
  }
}

export const reschedule = ({ enrollmentId, id }: Change): Answer['moves'] => [
  {
    who: 'any CPS client, with another window',
    how: `PUT /cps/v2/enrollments/${enrollmentId}/changes/${id}/deployment-schedule {"notBefore":null,"notAfter":null}`,
  },
]

/** Only where it would be done: a push to production and a removal under way are past it. */
export const toEnd = (change: Change): Answer['moves'] =>
  eventsAt(change, factsOf(change, change.updatedAt)).includes('cancelled')
    ? [{ who: `${OPERATOR}, to end the change`, how: `certrail cancel ${change.enrollmentId}` }]
    : []

/** What the clock does where nobody comes, unless something else happens before. */
export function withLastResort(change: Change, answer: Answer): Answer {
  const last = lastResort(change)
  if (last === null || (typeof answer.until === 'number' && answer.until < last.at)) return answer
  return { ...answer, until: last.at, otherwise: LAST_RESORTS[last.event] }
}

const LAST_RESORTS: Readonly<Record<LastResort['event'], string>> = {
  'deadline-passed':
    'Then it counts as acknowledged, since what is live would expire soon after. A deployment date before that expiry still holds.',
  'window-opened':
    'Then it goes to production whatever its dates say: with them it would come after what is live has expired.',
  superseded:
    'Then it ends without effect and what is live, which would expire soon after, is renewed instead.',
}
