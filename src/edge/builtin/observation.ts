/** How a connection ended, counted once per connection. */
export type ConnectionOutcome =
  | 'served'
  | 'unknown-name'
  | 'missing-name'
  | 'invalid-hello'
  | 'hello-timeout'
  | 'closed-before-hello'
  | 'handshake-failed'
  | 'handshake-timeout'
  | 'key-unusable'
  /** The trust-chain set that the name asks for is not read yet. */
  | 'trust-unknown'

/** Counters that an edge feeds. Calls must not throw. */
export interface EdgeMetrics {
  connectionEnded(outcome: ConnectionOutcome): void
  contextBuilt(): void
  contextEvicted(): void
  /** After a handshake, for want of a client certificate that the trust-chain set takes. */
  clientRefused(): void
}

export const NO_METRICS: EdgeMetrics = {
  connectionEnded: () => {},
  contextBuilt: () => {},
  contextEvicted: () => {},
  clientRefused: () => {},
}

/** The part of a pino logger that an edge uses. */
export interface EdgeLog {
  debug(facts: object, message: string): void
  warn(facts: object, message: string): void
}
