import type { AccountId, ContractId } from '../domain/identifiers.ts'
import type { Instant } from '../domain/time.ts'

export interface AccountRecord {
  readonly id: AccountId
  readonly name: string
  readonly switchKey: string | null
}

export interface Accounts {
  insert(account: AccountRecord, at: Instant): Promise<void>
  find(id: AccountId): Promise<AccountRecord | null>
  bySwitchKey(switchKey: string): Promise<AccountRecord | null>
  insertContract(id: ContractId, accountId: AccountId, at: Instant): Promise<void>
  contractOwner(id: ContractId): Promise<AccountId | null>
  contractsOf(accountId: AccountId): Promise<readonly ContractId[]>
  isEmpty(): Promise<boolean>
  /** Until the transaction ends no other process makes first accounts or plants seeds. */
  waitForFirstStart(): Promise<void>
}
