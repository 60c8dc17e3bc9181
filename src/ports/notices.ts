import type { ToldNotice } from '../domain/notices/digest.ts'
import type { NewNotice } from '../domain/notices/notices-of-move.ts'
import type { AccountId, ChangeId, EnrollmentId } from '../domain/identifiers.ts'
import type { Instant } from '../domain/time.ts'

export interface NoticeRecord extends NewNotice {
  readonly accountId: AccountId
  /** Null: it concerns the installation, and contacts of no enrollment. */
  readonly enrollmentId: EnrollmentId | null
  readonly changeId: ChangeId | null
}

export interface DueNotice extends ToldNotice {
  readonly accountId: AccountId
}

/** One mail or webhook call. The receiver knows it by `id`, however often it comes. */
export interface Delivery {
  readonly id: string
  readonly accountId: AccountId
  readonly channel: 'mail' | 'webhook'
  /** A mail address, or the id of a webhook. */
  readonly target: string
  readonly content: unknown
  readonly attempts: number
}

export interface Webhook {
  readonly id: string
  readonly accountId: AccountId
  readonly url: string
  readonly sealedSecret: Uint8Array
}

/** The outbox of notices. */
export interface Notices {
  /** What stands there already, of the same enrollment, change, occasion and moment, is not doubled. */
  add(notices: readonly NoticeRecord[]): Promise<void>
  /** What has not been told of yet is not true any more. */
  drop(enrollmentId: EnrollmentId, occasions: readonly string[], at: Instant): Promise<void>
  /** The same for those that say just that. */
  dropTexts(enrollmentId: EnrollmentId, texts: readonly string[], at: Instant): Promise<void>
  /** Of all accounts, the oldest first; locked until the transaction ends, and none that another has locked. */
  take(at: Instant, limit: number): Promise<readonly DueNotice[]>
  formed(ids: readonly number[], at: Instant): Promise<void>
  form(deliveries: readonly Delivery[], realAt: Instant): Promise<void>
  /** Deliveries to be sent now, locked as above. */
  toSend(realAt: Instant, limit: number): Promise<readonly Delivery[]>
  sent(id: string, realAt: Instant): Promise<void>
  /** Null `againAt`: given up. */
  failed(id: string, error: string, againAt: Instant | null): Promise<void>
  /** Of the account, the newest first. */
  list(accountId: AccountId, limit: number): Promise<readonly ToldNotice[]>
  webhooks(accountId: AccountId): Promise<readonly Webhook[]>
  webhook(id: string): Promise<Webhook | null>
  addWebhook(webhook: Webhook, realAt: Instant): Promise<void>
  removeWebhook(accountId: AccountId, id: string): Promise<boolean>
}

export interface Mail {
  readonly id: string
  readonly to: string
  readonly subject: string
  readonly text: string
}

/** Resolves when the server has taken it; rejects with an error that names no password. */
export type SendMail = (mail: Mail) => Promise<void>

export interface WebhookCall {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Resolves with the status; rejects when nobody answered, or the target is not allowed. */
export type CallWebhook = (call: WebhookCall, signal: AbortSignal) => Promise<number>
