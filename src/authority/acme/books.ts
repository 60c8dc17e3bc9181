import type { ChangeId } from '../../domain/identifiers.ts'
import type { Instant } from '../../domain/time.ts'
import type { ProblemDocument } from './problem.ts'
import type { WantedAction } from './wanted-action.ts'

/** Which account: its name in the configuration, at this server. */
export interface AccountReference {
  readonly name: string
  readonly directoryUrl: string
}

export interface AccountRecord extends AccountReference {
  /** DER of the private key, sealed. */
  readonly sealedKey: Uint8Array
  /** The one that it is to get (RFC 8555 section 7.3.5); null: none was asked for. */
  readonly sealedNextKey: Uint8Array | null
  /** Null until the server has answered. */
  readonly accountUrl: string | null
}

/** What is known of a CA (real clock). */
export interface AuthorityState extends AccountReference {
  readonly accountUrl: string | null
  /** A change of its key was begun, and the CA has not taken the new one. */
  readonly isKeyChanging: boolean
  /** It asked to be left alone until then. */
  readonly limitedUntil: Instant | null
  /** It has not answered since. */
  readonly downSince: Instant | null
  readonly reason: string | null
  /** It wants a person to act before it does anything more; null: it does not. */
  readonly action: RequiredAction | null
}

export interface RequiredAction extends WantedAction {
  readonly since: Instant
  /** When it said so last. */
  readonly saidAt: Instant
  /** Its own words. */
  readonly words: string
}

export interface AuthorizationReference {
  readonly identifier: string
  readonly url: string
}

/** How far an order has come; each is committed before the request that follows from it goes out. */
export type OrderStep = 'placing' | 'placed' | 'finalizing' | 'issued' | 'abandoned'

export interface OrderRecord extends AccountReference {
  readonly changeId: ChangeId
  /** 1, 2, … within the change. */
  readonly generation: number
  readonly identifiers: readonly string[]
  readonly profile: string | null
  readonly preferredChain: string | null
  /** RFC 9773 section 5. */
  readonly replaces: string | null
  readonly step: OrderStep
  readonly orderUrl: string | null
  readonly finalizeUrl: string | null
  readonly authorizations: readonly AuthorizationReference[]
  readonly problem: ProblemDocument | null
  readonly createdAt: Instant
}

/** Everything is durable when it resolves and may be repeated after a crash. */
export interface AcmeBooks {
  account(reference: AccountReference): Promise<AccountRecord | null>
  /** The first key of an account stays: the one that stands is returned. */
  insertAccount(record: AccountRecord, at: Instant): Promise<AccountRecord>
  /** The first next key of an account stays until it is taken: the record as it is then. */
  keepNextKey(reference: AccountReference, sealedNextKey: Uint8Array): Promise<AccountRecord>
  /** Puts this next key into the place of the old one, which is gone then; nothing where it is not the next one (any more). */
  takeNextKey(reference: AccountReference, sealedNextKey: Uint8Array): Promise<void>
  /** How many open changes wait for names of an order of this account. */
  ordersInValidation(reference: AccountReference): Promise<number>
  saveAccountUrl(reference: AccountReference, accountUrl: string): Promise<void>
  saveState(
    reference: AccountReference,
    state: Pick<AuthorityState, 'limitedUntil' | 'downSince' | 'reason'>,
  ): Promise<void>
  /** Null: done, or no longer wanted. */
  saveAction(reference: AccountReference, action: RequiredAction | null): Promise<void>
  states(): Promise<readonly AuthorityState[]>
  /** The newest generation. */
  order(changeId: ChangeId): Promise<OrderRecord | null>
  /** (changeId, generation) is unique; writes all of it anew. */
  saveOrder(order: OrderRecord): Promise<void>
  /** Whether any change holds an order of this URL. */
  isHeld(orderUrl: string): Promise<boolean>
  /** Generations of this change since then. */
  ordersSince(changeId: ChangeId, since: Instant): Promise<number>
  noteFailure(reference: AccountReference, identifier: string, at: Instant): Promise<void>
  /** Moments of failures since then, oldest first. */
  failuresSince(reference: AccountReference, identifier: string, since: Instant): Promise<readonly Instant[]>
}
