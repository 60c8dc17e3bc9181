/** The only source of randomness outside of key generation. Cryptographically strong in production, seeded in tests. */
export interface Random {
  bytes(length: number): Uint8Array
  uuid(): string
  /** A whole number n with 0 <= n < limit. */
  below(limit: number): number
}
