import type { EnrollmentSettings, NetworkConfiguration } from '../../enrollment/enrollment.ts'

/** One of the names asked for that another enrollment of the account asks for too, exactly or through a wildcard. */
export interface OverlappingName {
  /** As asked for, canonical. */
  readonly name: string
  /** Of the other enrollment. A name that several hold has one entry for each network. */
  readonly secureNetwork: NetworkConfiguration['secureNetwork']
}

/** CAA records of a name, as they stand to the authority that is to sign (RFC 8659; RFC 8657). */
export type CaaStanding =
  | { readonly outcome: 'allows' }
  /** Empty `issuers`: nobody may issue. `configured`: the issuer names of our authority. */
  | {
      readonly outcome: 'forbids'
      readonly issuers: readonly string[]
      readonly configured: readonly string[]
    }
  /** The records could not be had: no CA issues then. */
  | { readonly outcome: 'failed' }
  /** There are records that nobody can read. */
  | { readonly outcome: 'unreadable' }

/** What DNS says of a name at this moment. Null: it was not looked at, so there is nothing to say. */
export interface NameStanding {
  /** Canonical; a wildcard keeps its `*.` and stands for the name below it. */
  readonly name: string
  readonly host: 'known' | 'unknown' | 'timeout' | 'failed' | null
  readonly caa: CaaStanding | null
  /** Whether an alias leads its validation to us, so that a renewal needs nobody. */
  readonly delegated: boolean | null
}

/** What the rules of pre-verification look at. */
export interface RequestFacts {
  /** What the change asks for. */
  readonly settings: EnrollmentSettings
  /** What is behind that which is live; null: nothing is yet. */
  readonly settled: EnrollmentSettings | null
  /** Canonical: what this enrollment answers to on the networks now. */
  readonly liveNames: readonly string[]
  readonly overlaps: readonly OverlappingName[]
  /** Empty where there is nobody to ask. */
  readonly standings: readonly NameStanding[]
}
