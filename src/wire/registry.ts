import { acknowledgementVersions } from './acknowledgement.ts'
import { activeCertificatesVersions } from './active-certificates.ts'
import { certificateUploadVersions } from './certificate-upload.ts'
import { changeManagementVersions } from './change-management/versions.ts'
import { changeVersions } from './change/versions.ts'
import { deploymentScheduleVersions } from './deployment-schedule.ts'
import { deploymentsVersions, deploymentVersions } from './deployment/versions.ts'
import { dvChallengesVersions } from './dv-challenges/versions.ts'
import { enrollmentsVersions, enrollmentVersions } from './enrollment/versions.ts'
import { certificateHistoryVersions } from './history/certificates.ts'
import { changeHistoryVersions } from './history/changes.ts'
import { dvHistoryVersions } from './history/validations.ts'
import { changeIdVersions, enrollmentLocationsVersions, enrollmentStatusVersions } from './references.ts'
import type { WireRow } from './row.ts'
import { signingRequestVersions } from './signing-requests.ts'
import { warningsVersions } from './warnings.ts'

/** Every (resource, version) that is spoken. Versions are per resource, not per API. */
export const REGISTRY: readonly WireRow[] = [
  enrollmentVersions,
  enrollmentsVersions,
  enrollmentLocationsVersions,
  enrollmentStatusVersions,
  changeVersions,
  changeIdVersions,
  deploymentScheduleVersions,
  acknowledgementVersions,
  dvChallengesVersions,
  warningsVersions,
  signingRequestVersions,
  certificateUploadVersions,
  changeManagementVersions,
  deploymentVersions,
  deploymentsVersions,
  dvHistoryVersions,
  certificateHistoryVersions,
  changeHistoryVersions,
  activeCertificatesVersions,
].flat()
