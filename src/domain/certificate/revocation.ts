/**
 * RFC 5280 section 5.3.1: the reasons that a subscriber may give for a TLS certificate (BR section 7.2.2), and their codes. `unspecified` is never written
 * into a revocation list: absence says the same.
 */
export const REVOCATION_REASONS = {
  unspecified: { code: 0, meaning: 'no reason is given' },
  'key-compromise': { code: 1, meaning: 'somebody else has, or may have, the private key' },
  'affiliation-changed': { code: 3, meaning: 'the organisation in the certificate has changed' },
  superseded: { code: 4, meaning: 'another certificate has taken its place' },
  'cessation-of-operation': { code: 5, meaning: 'the names are no longer used' },
  'privilege-withdrawn': { code: 9, meaning: 'what the certificate says was never, or is no longer, true' },
} as const satisfies Record<string, { readonly code: number; readonly meaning: string }>

export type RevocationReason = keyof typeof REVOCATION_REASONS

export const REVOCATION_REASON_NAMES = Object.keys(REVOCATION_REASONS) as [
  RevocationReason,
  ...RevocationReason[],
]
