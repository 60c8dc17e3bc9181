import type { AccountId, EnrollmentId } from '../../domain/identifiers.ts'
import { toWireTime } from '../../domain/time.ts'
import type { Repositories } from '../../ports/store.ts'
import type { ChangeReference, UseCases } from '../use-cases.ts'
import type { Caller, DeploymentSchedule } from '../views.ts'

/** What an act is done to. `new`: the transaction that makes it names it. */
export type Subject =
  | { readonly kind: 'zone'; readonly name: string }
  | { readonly kind: 'trust-chain-set'; readonly id: string }
  | { readonly kind: 'enrollment'; readonly id: EnrollmentId }
  | ({ readonly kind: 'change' } & ChangeReference)
  | { readonly kind: 'client'; readonly accountId: AccountId; readonly id: string }
  | { readonly kind: 'clock' }
  /** The caller's own. */
  | { readonly kind: 'account' }
  | { readonly kind: 'new' }

export type Detail = Readonly<Record<string, unknown>>

/** How the audit log tells of one use case. */
export interface Act<Input extends readonly unknown[]> {
  readonly action: string
  readonly subject: (...input: Input) => Subject
  /** What was asked for, besides the object. Never a secret, never a key. */
  readonly detail: (...input: Input) => Detail
  /** Texts of which only the SHA-256 is kept. */
  readonly digested?: (...input: Input) => Readonly<Record<string, string>>
  /** What can only be seen at the moment of the act. */
  readonly seen?: (tx: Repositories, ...input: Input) => Promise<Detail>
  /** It also works outside of the store's transactions: the intent is written before, the outcome after. */
  readonly beyondStore?: boolean
  /** For those who run the installation alone: refused to others before anything is written. */
  readonly ofInstallation?: boolean
}

/** Parameters after the caller. */
type InputOf<UseCase> = UseCase extends (caller: Caller, ...input: infer Input) => unknown ? Input : []

export type Acts = {
  readonly [Name in keyof UseCases]: 'reads' | Act<InputOf<UseCases[Name]>>
}

export const fresh = (): Subject => ({ kind: 'new' })

export const scheduleOf = ({ notBefore, notAfter }: DeploymentSchedule): Detail => ({
  notBefore: notBefore === null ? null : toWireTime(notBefore),
  notAfter: notAfter === null ? null : toWireTime(notAfter),
})
