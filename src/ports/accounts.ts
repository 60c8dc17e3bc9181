import type { AccountId, ContractId } from '../domain/identifiers.ts'
import type { Instant } from '../domain/time.ts'

export interface AccountRecord {
  readonly id: AccountId
  readonly name: string
  readonly switchKey: string | null
}

export interface Accounts {
  /** False: another account has this id or switch key. */
  insert(account: AccountRecord, at: Instant): Promise<boolean>
  find(id: AccountId): Promise<AccountRecord | null>
  bySwitchKey(switchKey: string): Promise<AccountRecord | null>
  /** False: there is a contract with this id. */
  insertContract(id: ContractId, accountId: AccountId, at: Instant): Promise<boolean>
  contractOwner(id: ContractId): Promise<AccountId | null>
  contractsOf(accountId: AccountId): Promise<readonly ContractId[]>
  isEmpty(): Promise<boolean>
  /** Until the transaction ends no other process makes first accounts or plants seeds. */
  waitForFirstStart(): Promise<void>
}
