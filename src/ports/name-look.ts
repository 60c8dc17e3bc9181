import type { CaaQuestion, CaaVerdict } from '../domain/validation/caa.ts'

/** What the CAA records say (RFC 8659); looked up through the resolver, from the name upwards until there is a set. */
export type CaaFact =
  /** No records anywhere: every CA may issue. */
  | { readonly outcome: 'none' }
  /** `at`: the name that has the records. `records` as zone file text, for people. */
  | {
      readonly outcome: 'judged'
      readonly at: string
      readonly verdict: CaaVerdict
      readonly records: readonly string[]
    }
  /** No answer that could be trusted, which a CA has to take for a refusal (RFC 8659 section 3; BR section 3.2.2.8). `reason`: SERVFAIL, timeout. */
  | { readonly outcome: 'unanswered'; readonly at: string; readonly reason: string }

/** What DNS says of one requested name before a CA is asked. For a wildcard, of its base. */
export interface NameFacts {
  /** As requested, `*.` kept. */
  readonly name: string
  /** `unknown`: NXDOMAIN. `no-address`: it exists and has no A or AAAA. `failed`: no usable answer (SERVFAIL, broken DNSSEC, REFUSED). */
  readonly host: 'found' | 'no-address' | 'unknown' | 'timeout' | 'failed'
  /** Of `failed`, as the resolver says it. */
  readonly failure: string | null
  /** IPv6 first. */
  readonly addresses: readonly string[]
  /** Where the name is an alias to (its CNAME's end); null: no alias, or no answer. */
  readonly alias: string | null
  /** Where `_acme-challenge.NAME` is an alias to; null: none. */
  readonly challengeAlias: string | null
  /** False: nobody said whether there is one. */
  readonly isChallengeAnswered: boolean
  readonly caa: CaaFact
}

export interface NameQuestion {
  readonly names: readonly string[]
  /** `isWildcard` follows from each name. */
  readonly caa: Omit<CaaQuestion, 'isWildcard'>
}

/** Read-only looks at DNS through the validating resolver. Never throws for what it sees; bounded in time. In the order of `names`. */
export interface NameLook {
  factsOf(question: NameQuestion, signal: AbortSignal): Promise<readonly NameFacts[]>
}
