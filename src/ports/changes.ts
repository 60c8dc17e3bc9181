import type { Change } from '../domain/change/change.ts'
import type { EnrollmentSettings } from '../domain/enrollment/enrollment.ts'
import type { AccountId, ChangeId, DeploymentId, EnrollmentId } from '../domain/identifiers.ts'
import type { Validity } from '../domain/renewal/renewal-start.ts'
import type { Instant } from '../domain/time.ts'
import type { CertificateRecord, KeyPairRecord } from './certificates.ts'
import type { HandshakeRecord } from './handshakes.ts'
import type { NoticeRecord } from './notices.ts'
import type { NameValidationRecord } from './validations.ts'
import type { DueChange, Lane } from './wake-ups.ts'

/** What is kept of a change's move besides where it led. */
export interface MoveNote {
  readonly event: string
  /** Lifecycle clock. */
  readonly at: Instant
  readonly realAt: Instant
  /** Workers are told that the change has something to do after this long; null: nobody needs to be told. */
  readonly wakeAfterMs: number | null
  /** Absent: somebody waits for it. */
  readonly lane?: Lane
}

/** Rows that a step leaves behind, written by the very statement that moves its change. What does not fit in here takes a transaction. */
export interface Kept {
  /** Of a change and algorithm the first one stays. */
  readonly keyPairs?: readonly KeyPairRecord[]
  /** Of a change and algorithm the first one stays. */
  readonly certificates?: readonly CertificateRecord[]
  /** Inserted, or saved where this generation of the name stands. */
  readonly validations?: readonly NameValidationRecord[]
  /** All generations of all names of the change, `validations` included, are answered by nobody any more. */
  readonly unpublishes?: boolean
  readonly handshakes?: readonly HandshakeRecord[]
  /** For the outbox. */
  readonly notices?: readonly NoticeRecord[]
  /** As `Deployments.activate` does it. */
  readonly activates?: { readonly id: DeploymentId; readonly at: Instant }
  /** The enrollment is what the change asked for. Nothing where it is removed. */
  readonly settles?: {
    readonly settings: EnrollmentSettings
    /** When what is live now will be renewed; null: as it was. */
    readonly renewal: {
      readonly at: Instant
      readonly live: Validity
      /** When the CA is asked when it would like it; null: there is none to ask. */
      readonly askAt: Instant | null
      /** When its names are looked at, for what of them can be lost; null: nobody looks. */
      readonly namesLookAt: Instant | null
    } | null
  }
}

/** What is shown of a change. */
export type ChangeOutline = Pick<
  Change,
  'id' | 'enrollmentId' | 'action' | 'status' | 'state' | 'error' | 'notBefore' | 'notAfter' | 'revision'
>

/**
 * Written by compare-and-swap on `revision`: false when somebody else wrote first, and then nothing was written. With the change go its history, its
 * wake-up, and the note to those who wait for it: one statement, since it is the most frequent one.
 */
export interface Changes {
  /** An enrollment has one open change: an error whose `constraint` is 'one_open_change' says that another began first, and nothing was written. */
  insert(change: Change, note: MoveNote): Promise<void>
  record(change: Change, note: MoveNote, kept?: Kept): Promise<boolean>
  find(accountId: AccountId, enrollmentId: EnrollmentId, id: ChangeId): Promise<Change | null>
  /** The most frequent read. */
  outline(accountId: AccountId, enrollmentId: EnrollmentId, id: ChangeId): Promise<ChangeOutline | null>
  load(id: ChangeId): Promise<Change | null>
  openOf(enrollmentIds: readonly EnrollmentId[]): Promise<readonly Change[]>
  /** Without history or note: for what nobody can see. */
  save(change: Change): Promise<boolean>
  isDue(id: ChangeId, at: Instant): Promise<boolean>
  /** Changes that have something to do at `at`, the earliest first; then those that have ended, or failed, before a removal that waits for them. */
  due(at: Instant, limit: number): Promise<readonly ChangeId[]>
  /** The same for workers: what people wait for before what the renewal engine began. */
  forWorkers(at: Instant, limit: number): Promise<readonly DueChange[]>
  /** Changes of that scope that a pause or a pin holds look again at `at`, or when their own schedule says; returns them. */
  release(
    scope: { readonly accountId: AccountId | null; readonly enrollmentId: EnrollmentId | null },
    at: Instant,
  ): Promise<readonly ChangeId[]>
  /** Changes of the account that wait for one of its windows, and for no person, look again at `at`, or when their own schedule says: it has others now. */
  releaseFromWindows(accountId: AccountId, at: Instant): Promise<readonly ChangeId[]>
  /** Open changes in `error` by this failure are due at `at`, if they were to be tried again at all. */
  hasten(code: string, at: Instant): Promise<readonly ChangeId[]>
  countsByStatus(): Promise<
    readonly { status: string; state: string; count: number; oldestEnteredAt: Instant }[]
  >
}
