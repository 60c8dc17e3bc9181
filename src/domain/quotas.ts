/** How much one account may have. Null: as much as it likes. */
export interface Quotas {
  readonly enrollments: number | null
  /** Under way when a call asks for another one. */
  readonly openChanges: number | null
  /** For one change. */
  readonly uploads: number | null
  readonly zones: number | null
  /** In one zone, its SOA and NS among them. */
  readonly recordSets: number | null
  readonly trustChainSets: number | null
  /** Of one trust-chain set. */
  readonly trustChainRevisions: number | null
  /** Least time between two enrollments of one contract, real clock; 0: none. */
  readonly enrollmentIntervalMs: number
}
