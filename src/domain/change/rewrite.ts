import type { EnrollmentSettings } from '../enrollment/enrollment.ts'
import { requestedNames } from '../enrollment/served-names.ts'
import type { Change } from './change.ts'
import { bare } from './classify.ts'
import type { ChangeStatus } from './vocabulary.ts'

/** From here on staging has seen the settings, or production has: others would not be what was looked at. */
const STAGED: readonly ChangeStatus[] = [
  'deploy-cert-to-staging',
  'deploy-changes-to-staging',
  'wait-ack-change-management',
  'wait-deployment-schedule',
  'deploy-cert-to-production',
]

/** Whether an open change can take other network settings on its way (CPS API: PUT enrollments, `allow-staging-bypass`). */
export const takesOtherSettings = ({ action, status }: Pick<Change, 'action' | 'status'>): boolean =>
  action !== 'removal' && !STAGED.includes(status)

/** Nothing but the network settings differs, if anything; names in their canonical form. */
export const differInNetworkAtMost = (before: EnrollmentSettings, after: EnrollmentSettings): boolean =>
  JSON.stringify(besidesNetwork(before)) === JSON.stringify(besidesNetwork(after))

const besidesNetwork = (settings: EnrollmentSettings): unknown =>
  bare({
    ...settings,
    networkConfiguration: null,
    csr: { ...settings.csr, cn: null, sans: requestedNames(settings).toSorted() },
  })
