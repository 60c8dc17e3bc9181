import type {
  ClockView,
  AuthorityStandingView,
  ChangeEventView,
  ChangeView,
  Explanation,
  OrganizationView,
  TrustChainSetView,
} from '../app/views.ts'
import { type Instant, toWireTime } from '../domain/time.ts'
import { delegationTarget } from '../domain/validation/delegation.ts'
import type { TrustChainSetRecord } from '../ports/trust-chain-sets.ts'
import { encodeSchedule } from '../wire/deployment-schedule.ts'
import { encodeChallengesV2 } from '../wire/dv-challenges/v2.ts'
import type { WireContext } from '../wire/row.ts'
import type { JsonObject, JsonValue } from '../wire/json.ts'

/** Views of our own API as JSON. Times are RFC 3339, statuses in their right spelling. */
export function explanationJson(explanation: Explanation, wire: WireContext): JsonObject {
  return {
    change: changeJson(explanation.change),
    step: explanation.step,
    since: toWireTime(explanation.since),
    waitsFor: explanation.waitsFor,
    moves: explanation.moves.map(({ who, how }) => ({ who, how })),
    until: timeOrNull(explanation.until),
    otherwise: explanation.otherwise,
    findings: explanation.findings.map(({ id, text }) => ({ id, text })),
    notEnforced: explanation.notEnforced,
    timeline: explanation.timeline.map(({ at, status, state, event }) => ({
      at: toWireTime(at),
      status,
      state,
      event,
    })),
    handshakes: explanation.handshakes.map((handshake) => ({ ...handshake, at: toWireTime(handshake.at) })),
    validations: encodeChallengesV2(explanation.validations, wire)['dv'] ?? [],
    failedLooks: explanation.failedLooks.map(({ domain, requestedAt, error }) => ({
      domain,
      requestedAt: toWireTime(requestedAt),
      error,
    })),
    lostNames: explanation.lostNames.map(({ since, ...lost }) => ({ ...lost, since: toWireTime(since) })),
    standing: standingPlacements(explanation.validations, wire),
    comparison: comparisonJson(explanation.comparison),
    document: explanation.document as JsonValue,
  }
}

const comparisonJson = (comparison: Explanation['comparison']): JsonObject | null =>
  comparison === null
    ? null
    : {
        production: comparison.production,
        differences: comparison.differences.map(({ id, text }) => ({ id, text })),
        clients: comparison.clients.map(({ client, staging, production }) => ({
          client,
          staging,
          production,
        })),
        note: comparison.note,
      }

export const eventJson = (event: ChangeEventView): JsonObject => ({
  id: event.id,
  at: toWireTime(event.at),
  enrollmentId: event.enrollmentId,
  changeId: event.changeId,
  event: event.event,
  status: event.status,
  state: event.state,
})

/** Own API: a change, its status in the right spelling. */
export function changeJson(change: ChangeView): JsonObject {
  const { error } = change
  return {
    id: change.id,
    enrollmentId: change.enrollmentId,
    action: change.action,
    status: change.status,
    state: change.state,
    error:
      error === null ? null : { code: error.code, description: error.description, at: toWireTime(error.at) },
    schedule: encodeSchedule(change.schedule),
  }
}

/** After CPS API: Organization (spec: api 5.17), which has no path there; members that nothing here fills are left out. */
export const organizationJson = ({
  id,
  organization,
  vettedUntil,
  isVetted,
}: OrganizationView): JsonObject => ({
  id,
  name: organization.name,
  address: organization.addressLineOne,
  address2: organization.addressLineTwo,
  city: organization.city,
  region: organization.region,
  postalCode: organization.postalCode,
  country: organization.country,
  phone: organization.phone,
  validations: [
    {
      name: 'organization',
      status: isVetted ? 'active' : 'expired',
      validatedUntil: toWireTime(vettedUntil),
    },
  ],
})

export const trustChainSetOutline = (set: TrustChainSetRecord) => ({
  id: set.id,
  name: set.name,
  active: { staging: set.active.staging, production: set.active.production },
  createdAt: toWireTime(set.realCreatedAt),
})

export const trustChainSetJson = ({ set, revisions, references }: TrustChainSetView): JsonObject => ({
  ...trustChainSetOutline(set),
  revisions: revisions.map(({ revision, createdBy, createdAt, certificates }) => ({
    revision,
    createdBy,
    createdAt: toWireTime(createdAt),
    certificates: certificates.map(({ pem, subject, fingerprint, notAfter }) => ({
      subject,
      fingerprint,
      notAfter: toWireTime(notAfter),
      certificate: pem,
    })),
  })),
  enrollments: references,
})

export const authorityJson = ({
  directoryUrl,
  accountUrl,
  isKeyChanging,
  limitedUntil,
  downSince,
  action,
  ...standing
}: AuthorityStandingView): JsonObject => ({
  ...standing,
  validationTypes: [...standing.validationTypes],
  directory: directoryUrl,
  account: accountUrl,
  keyChanging: isKeyChanging,
  limitedUntil: timeOrNull(limitedUntil),
  downSince: timeOrNull(downSince),
  action:
    action === null
      ? null
      : {
          since: toWireTime(action.since),
          instructions: action.instructionsUrl,
          termsOfService: action.termsUrl,
        },
})

const timeOrNull = (at: Instant | null): string | null => (at === null ? null : toWireTime(at))

/** What can be placed once and for all renewals, name by name: an alias into our zone, a redirect to our host. */
function standingPlacements(
  validations: Explanation['validations'],
  { delegationZone = null, challengeRedirectBase }: WireContext,
): JsonValue {
  const path = '/.well-known/acme-challenge/'
  return validations.map(({ domain }) => {
    const base = domain.replace(/^\*\./, '')
    const target = delegationZone === null ? null : delegationTarget(domain, delegationZone)
    const redirects = challengeRedirectBase !== null && base === domain
    return {
      domain,
      cname: target === null ? null : { name: `_acme-challenge.${base}.`, target: `${target}.` },
      redirect: redirects ? { from: `http://${domain}${path}`, to: `${challengeRedirectBase}${path}` } : null,
    }
  })
}

export const clockJson = ({ now, offsetSeconds, target }: ClockView): JsonObject => ({
  now: toWireTime(now),
  offsetSeconds,
  ...(target !== undefined && { target: toWireTime(target) }),
})
