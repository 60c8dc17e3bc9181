import { DAY, type Instant, plus } from '../../domain/time.ts'
import type { Authorization, ChallengeType, OrderRequest } from '../../ports/certificate-authority.ts'
import type { Random } from '../../ports/random.ts'
import type { LocalOrder } from './orders.ts'

/** As long as the spec's fixtures show (spec/behaviour.md C12). */
const PENDING_LIFETIME_MS = 7 * DAY

/** BR section 4.2.1: what was vetted about an organisation holds for 398 days; an order waits for people as long as it must. */
const VETTED_LIFETIME_MS = 397 * DAY

/** 256 bits; RFC 8555 section 8.3 asks for 128. */
const TOKEN_OCTETS = 32

export interface NewOrderFacts {
  readonly generation: number
  readonly at: Instant
  /** Authorizations that still stand from earlier orders of the account. */
  readonly reusable: readonly Authorization[]
  readonly thumbprint: string
  readonly random: Random
}

export function newOrder(request: OrderRequest, facts: NewOrderFacts): LocalOrder {
  const { changeId, accountId, enrollmentId, validationType, identifiers, subject } = request
  const authorize = validationType === 'dv' ? provenOrPending : vetted
  return {
    id: facts.random.uuid(),
    changeId,
    generation: facts.generation,
    accountId,
    enrollmentId,
    validationType,
    identifiers,
    subject,
    createdAt: facts.at,
    authorizations: identifiers.map((identifier) => authorize(identifier, facts)),
    abandoned: false,
    certificate: null,
  }
}

/** A name that was proven keeps its proof as it is, end and tokens included: using it again does not lengthen it. */
const provenOrPending = (identifier: string, facts: NewOrderFacts): Authorization =>
  facts.reusable.find((earlier) => earlier.identifier === identifier) ?? {
    identifier,
    status: 'pending',
    expires: plus(facts.at, PENDING_LIFETIME_MS),
    challenges: challengeTypesFor(identifier).map((type) => newChallenge(type, facts)),
  }

/** OV and EV: people vet the organisation and its names before the order is placed; there is nothing to look at. */
const vetted = (identifier: string, { at }: NewOrderFacts): Authorization => ({
  identifier,
  status: 'valid',
  expires: plus(at, VETTED_LIFETIME_MS),
  challenges: [],
})

/** BR section 3.2.2.4.19: http-01 does not prove a wildcard. */
const challengeTypesFor = (identifier: string): readonly ChallengeType[] =>
  identifier.startsWith('*.') ? ['dns-01'] : ['http-01', 'dns-01']

/** RFC 8555 section 8: a token of its own for each challenge. */
function newChallenge(
  type: ChallengeType,
  { random, thumbprint }: NewOrderFacts,
): Authorization['challenges'][number] {
  const token = Buffer.from(random.bytes(TOKEN_OCTETS)).toString('base64url')
  return { type, token, keyAuthorization: `${token}.${thumbprint}`, status: 'pending', error: null }
}
