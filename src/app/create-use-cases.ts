import { activeCertificates } from './active-certificates.ts'
import {
  createAccount,
  createClient,
  createContract,
  describeAccount,
  requireInstallationOperator,
  requireOwnAccount,
} from './accounts.ts'
import { auditEntries } from './audit/audit-entries.ts'
import { audited } from './audit/audited.ts'
import { cancelChange } from './cancel-change.ts'
import { acknowledgeChallenges, getChallenges } from './challenges.ts'
import {
  acknowledgeChangeManagement,
  getChangeManagementInfo,
  getPendingDeployment,
} from './change-management.ts'
import { addCredential, changeClient, getClient, listClients, retireCredential } from './clients.ts'
import { createEnrollment } from './create-enrollment.ts'
import type { Dependencies } from './dependencies.ts'
import { getDeployments } from './deployments.ts'
import { dvHistory } from './dv-history.ts'
import { changeEvents } from './events.ts'
import { listEdges } from './edges.ts'
import { explain } from './explain.ts'
import { certificateHistory, changeHistory } from './histories.ts'
import { getChange, waitForChange } from './read-changes.ts'
import { getEnrollment, listEnrollments } from './read-enrollments.ts'
import { advanceClock, readClock } from './advance-clock.ts'
import { addWebhook, removeWebhook } from './notices/webhooks.ts'
import { setKeepKey, setMaintenance } from './maintenance.ts'
import { listReportedKeys, reportKey, withdrawKeyReport } from './reported-keys.ts'
import { listGenerations } from './generations.ts'
import { pinGeneration, rollBack, unpinGeneration } from './pin.ts'
import { listPauses, pauseDeployments, resumeDeployments } from './pauses.ts'
import { renewalConflicts } from './conflicts.ts'
import { planOf } from './plan.ts'
import { removeEnrollment } from './remove-enrollment.ts'
import { agreeAtAuthority } from './authority-agreement.ts'
import { listAuthorities, revokeCertificate, rollOverAuthorityKey } from './revoke-certificate.ts'
import { getDeploymentSchedule, setDeploymentSchedule } from './schedule.ts'
import { getSigningRequests } from './signing-requests.ts'
import {
  activateTrustChainSet,
  createTrustChainSet,
  getTrustChainSet,
  removeTrustChainSet,
  reviseTrustChainSet,
} from './trust-chain-sets.ts'
import { updateEnrollment } from './update-enrollment.ts'
import { uploadCertificates } from './upload-certificates.ts'
import type { UseCases } from './use-cases.ts'
import { decideVetting, listOrganizations } from './vetting.ts'
import { zoneUseCases } from './zones/zone-use-cases.ts'
import { acknowledgeWarnings, getWarnings } from './warnings.ts'

/** `missing` answers from the composition root: it alone knows what was started. */
export const createUseCases = (deps: Dependencies, missing: UseCases['missing']): UseCases =>
  audited(deps, (own) => unaudited(own, missing))

/** Built anew for each call that acts: nothing in here may keep state. */
function unaudited(deps: Dependencies, missing: UseCases['missing']): UseCases {
  const accounts = {
    accounts: deps.store.read.accounts,
    clients: deps.store.read.clients,
    random: deps.random,
    secrets: deps.secrets,
    clock: deps.clocks.real,
  }
  return {
    createEnrollment: (caller, input) => createEnrollment(deps, caller, input),
    listEnrollments: (caller, contractId) => listEnrollments(deps, caller, contractId),
    getEnrollment: (caller, id) => getEnrollment(deps, caller, id),
    getChange: (caller, ref) => getChange(deps, caller, ref),
    waitForChange: (caller, ref, seconds, signal) => waitForChange(deps, caller, ref, seconds, signal),
    getChallenges: (caller, ref) => getChallenges(deps, caller, ref),
    acknowledgeChallenges: (caller, ref, word) => acknowledgeChallenges(deps, caller, ref, word),
    getDeployments: (caller, id) => getDeployments(deps, caller, id),
    contractIdentifiers: (caller) => deps.store.read.accounts.contractsOf(caller.accountId),
    describeAccount: (caller) => describeAccount(deps.store.read.accounts, caller),
    explain: (caller, ref) => explain(deps, caller, ref),
    events: (caller, lastEventId, signal) => changeEvents(deps, caller, lastEventId, signal),
    clock: () => readClock(deps),
    createAccount: async (caller, input) => {
      requireInstallationOperator(deps, caller)
      return createAccount(accounts, input)
    },
    createContract: async (caller, account, id) => {
      requireOwnAccount(deps, caller, account)
      return createContract(accounts, account, id)
    },
    createClient: async (caller, account, input) => {
      requireOwnAccount(deps, caller, account)
      if (input.switchKeys.length > 0) requireInstallationOperator(deps, caller)
      return deps.store.transaction((tx) =>
        createClient({ ...accounts, accounts: tx.accounts, clients: tx.clients }, account, input),
      )
    },
    listClients: (caller, account) => listClients(deps, caller, account),
    getClient: (caller, account, id) => getClient(deps, caller, account, id),
    changeClient: (caller, account, input) => changeClient(deps, caller, account, input),
    addCredential: (caller, account, input) => addCredential(deps, caller, account, input),
    retireCredential: (caller, account, input) => retireCredential(deps, caller, account, input),
    missing,

    updateEnrollment: (caller, id, input) => updateEnrollment(deps, caller, id, input),
    removeEnrollment: (caller, id, input) => removeEnrollment(deps, caller, id, input),
    cancelChange: (caller, ref) => cancelChange(deps, caller, ref),
    getDeploymentSchedule: (caller, ref) => getDeploymentSchedule(deps, caller, ref),
    setDeploymentSchedule: (caller, ref, schedule) => setDeploymentSchedule(deps, caller, ref, schedule),
    getWarnings: (caller, ref, kind) => getWarnings(deps, caller, ref, kind),
    acknowledgeWarnings: (caller, ref, kind, word) => acknowledgeWarnings(deps, caller, ref, kind, word),
    getSigningRequests: (caller, ref) => getSigningRequests(deps, caller, ref),
    uploadCertificates: (caller, ref, uploads) => uploadCertificates(deps, caller, ref, uploads),
    getChangeManagementInfo: (caller, ref) => getChangeManagementInfo(deps, caller, ref),
    getPendingDeployment: (caller, ref) => getPendingDeployment(deps, caller, ref),
    acknowledgeChangeManagement: (caller, ref, word, hash) =>
      acknowledgeChangeManagement(deps, caller, ref, word, hash),
    dvHistory: (caller, id) => dvHistory(deps, caller, id),
    certificateHistory: (caller, id, all) => certificateHistory(deps, caller, id, all),
    changeHistory: (caller, id) => changeHistory(deps, caller, id),
    activeCertificates: (caller, contractId) => activeCertificates(deps, caller, contractId),
    ...zoneUseCases(deps),
    listTrustChainSets: ({ accountId }) => deps.store.read.trustChainSets.list(accountId),
    getTrustChainSet: (caller, id) => getTrustChainSet(deps, caller, id),
    createTrustChainSet: (caller, input) => createTrustChainSet(deps, caller, input),
    reviseTrustChainSet: (caller, id, certificates) => reviseTrustChainSet(deps, caller, id, certificates),
    activateTrustChainSet: (caller, id, activation) => activateTrustChainSet(deps, caller, id, activation),
    removeTrustChainSet: (caller, id) => removeTrustChainSet(deps, caller, id),
    advanceClock: (_caller, target) => advanceClock(deps, target),
    clockChecks: () => deps.clockGuard.checks(),
    confirmClock: async (caller) => {
      requireInstallationOperator(deps, caller)
      await deps.clockGuard.confirm()
      return deps.clockGuard.checks()
    },
    notices: (caller, limit) => deps.store.read.notices.list(caller.accountId, limit),
    webhooks: async ({ accountId }) =>
      (await deps.store.read.notices.webhooks(accountId)).map(({ id, url }) => ({ id, url })),
    addWebhook: (caller, url) => addWebhook(deps, caller, url),
    removeWebhook: (caller, id) => removeWebhook(deps, caller, id),
    plan: (caller, id) => planOf(deps, caller, id),
    renewalConflicts: (caller) => renewalConflicts(deps, caller),
    maintenance: (caller) => deps.store.read.maintenances.of(caller.accountId),
    reportedKeys: (caller) => listReportedKeys(deps, caller),
    reportKey: (caller, report) => reportKey(deps, caller, report),
    withdrawKeyReport: (caller, fingerprint) => withdrawKeyReport(deps, caller, fingerprint),
    setMaintenance: (caller, maintenance) => setMaintenance(deps, caller, maintenance),
    generations: (caller, id) => listGenerations(deps, caller, id),
    rollBack: (caller, id, wish) => rollBack(deps, caller, id, wish),
    pinGeneration: (caller, id, wish) => pinGeneration(deps, caller, id, wish),
    unpinGeneration: (caller, id) => unpinGeneration(deps, caller, id),
    pauses: (caller) => listPauses(deps, caller),
    pauseDeployments: (caller, wish) => pauseDeployments(deps, caller, wish),
    resumeDeployments: (caller, wish) => resumeDeployments(deps, caller, wish),
    edges: (caller) => listEdges(deps, caller),
    setKeepKey: (caller, id, keepKey) => setKeepKey(deps, caller, id, keepKey),
    decideVetting: (caller, ref, decision) => decideVetting(deps, caller, ref, decision),
    revokeCertificate: (caller, id, wish) => revokeCertificate(deps, caller, id, wish),
    rollOverAuthorityKey: (_caller, name, force) => rollOverAuthorityKey(deps, name, force),
    agreeAtAuthority: (_caller, name) => agreeAtAuthority(deps, name),
    authorities: () => listAuthorities(deps),
    organizations: (caller) => listOrganizations(deps, caller),
    auditEntries: (caller, afterId, limit) => auditEntries(deps, caller, afterId, limit),
  }
}
