import { X509Certificate } from 'node:crypto'
import { authorizationReuseMs } from '../../domain/certificate/validity.ts'
import type { ChangeId } from '../../domain/identifiers.ts'
import type { IssuingProfile } from '../../domain/policy/rules.ts'
import type { OrderLimit } from '../../domain/renewal/order-limit.ts'
import { type Instant, plus } from '../../domain/time.ts'
import { Problem } from '../../errors/problem.ts'
import { readSigningRequest } from '../../pki/signing-request-reader.ts'
import type {
  Authorization,
  AuthorityChallenge,
  CertificateAuthority,
  Finalization,
  IssuedCertificate,
  OrderRequest,
} from '../../ports/certificate-authority.ts'
import type { ChallengeLook, LookResult } from '../../ports/challenge-look.ts'
import type { Clock } from '../../ports/clock.ts'
import type { OrderAccount, SpendOrder } from '../../ports/order-budgets.ts'
import type { Random } from '../../ports/random.ts'
import type { Secrets } from '../../ports/secrets.ts'
import { createThumbprints } from './account-key.ts'
import type { SandboxHierarchy } from './hierarchy.ts'
import { issueLeaf } from './leaf.ts'
import { newOrder } from './new-order.ts'
import { type LocalOrder, type LocalOrders, authorizationAt, orderStatus, orderView } from './orders.ts'
import type { AuthorityRecords } from './records.ts'
import type { LocalRevocations } from './revocations.ts'
import { signingRequestRefusal } from './signing-request-check.ts'

export interface SandboxAuthorityDeps {
  readonly orders: LocalOrders
  readonly revocations: LocalRevocations
  /** For the keys of accounts. */
  readonly records: AuthorityRecords
  readonly secrets: Secrets
  readonly look: ChallengeLook
  /** The lifecycle clock. */
  readonly clock: Clock
  readonly random: Random
  readonly hierarchy: SandboxHierarchy
  /** For example `http://localhost:8080/ca`; null when nobody can know it beforehand (port 0). */
  readonly authorityUrl: string | null
  /** By which DV certificates are issued. */
  readonly profile: IssuingProfile
  /** Null: as many orders as anybody likes. */
  readonly orderLimit: OrderLimit | null
  readonly spendOrder: SpendOrder
}

const ACCOUNT: OrderAccount = { name: 'sandbox', directoryUrl: 'local' }

/**
 * Stands for Let's Encrypt and DigiCert in the sandbox, with their manners: it really looks, and what it saw once is its verdict.
 * A change has one order. Once that has become invalid it is still returned, as evidence; `abandon` and then `order` begin the next one, in which
 * names that were proven need no new proof.
 */
export function createSandboxAuthority(given: SandboxAuthorityDeps): CertificateAuthority {
  const deps = { ...given, thumbprintOf: createThumbprints(given) }
  return {
    async order(request) {
      const at = deps.clock.now()
      const found = await deps.orders.find(request.changeId)
      if (found !== null && !found.abandoned) return orderView(found, at)
      return orderView(await placeOrder(request, (found?.generation ?? 0) + 1, at, deps), at)
    },
    async respond(changeId, identifier, type, signal) {
      const order = await orderOf(changeId, deps)
      const authorization = order.authorizations.find((one) => one.identifier === identifier)
      if (authorization === undefined) throw refused(`The order has no authorization for ${identifier}.`)
      const current = authorizationAt(authorization, deps.clock.now())
      if (current.status !== 'pending') return current
      return (await lookAndJudge(order, current, type, signal, deps)) ?? current
    },
    async finalize(changeId, signingRequestPem) {
      const order = await orderOf(changeId, deps)
      if (order.certificate !== null) return issued(order.certificate, deps)
      return finalizeOrder(order, signingRequestPem, deps)
    },
    async orderAllowance() {
      const { orderLimit: limit } = deps
      return limit === null ? null : { account: ACCOUNT, limit, limitedUntil: null }
    },
    abandon: (changeId) => deps.orders.abandon(changeId),
    async revoke({ certificatePem, reason }) {
      const serialNumber = new X509Certificate(certificatePem).serialNumber.toLowerCase()
      await deps.revocations.add({ serialNumber, at: deps.clock.now(), reason })
    },
  }
}

type PlacingDeps = SandboxAuthorityDeps & { readonly thumbprintOf: ReturnType<typeof createThumbprints> }

async function placeOrder(
  request: OrderRequest,
  generation: number,
  at: Instant,
  { orders, profile, random, thumbprintOf, orderLimit, spendOrder }: PlacingDeps,
): Promise<LocalOrder> {
  if (orderLimit !== null && !(request.isCounted && generation === 1)) await spendOrder(ACCOUNT, orderLimit)
  const { accountId, identifiers, validationType } = request
  const byLook = validationType === 'dv'
  const reusable = byLook
    ? await orders.validAuthorizations(accountId, identifiers, goodUntil(at, profile))
    : []
  const thumbprint = byLook ? await thumbprintOf(accountId) : ''
  return orders.insert(newOrder(request, { generation, at, reusable, thumbprint, random }))
}

/** A proof about to end would take the order down with it while another name still waits for a person: it must have a quarter of its life left. */
const goodUntil = (at: Instant, profile: IssuingProfile): Instant =>
  plus(at, authorizationReuseMs(at, profile) / 4)

async function orderOf(changeId: ChangeId, { orders }: SandboxAuthorityDeps): Promise<LocalOrder> {
  const order = await orders.find(changeId)
  if (order === null) throw refused('There is no order for this change.')
  return order
}

/** An aborted look is no verdict: nothing is kept and the caller's reason is thrown. */
async function lookAndJudge(
  order: LocalOrder,
  authorization: Authorization,
  type: AuthorityChallenge['type'],
  signal: AbortSignal,
  { orders, look, clock, profile }: SandboxAuthorityDeps,
): Promise<Authorization | null> {
  const { identifier, challenges } = authorization
  const challenge = challenges.find((one) => one.type === type)
  if (challenge === undefined) throw refused(`${identifier} has no challenge of type ${type}.`)
  const { token, keyAuthorization } = challenge
  const seen = await look.look({ type, identifier, token, keyAuthorization }, signal)
  signal.throwIfAborted()
  const at = clock.now()
  const reusableUntil = plus(at, authorizationReuseMs(at, profile))
  return orders.saveAuthorization(order.id, judged(authorization, challenge, seen, reusableUntil))
}

/** RFC 8555 section 7.1.6: one failed challenge ends the authorization, one good one makes it valid. */
function judged(
  authorization: Authorization,
  challenge: AuthorityChallenge,
  { found, error }: LookResult,
  reusableUntil: Instant,
): Authorization {
  const status = found ? 'valid' : 'invalid'
  return {
    ...authorization,
    status,
    expires: found ? reusableUntil : authorization.expires,
    challenges: authorization.challenges.map((one) => (one === challenge ? { ...one, status, error } : one)),
  }
}

/** Steps: (1) check, nothing kept; (2) sign, nothing kept; (3) keep. After a crash before 3 the call begins anew; of two certificates the first one kept is the order's. */
async function finalizeOrder(
  order: LocalOrder,
  signingRequestPem: string,
  deps: SandboxAuthorityDeps,
): Promise<Finalization> {
  const at = deps.clock.now()
  const status = orderStatus(order, at)
  if (status !== 'ready') return refusal(orderView(order, at).error ?? `The order is ${status}, not ready.`)
  try {
    const request = await readSigningRequest(signingRequestPem)
    const reason = signingRequestRefusal(request, order.identifiers)
    if (reason !== null) return refusal(reason)
    const certificate = await deps.orders.saveCertificate(order.id, issueLeaf(order, request, at, deps))
    return certificate === null ? refusal('The order is gone.') : issued(certificate, deps)
  } catch (error) {
    if (error instanceof Problem && error.code === 'malformed-signing-request') return refusal(error.message)
    throw error
  }
}

/** It stands for public CAs, and keeps their limits. */
const issued = (
  certificate: IssuedCertificate,
  { hierarchy }: Pick<SandboxAuthorityDeps, 'hierarchy'>,
): Finalization => ({
  status: 'issued',
  certificate,
  trust: { roots: [hierarchy.root.certificateDer], isPublic: true },
})

const refusal = (reason: string): Finalization => ({ status: 'refused', reason })

const refused = (detail: string): Problem => new Problem('authority-refused', { detail })
