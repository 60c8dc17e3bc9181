/** One key of the local authority, as it is kept. */
export interface AuthorityRecord {
  /** Empty for an account's key, which has no certificate. */
  readonly certificatePem: string
  /** DER (SEC1), sealed under object `authority:NAME`, version 1. */
  readonly sealedKey: Uint8Array
}

/** Keys and certificates of the local authorities, and the keys of their accounts, by name. Records are never changed. */
export interface AuthorityRecords {
  load(name: string): Promise<AuthorityRecord | null>
  /** Durable when it resolves. Of several that come at once one wins; each caller gets the one that stands. */
  insertIfAbsent(name: string, record: AuthorityRecord): Promise<AuthorityRecord>
}
