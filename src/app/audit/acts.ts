import type { RecordSet } from '../../domain/zones/record-set.ts'
import type { AccountId, EnrollmentId } from '../../domain/identifiers.ts'
import { type Instant, toWireTime } from '../../domain/time.ts'
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
}

/** Parameters after the caller. */
type InputOf<UseCase> = UseCase extends (caller: Caller, ...input: infer Input) => unknown ? Input : []

export type Acts = {
  readonly [Name in keyof UseCases]: 'reads' | Act<InputOf<UseCases[Name]>>
}

const enrollment = (id: EnrollmentId): Subject => ({ kind: 'enrollment', id })
const change = (ref: ChangeReference): Subject => ({ kind: 'change', ...ref })
const trustChainSet = (id: string): Subject => ({ kind: 'trust-chain-set', id })
const zone = (name: string): Subject => ({ kind: 'zone', name })
const fresh = (): Subject => ({ kind: 'new' })

const client = (accountId: AccountId, id: string): Subject => ({ kind: 'client', accountId, id })

const timeOrNull = (at: Instant | null): string | null => (at === null ? null : toWireTime(at))

const scheduleOf = ({ notBefore, notAfter }: DeploymentSchedule): Detail => ({
  notBefore: notBefore === null ? null : toWireTime(notBefore),
  notAfter: notAfter === null ? null : toWireTime(notAfter),
})

const keysOf = (sets: readonly Pick<RecordSet, 'name' | 'type'>[]): readonly string[] =>
  sets.map(({ name, type }) => `${name} ${type}`)

/** Every use case: what it reads only, and what the log says of the others. One that is missing here does not compile. */
export const ACTS: Acts = {
  createEnrollment: {
    action: 'create-enrollment',
    subject: fresh,
    detail: ({ contractId, schedule, allowDuplicateCn }) => ({
      contractId,
      allowDuplicateCn,
      schedule: scheduleOf(schedule),
    }),
  },
  updateEnrollment: {
    action: 'update-enrollment',
    subject: enrollment,
    detail: (_id, { settings: _settings, schedule, ...flags }) => ({
      ...flags,
      schedule: scheduleOf(schedule),
    }),
  },
  removeEnrollment: {
    action: 'remove-enrollment',
    subject: enrollment,
    detail: (_id, { schedule, ...flags }) => ({ ...flags, schedule: scheduleOf(schedule) }),
  },
  createZone: {
    action: 'create-zone',
    subject: ({ name }) => zone(name),
    detail: ({ contractId, settings }) => ({ contractId, ...settings }),
  },
  updateZone: {
    action: 'update-zone',
    subject: zone,
    detail: (_name, settings) => ({ ...settings }),
  },
  deleteZones: { action: 'delete-zones', subject: fresh, detail: (zones) => ({ zones }) },
  createRecordSets: {
    action: 'create-record-sets',
    subject: zone,
    detail: (_name, sets) => ({ recordSets: keysOf(sets) }),
  },
  updateRecordSet: {
    action: 'update-record-set',
    subject: zone,
    detail: (_name, set) => ({ recordSets: keysOf([set]) }),
  },
  deleteRecordSet: {
    action: 'delete-record-set',
    subject: (key) => zone(key.zone),
    detail: (key) => ({ recordSets: keysOf([key]) }),
  },
  replaceRecordSets: {
    action: 'replace-record-sets',
    subject: zone,
    detail: (_name, sets) => ({ count: sets.length }),
  },
  createTrustChainSet: {
    action: 'create-trust-chain-set',
    subject: ({ id }) => (id === null ? fresh() : trustChainSet(id)),
    detail: ({ name }) => ({ name }),
    digested: ({ certificates }) => ({ certificates }),
  },
  reviseTrustChainSet: {
    action: 'revise-trust-chain-set',
    subject: trustChainSet,
    detail: () => ({}),
    digested: (_id, certificates) => ({ certificates }),
  },
  activateTrustChainSet: {
    action: 'activate-trust-chain-set',
    subject: trustChainSet,
    detail: (_id, { network, revision }) => ({ network, revision }),
  },
  removeTrustChainSet: {
    action: 'remove-trust-chain-set',
    subject: trustChainSet,
    detail: () => ({}),
  },
  cancelChange: { action: 'cancel-change', subject: change, detail: () => ({}) },
  setDeploymentSchedule: {
    action: 'set-deployment-schedule',
    subject: change,
    detail: (_ref, schedule) => scheduleOf(schedule),
  },
  acknowledgeChallenges: {
    action: 'acknowledge-challenges',
    subject: change,
    detail: (_ref, word) => ({ word }),
  },
  acknowledgeWarnings: {
    action: 'acknowledge-warnings',
    subject: change,
    detail: (_ref, kind, word) => ({ kind, word }),
    seen: async (tx, { changeId }) => ({
      findings: ((await tx.changes.load(changeId))?.findings ?? []).map(({ id }) => id),
    }),
  },
  acknowledgeChangeManagement: {
    action: 'acknowledge-change-management',
    subject: change,
    detail: (_ref, word, hash) => ({ word, hashGiven: hash !== null }),
    // Without a hash it stands for the frozen content, so that is what the log says.
    seen: async (tx, { changeId }) => ({ hash: (await tx.frozenContents.find(changeId))?.hash ?? null }),
  },
  uploadCertificates: {
    action: 'upload-certificate',
    subject: change,
    detail: (_ref, uploads) => ({ keyAlgorithms: uploads.map(({ keyAlgorithm }) => keyAlgorithm) }),
    digested: (_ref, uploads) =>
      Object.fromEntries(
        uploads.flatMap(({ keyAlgorithm, certificate, trustChain }) => [
          [`${keyAlgorithm}Certificate`, certificate],
          ...(trustChain === null ? [] : [[`${keyAlgorithm}TrustChain`, trustChain]]),
        ]),
      ),
  },
  advanceClock: {
    action: 'advance-clock',
    subject: () => ({ kind: 'clock' }),
    detail: (target) => ('by' in target ? { byMs: target.by } : { to: toWireTime(target.to) }),
    beyondStore: true,
  },
  decideVetting: {
    action: 'decide-vetting',
    subject: change,
    detail: (_ref, decision) => ({ ...decision }),
  },
  revokeCertificate: {
    action: 'revoke-certificate',
    subject: enrollment,
    detail: (_id, wish) => ({ ...wish }),
    beyondStore: true,
  },
  setMaintenance: {
    action: 'set-maintenance',
    subject: () => ({ kind: 'account' }),
    detail: ({ windows, freezes }) => ({
      windows,
      freezes: freezes.map(({ from, until, reason }) => ({
        from: toWireTime(from),
        until: toWireTime(until),
        reason,
      })),
    }),
  },
  addWebhook: { action: 'add-webhook', subject: () => ({ kind: 'account' }), detail: (url) => ({ url }) },
  removeWebhook: { action: 'remove-webhook', subject: () => ({ kind: 'account' }), detail: (id) => ({ id }) },
  setKeepKey: {
    action: 'set-keep-key',
    subject: enrollment,
    detail: (_id, keepKey) => ({ keepKey }),
  },
  createAccount: { action: 'create-account', subject: fresh, detail: ({ name }) => ({ name }) },
  createContract: { action: 'create-contract', subject: fresh, detail: (account) => ({ account }) },
  createClient: {
    action: 'create-client',
    subject: fresh,
    detail: (account, { role, name, expiresAt, switchKeys }) => ({
      account,
      role,
      name,
      expiresAt: timeOrNull(expiresAt),
      switchKeys: switchKeys.length,
    }),
  },
  changeClient: {
    action: 'change-client',
    subject: (account, { id }) => client(account, id),
    detail: (_account, { changes: { expiresAt, ...changes } }) => ({
      ...changes,
      ...(expiresAt === undefined ? {} : { expiresAt: timeOrNull(expiresAt) }),
    }),
  },
  addCredential: {
    action: 'add-credential',
    subject: (account, { id }) => client(account, id),
    detail: (_account, { expiresAt }) => ({ expiresAt: timeOrNull(expiresAt) }),
  },
  retireCredential: {
    action: 'retire-credential',
    subject: (account, { id }) => client(account, id),
    // A client token is no secret: it stands in every request.
    detail: (_account, { clientToken }) => ({ clientToken }),
  },
  listEnrollments: 'reads',
  getEnrollment: 'reads',
  getChange: 'reads',
  waitForChange: 'reads',
  getChallenges: 'reads',
  getDeployments: 'reads',
  describeAccount: 'reads',
  listTrustChainSets: 'reads',
  getTrustChainSet: 'reads',
  listZones: 'reads',
  getZone: 'reads',
  getZoneDeletion: 'reads',
  listRecordSets: 'reads',
  getRecordSet: 'reads',
  zoneNameServers: 'reads',
  contractIdentifiers: 'reads',
  listClients: 'reads',
  getClient: 'reads',
  getDeploymentSchedule: 'reads',
  getWarnings: 'reads',
  getSigningRequests: 'reads',
  getChangeManagementInfo: 'reads',
  getPendingDeployment: 'reads',
  dvHistory: 'reads',
  certificateHistory: 'reads',
  changeHistory: 'reads',
  activeCertificates: 'reads',
  auditEntries: 'reads',
  plan: 'reads',
  notices: 'reads',
  webhooks: 'reads',
  renewalConflicts: 'reads',
  maintenance: 'reads',
  organizations: 'reads',
  authorities: 'reads',
  explain: 'reads',
  events: 'reads',
  clock: 'reads',
  missing: 'reads',
}
