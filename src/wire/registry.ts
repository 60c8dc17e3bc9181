import { acknowledgementVersions, acknowledgementWithHashVersions } from './acknowledgement.ts'
import { changeVersions } from './change/versions.ts'
import { deploymentsVersions, deploymentVersions } from './deployment/versions.ts'
import { dvChallengesVersions } from './dv-challenges/versions.ts'
import { enrollmentsVersions, enrollmentVersions } from './enrollment/versions.ts'
import { changeIdVersions, enrollmentStatusVersions } from './references.ts'
import type { WireRow } from './row.ts'

/** Every (resource, version) that is spoken. Versions are per resource, not per API. */
export const REGISTRY: readonly WireRow[] = [
  enrollmentVersions,
  enrollmentsVersions,
  enrollmentStatusVersions,
  changeVersions,
  changeIdVersions,
  acknowledgementVersions,
  acknowledgementWithHashVersions,
  dvChallengesVersions,
  deploymentVersions,
  deploymentsVersions,
].flat()
