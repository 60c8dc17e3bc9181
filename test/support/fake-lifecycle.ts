import type { WebhookView } from '../../src/app/views.ts'
import { type Maintenance, UNRESTRICTED } from '../../src/domain/plan/maintenance.ts'
import type {
  AcknowledgementWord,
  CertificateUpload,
  UseCases,
  WarningsKind,
} from '../../src/app/use-cases.ts'
import type {
  AuditEntryView,
  Caller,
  CertificateHistoryEntry,
  ChangeHistoryEntry,
  ChangeManagementView,
  ChangeView,
  DeploymentView,
  DvHistoryView,
  EnrollmentView,
  FindingView,
  SigningRequestView,
} from '../../src/app/views.ts'
import { isOpen } from '../../src/domain/change/vocabulary.ts'
import { type ChangeId, changeId, type EnrollmentId } from '../../src/domain/identifiers.ts'
import { DAY, type Instant, instant, plus } from '../../src/domain/time.ts'
import type { ReportedKey } from '../../src/ports/reported-keys.ts'
import { Problem } from '../../src/errors/problem.ts'

/** What a change has to show at its moment; whatever is absent is the wrong moment. */
export interface Shown {
  readonly warnings?: Partial<Record<WarningsKind, readonly FindingView[]>>
  readonly signingRequests?: readonly SigningRequestView[]
  readonly management?: ChangeManagementView
  readonly pendingDeployment?: DeploymentView
  readonly dvHistory?: readonly DvHistoryView[]
  readonly certificateHistory?: readonly CertificateHistoryEntry[]
  readonly changeHistory?: readonly ChangeHistoryEntry[]
  /** What an update or a removal answers; a new change when absent. */
  readonly started?: ChangeId | null
}

export interface LifecycleEntry {
  enrollment: EnrollmentView
  change: ChangeView
  deployments: { staging: DeploymentView | null; production: DeploymentView | null }
  shown: Shown
  readonly accountId: string
}

/** What a use case was given, for tests to look at. */
export interface FakeRecord {
  readonly name: string
  readonly input: unknown
}

type LifecycleUseCases = Pick<
  UseCases,
  | 'updateEnrollment'
  | 'removeEnrollment'
  | 'cancelChange'
  | 'getDeploymentSchedule'
  | 'setDeploymentSchedule'
  | 'getWarnings'
  | 'acknowledgeWarnings'
  | 'getSigningRequests'
  | 'uploadCertificates'
  | 'getChangeManagementInfo'
  | 'getPendingDeployment'
  | 'acknowledgeChangeManagement'
  | 'dvHistory'
  | 'certificateHistory'
  | 'changeHistory'
  | 'activeCertificates'
  | 'advanceClock'
  | 'clockChecks'
  | 'confirmClock'
  | 'decideVetting'
  | 'auditEntries'
  | 'organizations'
  | 'authorities'
  | 'rollOverAuthorityKey'
  | 'agreeAtAuthority'
  | 'revokeCertificate'
  | 'plan'
  | 'renewalConflicts'
  | 'maintenance'
  | 'setMaintenance'
  | 'reportedKeys'
  | 'reportKey'
  | 'withdrawKeyReport'
  | 'setKeepKey'
  | 'notices'
  | 'webhooks'
  | 'addWebhook'
  | 'removeWebhook'
>

interface Kept {
  find(caller: Caller, id: EnrollmentId): LifecycleEntry
  findChange(caller: Caller, id: EnrollmentId, change: ChangeId): LifecycleEntry
  all(caller: Caller): readonly LifecycleEntry[]
  remove(id: EnrollmentId): void
  nextId(): number
  readonly audit: readonly AuditEntryView[]
}

/** The second half of the fake: the moments of a change are what a test placed (`Shown`), everything else is refused. */
export function createFakeLifecycle(kept: Kept) {
  const records: FakeRecord[] = []
  let uploadFault: Problem | null = null
  let keepKey = false
  const webhooks: WebhookView[] = []
  let maintenance: Maintenance = UNRESTRICTED
  const reports = new Map<string, ReportedKey>()
  let now = instant(Date.UTC(2026, 0, 2, 3, 4, 5))
  const note = (name: string, input: unknown): void => void records.push({ name, input })
  const started = (entry: LifecycleEntry): ChangeId | null =>
    entry.shown.started === undefined ? changeId(kept.nextId()) : entry.shown.started

  const useCases: LifecycleUseCases = {
    async updateEnrollment(caller, id, input) {
      const entry = kept.find(caller, id)
      const settings = input.settings(entry.enrollment.settings)
      if (entry.enrollment.pendingChanges.length > 0 && !input.allowCancelPendingChanges)
        throw new Problem('cannot-cancel-pending-change')
      note('updateEnrollment', { ...input, settings })
      entry.enrollment = { ...entry.enrollment, settings }
      return started(entry)
    },
    async removeEnrollment(caller, id, input) {
      const entry = kept.find(caller, id)
      if (entry.enrollment.pendingChanges.length > 0 && !input.allowCancelPendingChanges)
        throw new Problem('cannot-cancel-pending-change')
      note('removeEnrollment', input)
      const change = started(entry)
      if (change === null) kept.remove(id)
      return change
    },
    async cancelChange(caller, { enrollmentId, changeId: change }) {
      const entry = kept.findChange(caller, enrollmentId, change)
      if (!isOpen(entry.change)) throw new Problem('cannot-cancel')
      note('cancelChange', change)
      entry.change = { ...entry.change, state: 'cancelled' }
    },
    getDeploymentSchedule: async (caller, ref) =>
      kept.findChange(caller, ref.enrollmentId, ref.changeId).change.schedule,
    async setDeploymentSchedule(caller, ref, schedule) {
      const entry = kept.findChange(caller, ref.enrollmentId, ref.changeId)
      if (!isOpen(entry.change)) throw new Problem('not-found')
      note('setDeploymentSchedule', schedule)
      entry.change = { ...entry.change, schedule }
    },
    getWarnings: async (caller, ref, kind) =>
      present(kept.findChange(caller, ref.enrollmentId, ref.changeId).shown.warnings?.[kind]),
    async acknowledgeWarnings(caller, ref, kind: WarningsKind, word: AcknowledgementWord) {
      present(kept.findChange(caller, ref.enrollmentId, ref.changeId).shown.warnings?.[kind])
      note('acknowledgeWarnings', { kind, word })
    },
    getSigningRequests: async (caller, ref) =>
      present(kept.findChange(caller, ref.enrollmentId, ref.changeId).shown.signingRequests),
    async uploadCertificates(caller, ref, uploads: readonly CertificateUpload[]) {
      present(kept.findChange(caller, ref.enrollmentId, ref.changeId).shown.signingRequests)
      if (uploadFault !== null) throw uploadFault
      note('uploadCertificates', uploads)
    },
    getChangeManagementInfo: async (caller, ref) =>
      present(kept.findChange(caller, ref.enrollmentId, ref.changeId).shown.management),
    getPendingDeployment: async (caller, ref) =>
      present(kept.findChange(caller, ref.enrollmentId, ref.changeId).shown.pendingDeployment),
    async acknowledgeChangeManagement(caller, ref, word, hash) {
      const frozen = present(kept.findChange(caller, ref.enrollmentId, ref.changeId).shown.management)
      if (hash !== null && hash !== frozen.hash) throw new Problem('hash-mismatch')
      note('acknowledgeChangeManagement', { word, hash })
    },
    dvHistory: async (caller, id) => kept.find(caller, id).shown.dvHistory ?? [],
    async certificateHistory(caller, id, all) {
      const entries = kept.find(caller, id).shown.certificateHistory ?? []
      return all ? entries : entries.slice(0, 1)
    },
    changeHistory: async (caller, id) => kept.find(caller, id).shown.changeHistory ?? [],
    activeCertificates: async (caller, contract) =>
      kept
        .all(caller)
        .filter(({ enrollment }) => contract === null || enrollment.contractId === contract)
        .filter(({ deployments }) => deployments.staging !== null || deployments.production !== null)
        .map(({ enrollment, deployments }) => ({ enrollment, ...deployments })),
    async advanceClock(_, target) {
      const next = 'by' in target ? instant(now + target.by) : target.to
      if (next < now)
        throw new Problem('validation-error', {
          errors: [{ field: 'by' in target ? '/by' : '/to', detail: 'lies in the past' }],
        })
      note('advanceClock', target)
      now = next
      return { now, offsetSeconds: 60 }
    },
    async decideVetting(caller, ref, decision) {
      kept.findChange(caller, ref.enrollmentId, ref.changeId)
      note('decideVetting', decision)
    },
    async revokeCertificate(caller, id, { reason, serialNumber, signedBy }) {
      kept.find(caller, id)
      note('revokeCertificate', { reason, serialNumber, signedBy })
      return { serialNumber: serialNumber ?? '01', reason }
    },
    async rollOverAuthorityKey(_caller, name, force) {
      note('rollOverAuthorityKey', { name, force })
      const found = (await useCases.authorities(_caller)).find((one) => one.name === name)
      if (found === undefined) throw new Problem('not-found')
      return found
    },
    async agreeAtAuthority(_caller, name) {
      note('agreeAtAuthority', { name })
      const found = (await useCases.authorities(_caller)).find((one) => one.name === name)
      if (found === undefined) throw new Problem('not-found')
      return found
    },
    authorities: async () => [
      {
        name: 'lets-encrypt',
        directoryUrl: 'https://ca.example/directory',
        validationTypes: ['dv'],
        orgId: null,
        accountUrl: 'https://ca.example/account/1',
        isKeyChanging: false,
        state: 'limited',
        limitedUntil: plus(now, DAY),
        downSince: null,
        reason: 'too many orders',
        action: null,
      },
    ],
    /** Every enrollment's organisation counts as checked for a day. */
    organizations: async (caller) =>
      kept.all(caller).map(({ enrollment: { id, settings } }) => ({
        id,
        organization: settings.org,
        vettedUntil: plus(now, DAY),
        isVetted: true,
      })),
    async plan(caller, id) {
      kept.find(caller, id)
      return {
        enrollmentId: id,
        now,
        keepKey,
        lastSafe: plus(now, 83 * DAY),
        steps: [{ at: plus(now, 60 * DAY), what: 'begin-renewal', reason: 'Thirty days before.' }],
        holds: [],
        conflicts: [],
      }
    },
    renewalConflicts: async () => [],
    clockChecks: async () => [],
    confirmClock: async () => [],
    maintenance: async () => maintenance,
    async setMaintenance(_caller, wanted) {
      note('setMaintenance', wanted)
      maintenance = wanted
      return []
    },
    reportedKeys: async () => [...reports.values()],
    async reportKey(caller, { key, note: said }) {
      const fingerprint = 'pem' in key ? 'ab'.repeat(32) : key.fingerprint
      note('reportKey', { key, note: said })
      const report = {
        accountId: caller.accountId,
        fingerprint,
        everywhere: false,
        note: said,
        reportedBy: caller.clientName,
        reportedAt: now,
      }
      reports.set(fingerprint, report)
      return { ...report, usedBy: [] }
    },
    async withdrawKeyReport(_caller, fingerprint) {
      if (!reports.delete(fingerprint)) throw new Problem('not-found')
    },
    notices: async () => [
      { id: 1, enrollmentId: 1, changeId: 2, occasion: 'deployed', text: 'production serves it', at: now },
    ],
    webhooks: async () => webhooks,
    async addWebhook(_caller, url) {
      note('addWebhook', url)
      const made = { id: `hook-${webhooks.length + 1}`, url }
      webhooks.push(made)
      return { ...made, secret: 'whsec_AAAA' }
    },
    async removeWebhook(_caller, id) {
      const at = webhooks.findIndex((hook) => hook.id === id)
      if (at < 0) throw new Problem('not-found')
      webhooks.splice(at, 1)
    },
    async setKeepKey(caller, id, wanted) {
      kept.find(caller, id)
      note('setKeepKey', wanted)
      keepKey = wanted
    },
    async auditEntries(caller, afterId, limit) {
      if (caller.role !== 'admin') throw new Problem('forbidden')
      note('auditEntries', { afterId, limit })
      return kept.audit.filter((entry) => entry.id > afterId).slice(0, limit)
    },
  }
  return {
    useCases,
    records,
    now: (): Instant => now,
    refuseUploadsWith: (fault: Problem | null): void => {
      uploadFault = fault
    },
  }
}

function present<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Problem('not-found')
  return value
}
