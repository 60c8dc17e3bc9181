/**
 * What our own HTTP port and DNS responder answer from. Reads only, and only what is published at this moment.
 * Names are canonical (lower case, A-labels).
 */
export interface PublishedNames {
  /**
   * The key authorization to answer for `/.well-known/acme-challenge/TOKEN` on this host; null: 404. `host` null: whatever name it is for, since a
   * standing redirect brings nothing but the token.
   */
  httpChallenge(host: string | null, token: string): Promise<string | null>
  /** TXT values at this owner name, for example `_acme-challenge.www.example.com`; empty: no such record. */
  textRecords(ownerName: string): Promise<readonly string[]>
  /** Whether an enrolled name lies below this one. */
  isAboveEnrolled(name: string): Promise<boolean>
  /** Which of these names an enrollment asks for (exactly, or by its wildcard), so that A and AAAA point at our edges. */
  enrolledAmong(names: readonly string[]): Promise<ReadonlySet<string>>
}

/** What the built-in edge answers tls-alpn-01 with. */
export interface PublishedTlsChallenges {
  /** The key authorization of the newest published challenge for this very name; null: nobody asks for one. */
  tlsChallenge(name: string): Promise<string | null>
}
