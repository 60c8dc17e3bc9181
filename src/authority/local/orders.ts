import type { AccountId, ChangeId, EnrollmentId } from '../../domain/identifiers.ts'
import type { Instant } from '../../domain/time.ts'
import type { CertificateSubjectName } from '../../pki/distinguished-name.ts'
import type {
  Authorization,
  IssuedCertificate,
  Order,
  OrderRequest,
} from '../../ports/certificate-authority.ts'

/** An order as the sandbox CA keeps it. Its status is not kept: `orderStatus` derives it. */
export interface LocalOrder {
  readonly id: string
  readonly changeId: ChangeId
  /** 1, 2, … within the change: an order that was given up may be followed by another. */
  readonly generation: number
  readonly accountId: AccountId
  readonly enrollmentId: EnrollmentId
  readonly validationType: OrderRequest['validationType']
  readonly identifiers: readonly string[]
  readonly subject: CertificateSubjectName
  readonly createdAt: Instant
  /** One per identifier, in their order. `expired` is never kept: it follows from `expires`. */
  readonly authorizations: readonly Authorization[]
  readonly abandoned: boolean
  readonly certificate: IssuedCertificate | null
}

/** Everything is durable when it resolves, and may be called again after a crash with the same outcome. */
export interface LocalOrders {
  /** The newest generation, abandoned or not. */
  find(changeId: ChangeId): Promise<LocalOrder | null>
  /** (changeId, generation) is unique: the one that stands is returned, ours or the one that came first. */
  insert(order: LocalOrder): Promise<LocalOrder>
  /** Replaces the authorization of this identifier while it is `pending`, and only then; returns the one that stands. Null: no such order or identifier. */
  saveAuthorization(orderId: string, authorization: Authorization): Promise<Authorization | null>
  /** The first certificate of an order stays; returns the one that stands. Null: no such order. */
  saveCertificate(orderId: string, certificate: IssuedCertificate): Promise<IssuedCertificate | null>
  /** Marks the newest order of the change as given up; unknown is no error. */
  abandon(changeId: ChangeId): Promise<void>
  /**
   * Authorizations of this account that are `valid`, belong to `dv` orders (only those prove control of a name) and expire after `at`; for each of
   * `identifiers` at most one, the one that lives longest.
   */
  validAuthorizations(
    accountId: AccountId,
    identifiers: readonly string[],
    at: Instant,
  ): Promise<readonly Authorization[]>
}

/** RFC 8555 section 7.1.6: what is pending or valid ends by age. */
export const authorizationAt = (authorization: Authorization, at: Instant): Authorization =>
  (authorization.status === 'pending' || authorization.status === 'valid') && authorization.expires <= at
    ? { ...authorization, status: 'expired' }
    : authorization

/** RFC 8555 section 7.1.6, from the facts. A certificate outlives the authorizations that led to it. */
export function orderStatus(order: LocalOrder, at: Instant): Order['status'] {
  if (order.certificate !== null) return 'valid'
  if (order.abandoned) return 'invalid'
  const statuses = order.authorizations.map((authorization) => authorizationAt(authorization, at).status)
  if (statuses.every((status) => status === 'valid')) return 'ready'
  return statuses.every((status) => status === 'valid' || status === 'pending') ? 'pending' : 'invalid'
}

/** As the port shows it. */
export function orderView(order: LocalOrder, at: Instant): Order {
  const status = orderStatus(order, at)
  const authorizations = order.authorizations.map((authorization) => authorizationAt(authorization, at))
  return {
    id: order.id,
    status,
    authorizations,
    error: status === 'invalid' ? whyInvalid(order, authorizations) : null,
  }
}

function whyInvalid(order: LocalOrder, authorizations: readonly Authorization[]): string {
  if (order.abandoned) return 'The order was given up.'
  const lost = authorizations.filter(({ status }) => status !== 'valid' && status !== 'pending')
  return `No longer open: ${lost.map(({ identifier, status }) => `${identifier} (${status})`).join(', ')}.`
}
