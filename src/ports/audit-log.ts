import type { AuditContent, AuditEntry } from '../domain/audit/audit-entry.ts'
import type { AccountId } from '../domain/identifiers.ts'

/** What is to be written. Of `before` and `after` (the object as its readers see it; null: there is none) only digests are kept. */
export interface AuditDraft extends Omit<AuditContent, 'digestBefore' | 'digestAfter'> {
  readonly before: object | null
  readonly after: object | null
  /** Texts of which only the SHA-256 goes into the detail, as `<name>Sha256`. */
  readonly digested: Readonly<Record<string, string>>
}

/** Append-only, a hash chain per account. */
export interface AuditLog {
  /**
   * In the transaction of what it tells of, as its last statement: until that ends, nobody else can append to the log of this account. So entries
   * of one account stand in the order of their commits, and the chain never forks.
   */
  append(draft: AuditDraft): Promise<AuditEntry>
  /** Oldest first. */
  after(accountId: AccountId, id: number, limit: number): Promise<readonly AuditEntry[]>
}
