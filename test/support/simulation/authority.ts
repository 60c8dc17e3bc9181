import { validityDays } from '../../../src/domain/certificate/validity.ts'
import type { ChangeId } from '../../../src/domain/identifiers.ts'
import type { IssuingProfile } from '../../../src/domain/policy/rules.ts'
import type { OrderLimit } from '../../../src/domain/renewal/order-limit.ts'
import { DAY, HOUR, type Instant, instant, MINUTE, plus } from '../../../src/domain/time.ts'
import { Problem } from '../../../src/errors/problem.ts'
import type {
  Authorization,
  CertificateAuthority,
  Finalization,
  IssuerTrust,
  OrderRequest,
} from '../../../src/ports/certificate-authority.ts'
import type { SpendOrder } from '../../../src/ports/order-budgets.ts'
import { createOrderCounter, createRenewalWindows } from './authority-wishes.ts'
import { type Paper, readRequest, writePaper } from './papers.ts'
import { type Draws, digestOf } from './seeded.ts'
import { isIn, type Trouble } from './troubles.ts'

export interface AuthorityLife {
  readonly outages: readonly Trouble[]
  readonly limits: readonly Trouble[]
  readonly slow: readonly Trouble[]
  readonly lies: readonly Trouble[]
  /** When it wants every new certificate replaced at once. */
  readonly impatient: readonly Trouble[]
  readonly profile: IssuingProfile
  readonly orderLimit: OrderLimit | null
  /** Whether it says when it would like a renewal (RFC 9773). */
  readonly hasWindows: boolean
  readonly spend: SpendOrder
}

interface PlacedOrder {
  readonly request: OrderRequest
  readonly isProven: boolean
  readonly isDead: boolean
  readonly certificate: string | null
  readonly readyAt: Instant | null
}

/** The issuer's own paper. */
const CHAIN = writePaper({
  algorithm: 'ECDSA',
  key: 'issuer',
  names: ['Simulated CA'],
  serial: '1',
  notBefore: instant(0),
  notAfter: instant(8_000_000_000_000),
})

const TRUST: IssuerTrust = { roots: 'any', isPublic: false }

export interface SimulatedAuthority {
  readonly authority: CertificateAuthority
  /** Every order that was placed, the oldest first. */
  readonly placed: readonly OrderRequest[]
  /** What it signs for; `validDays` and the rest as whoever asks wants it. */
  sign(signingRequest: string, more?: Partial<Paper>): string
}

/** A CA with bad days: gone, over its limits with and without a Retry-After, slow, forgetful, or answering with something else than was asked for. */
export function createSimulatedAuthority(
  draws: Draws,
  now: () => Instant,
  life: AuthorityLife,
): SimulatedAuthority {
  const orders = new Map<ChangeId, PlacedOrder>()
  const counter = createOrderCounter(life.orderLimit, now, life.spend)
  const windowOf = createRenewalWindows(draws, now, life.impatient)
  const placed: OrderRequest[] = []
  /** The first order of a renewal was counted when it began. */
  const attempted = new Set<ChangeId>()
  const sign: SimulatedAuthority['sign'] = (signingRequest, more = {}) =>
    writePaper({
      ...readRequest(signingRequest),
      serial: draws.below(2 ** 32).toString(16),
      notBefore: plus(now(), -HOUR),
      notAfter: instant(now() + 90 * DAY - HOUR),
      ...more,
    })
  function requireThere(): void {
    if (isIn(life.outages, now())) throw new Problem('authority-unavailable')
    if (!isIn(life.limits, now()) || draws.chance(0.5)) return
    const retryAfterSeconds = 60 * (1 + draws.below(60))
    counter.limited(retryAfterSeconds)
    throw new Problem('authority-unavailable', { retryAfterSeconds })
  }
  function orderOf(id: ChangeId): PlacedOrder {
    const found = orders.get(id)
    if (found === undefined) throw new Problem('authority-refused')
    return found
  }
  function alter(id: ChangeId, more: Partial<PlacedOrder>): PlacedOrder {
    const altered = { ...orderOf(id), ...more }
    orders.set(id, altered)
    return altered
  }
  function place(request: OrderRequest): PlacedOrder {
    placed.push(request)
    const isProven = request.validationType !== 'dv' || draws.chance(0.1)
    return { request, isProven, isDead: false, certificate: null, readyAt: null }
  }
  function lie(request: OrderRequest, signingRequest: string): Finalization {
    const issued = (more: Partial<Paper>): Finalization => ({
      status: 'issued',
      certificate: { certificatePem: sign(signingRequest, more), chainPem: CHAIN },
      trust: TRUST,
    })
    return draws.pick<() => Finalization>([
      () => issued({ names: ['somebody-else.example'] }),
      () => issued({ names: request.identifiers.slice(1) }),
      () => issued({ key: digestOf('another key') }),
      () => issued({ notAfter: plus(now(), -1) }),
      () => issued({ notBefore: plus(now(), DAY) }),
      () => ({ status: 'lost', reason: 'the order is not known' }),
      () => ({ status: 'refused', reason: 'serverInternal: sorry' }),
    ])()
  }
  const authority: Omit<CertificateAuthority, 'revoke'> = {
    async order(request) {
      requireThere()
      const found = orders.get(request.changeId)
      const isNew = found === undefined || found.isDead
      if (isNew) await counter.count(request.isCounted && !attempted.has(request.changeId))
      attempted.add(request.changeId)
      const order = isNew ? place(request) : found
      orders.set(request.changeId, order)
      const authorizations = authorizationsOf(order, placed.length, now())
      return {
        id: String(request.changeId),
        status: order.isProven ? 'ready' : 'pending',
        authorizations,
        error: null,
      }
    },
    async respond(id, identifier) {
      requireThere()
      // A failed look is final for that authorization (RFC 8555 section 7.1.6).
      const fails = isIn(life.lies, now()) && draws.chance(0.7)
      const order = alter(id, fails ? { isDead: true } : { isProven: true })
      const [found] = authorizationsOf(order, placed.length, now()).filter(
        (one) => one.identifier === identifier,
      )
      if (found === undefined) throw new Problem('authority-refused')
      return found
    },
    async finalize(id, signingRequest) {
      requireThere()
      const { request, certificate } = orderOf(id)
      if (isIn(life.limits, now())) return { status: 'refused', reason: 'rateLimited: too many certificates' }
      const readyAt = orderOf(id).readyAt ?? (isIn(life.slow, now()) ? plus(now(), 2 * HOUR) : now())
      alter(id, { readyAt })
      if (now() < readyAt) return { status: 'processing', after: plus(now(), 10 * MINUTE) }
      if (isIn(life.lies, now())) return lie(request, signingRequest)
      const days = request.validationType === 'dv' ? validityDays('dv', now(), life.profile) : 90
      const certificatePem =
        certificate ?? sign(signingRequest, { notAfter: instant(now() + days * DAY - HOUR) })
      alter(id, { certificate: certificatePem })
      return { status: 'issued', certificate: { certificatePem, chainPem: CHAIN }, trust: TRUST }
    },
    async abandon(id) {
      requireThere()
      orders.delete(id)
    },
  }
  const wishes: Partial<CertificateAuthority> = {
    orderAllowance: async () => counter.allowance(),
    ...(life.hasWindows && {
      async renewalInformation(_, certificatePem) {
        requireThere()
        return windowOf(certificatePem)
      },
    }),
  }
  return { authority: { ...authority, ...wishes } as CertificateAuthority, placed, sign }
}

function authorizationsOf(
  { request, isProven, isDead }: PlacedOrder,
  generation: number,
  now: Instant,
): readonly Authorization[] {
  const status = isDead ? 'invalid' : isProven ? 'valid' : 'pending'
  return request.identifiers.map((identifier) => ({
    identifier,
    status,
    expires: plus(now, 7 * DAY),
    challenges: [
      {
        type: 'http-01',
        token: digestOf(`${request.changeId} ${identifier} ${generation}`).slice(0, 20),
        keyAuthorization: `${identifier}.key`,
        status,
        error: isDead ? 'the value is another' : null,
      },
    ],
  }))
}
