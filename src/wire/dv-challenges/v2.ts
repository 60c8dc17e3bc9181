import { createHash } from 'node:crypto'
import type { ChallengeView, NameValidationView } from '../../app/views.ts'
import { type Instant, toWireTime } from '../../domain/time.ts'
import type { ValidationRecord } from '../../ports/challenge-look.ts'
import type { JsonObject } from '../json.ts'
import type { WireContext } from '../row.ts'

interface WireStatus {
  readonly status: string
  readonly validationStatus: string
}

/** spec: api 5.12 and behaviour C12 */
const NAME_STATUSES: Readonly<Record<NameValidationView['status'], WireStatus>> = {
  preparing: { status: 'Preparing', validationStatus: 'DATA_NOT_READY' },
  awaiting: { status: 'Awaiting user', validationStatus: 'IN_PROGRESS' },
  checking: { status: 'Pending', validationStatus: 'IN_PROGRESS' },
  'failed-look': { status: 'Awaiting user', validationStatus: 'RESPONSE_ERROR' },
  valid: { status: 'Valid', validationStatus: 'VALIDATED' },
  expired: { status: 'Error', validationStatus: 'EXPIRED' },
  invalid: { status: 'Invalid', validationStatus: 'RESPONSE_ERROR' },
}

/** Lower case on the wire, whatever the published enumeration says: the Terraform provider looks for exactly `pending`. */
const CHALLENGE_STATUSES: Readonly<Record<ChallengeView['status'], string>> = {
  pending: 'pending',
  valid: 'valid',
  invalid: 'invalid',
  expired: 'error',
}

/** CPS API: DvChallenges */
export function encodeChallengesV2(names: readonly NameValidationView[], wire: WireContext): JsonObject {
  return {
    dv: names.map((name) => ({
      ...encodeName(name),
      validationStatus: validationStatusOf(name),
      challenges: challengesOf(name).map((challenge) => encodeChallenge(name.domain, challenge, wire)),
    })),
  }
}

export const validationStatusOf = (name: NameValidationView): string =>
  NAME_STATUSES[name.status].validationStatus

/** What both versions say of a name. Times that are not yet are empty: the schemas know no null here. */
export const encodeName = (name: NameValidationView): JsonObject => ({
  domain: name.domain,
  status: NAME_STATUSES[name.status].status,
  error: name.status === 'expired' ? 'Expired authorization' : name.error,
  requestTimestamp: toWireTime(name.requestedAt),
  validatedTimestamp: timeOrEmpty(name.validatedAt),
  expires: timeOrEmpty(name.expires),
})

export function encodeChallenge(domain: string, challenge: ChallengeView, wire: WireContext): JsonObject {
  return {
    type: challenge.type,
    status: CHALLENGE_STATUSES[challenge.status],
    error: challenge.error,
    token: challenge.token,
    ...placeOf(domain, challenge, wire),
    validationRecords: challenge.records.map(encodeRecord),
  }
}

/** Where the proof belongs: RFC 8555 sections 8.3 and 8.4. */
function placeOf(domain: string, challenge: ChallengeView, wire: WireContext): JsonObject {
  if (challenge.type === 'dns-01')
    return {
      fullPath: `_acme-challenge.${domain.replace(/^\*\./, '')}.`,
      redirectFullPath: '',
      responseBody: createHash('sha256').update(challenge.keyAuthorization).digest('base64url'),
    }
  const path = `/.well-known/acme-challenge/${challenge.token}`
  return {
    fullPath: `http://${domain}${path}`,
    redirectFullPath: wire.challengeRedirectBase === null ? '' : `${wire.challengeRedirectBase}${path}`,
    responseBody: challenge.keyAuthorization,
  }
}

/** A wildcard is proved in DNS or not at all (RFC 8555 section 7.1.3, BR section 3.2.2.4.19). */
export const challengesOf = (name: NameValidationView): readonly ChallengeView[] =>
  name.challenges.filter((challenge) => challenge.type === 'dns-01' || !name.domain.startsWith('*.'))

const encodeRecord = (record: ValidationRecord): JsonObject => ({
  hostname: record.hostname,
  port: record.port,
  url: record.url,
  authorities: record.authorities,
  resolvedIp: record.resolvedIp,
  triedIp: record.triedIp,
  usedIp: record.usedIp,
})

const timeOrEmpty = (at: Instant | null): string => (at === null ? '' : toWireTime(at))
