import type { AccountId, ChangeId, EnrollmentId } from '../domain/identifiers.ts'
import type { Instant } from '../domain/time.ts'
import type { ValidationType } from '../domain/enrollment/enrollment.ts'
import type { RevocationReason } from '../domain/certificate/revocation.ts'
import type { OrderLimit } from '../domain/renewal/order-limit.ts'
import type { OrderAccount } from './order-budgets.ts'
import type { GeneratedKey, SigningRequestSubject } from './key-material.ts'

/** RFC 8555 sections 8.3 and 8.4, RFC 8737. */
export type ChallengeType = 'http-01' | 'dns-01' | 'tls-alpn-01'

/** RFC 8555 section 7.1.5: a token belongs to its challenge, not to the name. */
export interface AuthorityChallenge {
  readonly type: ChallengeType
  readonly token: string
  /** `token.thumbprint` (RFC 8555 section 8.1). */
  readonly keyAuthorization: string
  readonly status: 'pending' | 'processing' | 'valid' | 'invalid'
  readonly error: string | null
}

/** RFC 8555 section 7.1.4. */
export interface Authorization {
  /** Canonical DNS name; a wildcard keeps its `*.`. */
  readonly identifier: string
  readonly status: 'pending' | 'valid' | 'invalid' | 'expired' | 'deactivated' | 'revoked'
  readonly expires: Instant
  readonly challenges: readonly AuthorityChallenge[]
}

/** RFC 8555 section 7.1.3. */
export interface Order {
  readonly id: string
  readonly status: 'pending' | 'ready' | 'processing' | 'valid' | 'invalid'
  readonly authorizations: readonly Authorization[]
  readonly error: string | null
}

export interface OrderRequest {
  readonly changeId: ChangeId
  readonly accountId: AccountId
  readonly enrollmentId: EnrollmentId
  readonly validationType: Exclude<ValidationType, 'third-party'>
  /** Canonical, CN first. */
  readonly identifiers: readonly string[]
  /** What an OV or EV certificate may say besides its names. */
  readonly subject: SigningRequestSubject
  /** CPS API: `orgId`; null: none is named. */
  readonly orgId: number | null
  /** Part of the name of an issuer in the chain that is wished for; null: the CA's own choice. */
  readonly preferredTrustChain: string | null
  /** PEM of the certificate that the new one replaces (RFC 9773 section 5); null: none. */
  readonly replaces: string | null
  /** The first order of this change was counted against the account's allowance when the change was begun. */
  readonly isCounted: boolean
}

/** How many new orders the account that an order goes to may place. */
export interface OrderAllowance {
  readonly account: OrderAccount
  readonly limit: OrderLimit
  /** The CA asked to be left alone until then; null: it did not. */
  readonly limitedUntil: Instant | null
}

export interface CaaIdentity {
  /** For example `letsencrypt.org` (RFC 8555 section 9.7.6, `caaIdentities`). */
  readonly issuers: readonly string[]
  /** URL of the account; null: not known. */
  readonly accountUri: string | null
}

export interface IssuedCertificate {
  readonly certificatePem: string
  /** Intermediates, leaf's issuer first, without the root. */
  readonly chainPem: string
}

/** What the certificates of one CA are held to. */
export interface IssuerTrust {
  /** DER. What a chain has to lead to; `any`: its links are judged and not where they end. */
  readonly roots: readonly Uint8Array[] | 'any'
  /** Whether they are held to the limits of public ones. */
  readonly isPublic: boolean
}

export type Finalization =
  | { readonly status: 'issued'; readonly certificate: IssuedCertificate; readonly trust: IssuerTrust }
  /** Look again no sooner than `after`; null: the CA does not say when. */
  | { readonly status: 'processing'; readonly after: Instant | null }
  | { readonly status: 'refused'; readonly reason: string }
  /** The order can no longer be finalized, but another one may: a name has to be proven again, or the CA has forgotten it. */
  | { readonly status: 'lost'; readonly reason: string }

/** RFC 5280 section 5.3.1, RFC 8555 section 7.6. */
export interface Revocation {
  /** The change that brought the certificate. */
  readonly changeId: ChangeId
  readonly certificatePem: string
  readonly reason: RevocationReason
  /** Given: the request is signed by the certificate's own key, for when the account is of no use any more. */
  readonly certificateKey: Pick<GeneratedKey, 'algorithm' | 'privateKey'> | null
}

/** What is known of a CA by one of our accounts there (real clock). */
export interface AuthorityStanding {
  /** The account's name in the configuration. */
  readonly name: string
  readonly directoryUrl: string
  readonly validationTypes: readonly OrderRequest['validationType'][]
  readonly orgId: number | null
  /** Null: no order has needed it yet. */
  readonly accountUrl: string | null
  /** A change of its key was begun, and the CA has not taken the new one: the same call goes on with it. */
  readonly isKeyChanging: boolean
  /** `limited`: it asked to be left alone until `limitedUntil`. `down`: it has not answered since `downSince`. `action-required`: see `action`. */
  readonly state: 'healthy' | 'limited' | 'down' | 'action-required'
  readonly limitedUntil: Instant | null
  readonly downSince: Instant | null
  readonly reason: string | null
  /** RFC 8555 section 7.3.3: what a person has to do there before it does anything more for the account. */
  readonly action: AuthorityAction | null
}

/** Both URLs are the CA's word, for people to open; null: it named none. */
export interface AuthorityAction {
  readonly since: Instant
  readonly instructionsUrl: string | null
  readonly termsUrl: string | null
}

/** RFC 9773 section 4.2: when the CA would like a certificate to be replaced. */
export interface RenewalInformation {
  readonly start: Instant
  readonly end: Instant
  readonly explanationUrl: string | null
  /** Not sooner; null: the server does not say. */
  readonly askAgainAt: Instant | null
}

/**
 * A CA as RFC 8555 sees it; our ACME client and the sandbox CA both implement it. Every call is idempotent by the change id:
 * after a crash the same call finds what the first one made, and never a second order while the first can still be found.
 * An unreachable CA throws `Problem('authority-unavailable')` with `retryAfterSeconds` where known; one that wants a person to act before it does anything more
 * `Problem('authority-action-required')`.
 */
export interface CertificateAuthority {
  order(request: OrderRequest): Promise<Order>
  /** The CA is asked to look at this challenge now; resolves when its verdict is known. A failed look makes that authorization invalid for good. */
  respond(
    changeId: ChangeId,
    identifier: string,
    type: ChallengeType,
    signal: AbortSignal,
  ): Promise<Authorization>
  /** After every authorization is valid. */
  finalize(changeId: ChangeId, signingRequestPem: string): Promise<Finalization>
  /** How CAA records know this CA and our account there (RFC 8659, RFC 8657); absent or null: it heeds none. Without a change: of no account in particular. */
  caaIdentity?(changeId: ChangeId | null): Promise<CaaIdentity | null>
  /** Absent or null: as many as anybody likes. */
  orderAllowance?(request: Pick<OrderRequest, 'validationType' | 'orgId'>): Promise<OrderAllowance | null>
  /** When it would like the certificate of this change to be replaced. Null: it does not say. Absent: it never does. */
  renewalInformation?(changeId: ChangeId, certificatePem: string): Promise<RenewalInformation | null>
  /** The order is given up; unknown orders are no error. */
  abandon(changeId: ChangeId): Promise<void>
  /** A certificate that is revoked already is no error. `Problem('authority-refused')` when the CA will not. */
  revoke(revocation: Revocation): Promise<void>
  /** Absent: there is nothing outside that could fail. */
  standings?(): Promise<readonly AuthorityStanding[]>
  /** A person has done what the CA wanted of the account of this name: it is asked again at once. Null: there is none of this name. Idempotent. */
  agreed?(name: string): Promise<AuthorityStanding | null>
  /**
   * RFC 8555 section 7.3.5: gives the account of this name another key and destroys the old one; null: there is none of this name. After a crash or a
   * failure in between the account is good, by whichever key, and the same call goes on. `Problem('orders-open')` while names of its orders are being
   * validated, unless forced.
   */
  rollOverKey?(name: string, options: { readonly force: boolean }): Promise<AuthorityStanding | null>
}
