import type { Comparison } from '../comparison/comparison.ts'
import type { KeyAlgorithm } from '../certificate/certificate.ts'
import type { NetworkConfiguration } from '../enrollment/enrollment.ts'
import type { Finding } from './change.ts'

/** What staging serves for a change, and production would. */
export interface ChangeContentFacts {
  readonly certificates: readonly {
    readonly keyAlgorithm: KeyAlgorithm
    readonly certificatePem: string
    readonly chainPem: string
  }[]
  readonly servedNames: readonly string[]
  readonly networkSettings: NetworkConfiguration
  readonly findings: readonly Finding[]
  /** Undefined: staged before there were comparisons. */
  readonly comparison: Comparison | undefined
}

/**
 * The document that an acknowledgement is of (design: what an acknowledgement is of). Everything that clients would see differently, and nothing
 * else: no ids, no moments, so that the same content has the same hash wherever and whenever it is frozen.
 */
export function contentDocument(facts: ChangeContentFacts) {
  const certificates = [...facts.certificates].sort((one, other) =>
    compare(one.keyAlgorithm, other.keyAlgorithm),
  )
  return {
    certificates: certificates.map(({ keyAlgorithm, certificatePem }) => ({
      keyAlgorithm,
      certificate: certificatePem,
    })),
    chains: certificates.map(({ keyAlgorithm, chainPem }) => ({ keyAlgorithm, trustChain: chainPem })),
    networkSettings: facts.networkSettings,
    comparison: facts.comparison,
    servedNames: [...facts.servedNames].sort(compare),
    validationResult: {
      errors: [],
      warnings: facts.findings.map(({ id, text }) => ({ id, text })),
    },
  }
}

export type ContentDocument = ReturnType<typeof contentDocument>

/** `validationResultHash`: as many hex digits as the SHA-1 that CPS shows. */
const HASH_DIGITS = 40

/** `sha256`: of the UTF-8 of a text, in lower-case hex. */
export const contentHash = (document: string, sha256: (text: string) => string): string =>
  sha256(document).slice(0, HASH_DIGITS)

/** JSON in one form only: members sorted by their names' UTF-16 code units, no white space (RFC 8785). Undefined members are absent. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null)
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([one], [other]) => compare(one, other))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`).join(',')}}`
}

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)
