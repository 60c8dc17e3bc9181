import type { AccountId, EnrollmentId } from '../domain/identifiers.ts'
import type { Instant } from '../domain/time.ts'

export interface ReportedKey {
  readonly accountId: AccountId
  /** SHA-256 of the SubjectPublicKeyInfo, lower-case hex. */
  readonly fingerprint: string
  /** Reported by those who run the installation: it holds for every account. */
  readonly everywhere: boolean
  readonly note: string | null
  readonly reportedBy: string
  readonly reportedAt: Instant
}

/** Keys that nobody is to use any more, because somebody else may have them. */
export interface ReportedKeys {
  /** Which of these keys the account may not use: by its own reports, and by those that hold everywhere. */
  among(accountId: AccountId, fingerprints: readonly string[]): Promise<ReadonlySet<string>>
  /** The account's own reports, the newest first. */
  ofAccount(accountId: AccountId, limit: number): Promise<readonly ReportedKey[]>
  /** An account's first report of a key stays; returns the one that stands. */
  add(report: ReportedKey): Promise<ReportedKey>
  /** False: the account has reported no such key. */
  remove(accountId: AccountId, fingerprint: string): Promise<boolean>
  /** Enrollments of the account that serve a certificate with this key, or have an open change with it. */
  usersOf(accountId: AccountId, fingerprint: string): Promise<readonly EnrollmentId[]>
}
