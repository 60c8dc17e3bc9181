import type { AccountId, ChangeId, EnrollmentId } from '../domain/identifiers.ts'
import type { Instant } from '../domain/time.ts'
import type { ChallengeType } from './certificate-authority.ts'
import type { ValidationRecord } from './challenge-look.ts'

export interface StoredChallenge {
  readonly type: ChallengeType
  readonly token: string
  readonly keyAuthorization: string
  readonly status: 'pending' | 'valid' | 'invalid' | 'expired'
  readonly error: string | null
  readonly records: readonly ValidationRecord[]
}

export interface NameValidationRecord {
  readonly changeId: ChangeId
  readonly enrollmentId: EnrollmentId
  readonly accountId: AccountId
  readonly domain: string
  readonly generation: number
  readonly status: 'awaiting' | 'checking' | 'failed-look' | 'valid' | 'expired' | 'invalid'
  readonly error: string | null
  readonly challenges: readonly StoredChallenge[]
  /** Whether our own HTTP port and DNS responder answer with it. */
  readonly published: boolean
  readonly requestedAt: Instant
  readonly validatedAt: Instant | null
  readonly expiresAt: Instant | null
}

/** A change as it rested before it was called for another look. */
export interface DueLook {
  readonly changeId: ChangeId
  readonly revision: number
}

export interface Validations {
  /** Inserted, or saved where this generation of the name stands. */
  save(records: readonly NameValidationRecord[]): Promise<void>
  /** The newest generation of each name. */
  currentOf(changeId: ChangeId): Promise<readonly NameValidationRecord[]>
  setPublished(changeId: ChangeId, published: boolean): Promise<void>
  /** The account's changes that rest at domain validation with one of these names (without its wildcard) are due at `at`, for another look; which they are. */
  lookAgain(accountId: AccountId, baseNames: readonly string[], at: Instant): Promise<readonly DueLook[]>
}
