import type { ChangeReference } from '../use-cases.ts'
import { type Acts, scheduleOf, type Subject } from './act.ts'

const change = (ref: ChangeReference): Subject => ({ kind: 'change', ...ref })

/** What is done to changes. */
export const CHANGE_ACTS = {
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
  decideVetting: {
    action: 'decide-vetting',
    subject: change,
    detail: (_ref, decision) => ({ ...decision }),
  },
  getChange: 'reads',
  waitForChange: 'reads',
  getChallenges: 'reads',
  getDeploymentSchedule: 'reads',
  getWarnings: 'reads',
  getSigningRequests: 'reads',
  getChangeManagementInfo: 'reads',
  getPendingDeployment: 'reads',
} satisfies Partial<Acts>
