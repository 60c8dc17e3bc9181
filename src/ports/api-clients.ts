import type { AccountId } from '../domain/identifiers.ts'
import type { Instant } from '../domain/time.ts'

/** All moments here are of the real clock. */
export interface ApiClientRecord {
  readonly id: string
  readonly accountId: AccountId
  readonly name: string
  readonly role: 'admin' | 'operator' | 'read-only'
  readonly accessToken: string
  /** May use every switch key. */
  readonly maySwitch: boolean
  /** Accounts besides its own whose switch keys it may use. */
  readonly switchAccounts: readonly AccountId[]
  readonly disabled: boolean
  readonly expiresAt: Instant | null
  readonly createdAt: Instant
}

export interface ClientCredentialRecord {
  readonly clientToken: string
  readonly clientId: string
  /** Of the client, from 1. */
  readonly version: number
  /** Null once retired. */
  readonly sealedSecret: Uint8Array | null
  readonly createdAt: Instant
  readonly expiresAt: Instant | null
  readonly retiredAt: Instant | null
  readonly lastUsedAt: Instant | null
}

export interface ApiClient {
  readonly client: ApiClientRecord
  /** Newest first. */
  readonly credentials: readonly ClientCredentialRecord[]
}

/** API clients and their credentials. */
export interface ApiClients {
  insert(client: ApiClientRecord): Promise<void>
  ofAccount(accountId: AccountId): Promise<readonly ApiClient[]>
  find(accountId: AccountId, id: string): Promise<ApiClient | null>
  /** As `find`; until the transaction ends whoever else locks this client waits. */
  lock(accountId: AccountId, id: string): Promise<ApiClient | null>
  /** What can change: its name, its end, whether it is disabled. */
  save(client: ApiClientRecord): Promise<void>
  insertCredential(credential: ClientCredentialRecord): Promise<void>
  /** Its secret is destroyed. */
  retireCredential(clientToken: string, at: Instant): Promise<void>
  hasClientToken(clientToken: string): Promise<boolean>
}
