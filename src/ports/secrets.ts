import type { AccountId } from '../domain/identifiers.ts'

/**
 * What a sealed secret belongs to. It is authenticated, not stored: opening with another context fails,
 * so that a row copied to another account or object is useless.
 */
export interface SecretContext {
  readonly account: AccountId | 'system'
  /** For example `key-pair:0198…`, `api-client:…`, `authority:sandbox-root`. */
  readonly object: string
  readonly version: number
}

/** AES-256-GCM under a data key that a key-encryption key wraps. `open` throws `Problem('secret-unreadable')`. */
export interface Secrets {
  seal(plain: Uint8Array, context: SecretContext): Uint8Array
  open(sealed: Uint8Array, context: SecretContext): Uint8Array
}
