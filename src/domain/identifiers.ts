/** Ids are opaque to callers. Enrollment and change ids are positive integers on the wire (spec/api.md 7). */
export type AccountId = string & { readonly __brand: 'AccountId' }
export type ContractId = string & { readonly __brand: 'ContractId' }
export type EnrollmentId = number & { readonly __brand: 'EnrollmentId' }
export type ChangeId = number & { readonly __brand: 'ChangeId' }
export type KeyPairId = string & { readonly __brand: 'KeyPairId' }
export type CertificateId = string & { readonly __brand: 'CertificateId' }
export type DeploymentId = string & { readonly __brand: 'DeploymentId' }

export const accountId = (value: string): AccountId => value as AccountId
export const contractId = (value: string): ContractId => value as ContractId
export const enrollmentId = (value: number): EnrollmentId => value as EnrollmentId
export const changeId = (value: number): ChangeId => value as ChangeId
export const keyPairId = (value: string): KeyPairId => value as KeyPairId
export const certificateId = (value: string): CertificateId => value as CertificateId
export const deploymentId = (value: string): DeploymentId => value as DeploymentId

/** Whether a text can be an id or a switch key of somebody's own choosing: visible ASCII. */
export const isChosenId = (text: string): boolean => /^[\x21-\x7e]{1,128}$/.test(text)
