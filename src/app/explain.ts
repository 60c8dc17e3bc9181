import { servedNames } from '../domain/enrollment/served-names.ts'
import { type Change, effectiveSchedule } from '../domain/change/change.ts'
import { answersAt } from '../domain/change/own-answer.ts'
import { isOpen } from '../domain/change/vocabulary.ts'
import { STATUSES } from '../domain/change/statuses.ts'
import type { Hold } from '../domain/plan/hold.ts'
import { ACTS, isLost, type KnownName } from '../domain/validation/name-standing.ts'
import { heedsPlacements, type ValidationPolicy } from '../domain/validation/policy.ts'
import type { VettingRecord } from '../ports/vetting.ts'
import { validationView } from './challenges.ts'
import { comparisonView } from './comparison-view.ts'
import { type ChangeContent, contentOf } from './change-content.ts'
import type { Dependencies } from './dependencies.ts'
import { acknowledgementNeeded, type Answer, reviewNeeded, uploadNeeded } from './explain-inputs.ts'
import { ended, failed, reschedule, toEnd, withLastResort, working } from './explain-steps.ts'
import { failedLooks } from './failed-looks.ts'
import { allHoldsOf } from './holds.ts'
import { changeView, requireChange } from './read-enrollments.ts'
import type { ChangeReference } from './use-cases.ts'
import type { Caller, Explanation } from './views.ts'

/** Own API: which step, since when, what it waits for, who can move it and how, until when, and what happens if nobody does. */
export async function explain(
  deps: Dependencies,
  caller: Caller,
  ref: ChangeReference,
): Promise<Explanation> {
  const change = await requireChange(deps.store, caller, ref)
  const { read } = deps.store
  const [events, records, validations, content, vetting, holds, comparison, looks, names] = await Promise.all(
    [
      read.events.ofChange(change.id),
      read.handshakes.ofChange(change.id),
      validatesNames(change) ? read.validations.currentOf(change.id) : [],
      awaitsRelease(change) ? contentOf(deps, read, change) : null,
      change.status === 'check-for-cert' ? read.vettings.find(change.id) : null,
      isOpen(change) ? allHoldsOf(read, change, deps.clocks.lifecycle.now()) : [],
      comparisonView(read, change),
      validatesNames(change) ? failedLooks(read, change) : [],
      isOpen(change) ? read.nameStandings.of(change.enrollmentId) : [],
    ],
  )
  const stopped = isOpen(change) ? await stoppedClock(deps) : null
  const handshakes = records.map(({ realAt, changeId: _, ...seen }) => ({ ...seen, at: realAt }))
  const answer = withLastResort(
    change,
    content === null
      ? answerFor(change, deps.validationPolicy, vetting)
      : await releaseNeeded(change, deps, content),
  )
  return {
    change: changeView(change),
    step: STATUSES[change.status].description,
    since: change.enteredAt,
    waitsFor: withOwed(
      change,
      stopped === null ? withHolds(change, holds, answer.waitsFor) : clockStopped(stopped),
    ),
    moves: stopped === null ? answer.moves : [CONFIRMS_CLOCK, ...answer.moves],
    until: answer.until ?? null,
    otherwise: answer.otherwise,
    findings: change.findings,
    notEnforced: await notEnforced(deps, change),
    timeline: events.map(({ at, status, state, event }) => ({ at, status, state, event })),
    handshakes,
    validations: validations.map(validationView),
    failedLooks: looks,
    lostNames: lostNamesView(names),
    comparison,
    document: content === null ? null : JSON.parse(content.document),
  }
}

const lostNamesView = (names: readonly KnownName[]): Explanation['lostNames'] =>
  names
    .filter(isLost)
    .flatMap(({ name, fault, since }) =>
      fault === null || since === null ? [] : [{ domain: name, since, ...fault, act: ACTS[fault.reason] }],
    )

const CONFIRMS_CLOCK = {
  who: 'an administrator of the installation, once the clock is right',
  how: 'certrail clock confirm',
}

/** Live: why a process carries nothing on. */
async function stoppedClock({ clockGuard }: Dependencies): Promise<string | null> {
  const stopped = (await clockGuard.checks()).find(({ stoppedSince }) => stoppedSince !== null)
  return stopped?.reason ?? null
}

const clockStopped = (reason: string): string =>
  `Somebody to confirm the clock. ${reason} Nothing is issued or deployed until then.`

/** Said at once, and not first where the change meets it. */
const withHolds = (change: Change, holds: readonly Hold[], waitsFor: string | null): string | null => {
  const texts = holds.map(({ text }) => text).join(' ')
  if (holds.length === 0) return waitsFor
  return change.progress.held === true
    ? texts
    : `${waitsFor ?? ''} It will then be held back: ${texts}`.trim()
}

/** What does not hold the change, and is still to be done. */
const withOwed = ({ effects }: Change, waitsFor: string | null): string | null =>
  effects.includes('push-settings')
    ? `${waitsFor ?? ''} Before that the production network has to take the network settings that were sent past staging; Certrail tries that again by itself.`.trim()
    : effects.includes('serve-pinned')
      ? `${waitsFor ?? ''} Before that production has to serve the generation that somebody went back to; Certrail tries that again by itself.`.trim()
      : waitsFor

/** What the enrollment asks for and no edge carries out, in words; docs/tls.md has the whole of it. */
async function notEnforced(deps: Dependencies, change: Change): Promise<readonly string[]> {
  return [...(await clientsNotAsked(deps, change)), ...(await clientsWithoutName(deps, change))]
}

async function clientsWithoutName({ edges }: Dependencies, { settings }: Change): Promise<readonly string[]> {
  if (settings.networkConfiguration.sniOnly) return []
  const names = servedNames(settings)
  const isKept = (await edges.slotsOf('production')).some(({ name }) => names.includes(name))
  return isKept
    ? []
    : [
        'sniOnly: false: clients that do not say the name are answered by nobody, since no listener of production is kept for a name of it.',
      ]
}

async function clientsNotAsked({ store }: Dependencies, change: Change): Promise<readonly string[]> {
  const mutual = change.settings.networkConfiguration.clientMutualAuthentication
  const setId = mutual?.setId ?? ''
  if (setId === '') return []
  const set = await store.read.trustChainSets.find(change.accountId, setId)
  if (set === null)
    return [
      `clientMutualAuthentication: the account has no trust-chain set ${setId}; clients are not asked for a certificate until it is created.`,
    ]
  return mutual?.authenticationOptions?.ocsp.enabled === true
    ? ['clientMutualAuthentication: nobody is asked whether a client certificate was revoked (OCSP).']
    : []
}

const validatesNames = ({ status }: Change): boolean => status === 'coordinate-domain-validation'

const awaitsRelease = ({ status, state }: Change): boolean =>
  status === 'wait-ack-change-management' && state === 'awaiting-input'

async function releaseNeeded(
  change: Change,
  deps: Dependencies,
  { deployment, hash }: ChangeContent,
): Promise<Answer> {
  const stagingAddresses = await deps.edges.addressesOf('staging')
  const around = {
    now: deps.clocks.lifecycle.now(),
    stagingAddresses,
    servedNames: deployment.servedNames,
  }
  return acknowledgementNeeded(change, around, hash)
}

/** What is said of a place where a change can stand; `vetting`: of an organisation that is being checked. */
export function answerFor(
  change: Change,
  policy: ValidationPolicy,
  vetting: VettingRecord | null = null,
): Answer {
  if (!isOpen(change)) return ended(change)
  if (change.state === 'error') return failed(change)
  if (change.state === 'running' || change.state === 'new') return working(change, vetting)
  return orEnded(change, WAITS[change.status]?.(change, policy) ?? inputNeeded(change))
}

/** A review can be denied, which is said with it; every other wait can be cancelled. */
const orEnded = (change: Change, answer: Answer): Answer =>
  answer.moves.some(({ how }) => how.includes('--deny'))
    ? answer
    : { ...answer, moves: [...answer.moves, ...toEnd(change)] }

/** Waits whose end has more to it than one input. */
const WAITS: Partial<Record<Change['status'], (change: Change, policy: ValidationPolicy) => Answer>> = {
  'coordinate-domain-validation': validation,
  'wait-upload-third-party': uploadNeeded,
  'wait-review-pre-verification-safety-checks': (change) =>
    reviewNeeded(change, 'pre-verification-warnings-acknowledgement'),
  'wait-review-third-party-cert': (change) =>
    reviewNeeded(change, 'post-verification-warnings-acknowledgement'),
  'wait-review-cert-warning': (change) => reviewNeeded(change, 'post-verification-warnings-acknowledgement'),
  'wait-deployment-schedule': (change) => ({
    waitsFor:
      change.progress.held === true
        ? 'A person to end the pause or the pin that holds it back.'
        : change.progress.heldUntil === undefined
          ? 'The deployment window of the schedule.'
          : 'A maintenance window of the account (GET /certrail/v1/maintenance); a date of its own ends this wait.',
    moves: reschedule(change),
    until: effectiveSchedule(change).notBefore,
    otherwise: 'The change goes on by itself when the window opens.',
  }),
}

function validationWait({ publishes, triggers }: ValidationPolicy): string {
  if (publishes === 'on-trigger')
    return 'The acknowledgement that the challenges were placed; Certrail’s own edges then answer them.'
  return heedsPlacements({ triggers })
    ? 'The value of a challenge to be seen where it belongs, for every name.'
    : 'The acknowledgement that the challenges were placed; their values are then looked for where they belong.'
}

function validation(change: Change, policy: ValidationPolicy): Answer {
  const acknowledges = policy.triggers.includes('acknowledgement') || policy.triggers.includes('sight')
  const answers = answersAt(change, policy)
  return {
    waitsFor: validationWait(policy),
    moves: acknowledges
      ? [
          { who: 'an operator of the account', how: `certrail acknowledge ${change.enrollmentId}` },
          {
            who: 'any CPS client',
            how: `POST /cps/v2/enrollments/${change.enrollmentId}/changes/${change.id}/input/update/lets-encrypt-challenges-completed {"acknowledgement":"acknowledge"}`,
          },
        ]
      : [],
    until: answers ?? change.nextAt,
    otherwise:
      answers !== null
        ? 'The names are validated by Certrail’s own edges when the time is over.'
        : policy.triggers.includes('sight')
          ? 'Certrail looks again by itself.'
          : 'The change waits until it is acknowledged.',
  }
}

function inputNeeded(change: Change): Answer {
  return {
    waitsFor: STATUSES[change.status].description,
    moves: [
      {
        who: 'an operator of the account',
        how: `GET /cps/v2/enrollments/${change.enrollmentId}/changes/${change.id} and follow allowedInput`,
      },
    ],
    otherwise: 'The change stays here.',
  }
}
