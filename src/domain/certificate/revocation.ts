/** RFC 5280 section 5.3.1, as far as a subscriber may give them (BR section 4.9.1.1, RFC 8555 section 7.6). */
export const REVOCATION_REASONS = {
  unspecified: { code: 0, meaning: 'no reason is given' },
  keyCompromise: { code: 1, meaning: 'somebody else has, or may have, the private key' },
  affiliationChanged: { code: 3, meaning: 'the organisation in the certificate has changed' },
  superseded: { code: 4, meaning: 'another certificate has taken its place' },
  cessationOfOperation: { code: 5, meaning: 'the names are no longer used' },
} as const satisfies Record<string, { readonly code: number; readonly meaning: string }>

export type RevocationReason = keyof typeof REVOCATION_REASONS
