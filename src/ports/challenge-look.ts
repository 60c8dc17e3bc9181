import type { ChallengeType } from './certificate-authority.ts'

/** CPS API: DvChallenges, `validationRecords`. */
export interface ValidationRecord {
  readonly hostname: string
  /** A string on the wire. */
  readonly port: string
  readonly url: string
  readonly authorities: readonly string[]
  readonly resolvedIp: readonly string[]
  readonly triedIp: string
  /** Empty when nothing answered there. */
  readonly usedIp: string
}

export interface LookTarget {
  readonly type: ChallengeType
  /** Canonical DNS name; for dns-01 a leading `*.` is ignored. */
  readonly identifier: string
  readonly token: string
  readonly keyAuthorization: string
}

export interface LookResult {
  readonly found: boolean
  /** Why not, in words that name host, address and what was there instead; null when found. */
  readonly error: string | null
  readonly records: readonly ValidationRecord[]
  /** Nothing answered that could be judged (no route, no answer, no working DNS): a CA, from elsewhere, may see more. */
  readonly isUnclear?: boolean
  /** Which of our own edges answered among others; absent or empty: what was found was placed by the user. */
  readonly edges?: readonly string[]
}

/** Looks where a CA would look: a real HTTP request, a real DNS query. Never throws for what it sees; resolves within its time limit. */
export interface ChallengeLook {
  look(target: LookTarget, signal: AbortSignal): Promise<LookResult>
}
