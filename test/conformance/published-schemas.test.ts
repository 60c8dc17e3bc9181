import { describe, expect, it } from 'vitest'
import { changeManagementVersions } from '../../src/wire/change-management/versions.ts'
import { changeVersions } from '../../src/wire/change/versions.ts'
import { deploymentScheduleVersions } from '../../src/wire/deployment-schedule.ts'
import { deploymentsVersions, deploymentVersions } from '../../src/wire/deployment/versions.ts'
import { dvChallengesVersions } from '../../src/wire/dv-challenges/versions.ts'
import { enrollmentsVersions, enrollmentVersions } from '../../src/wire/enrollment/versions.ts'
import { certificateHistoryVersions } from '../../src/wire/history/certificates.ts'
import { changeHistoryVersions } from '../../src/wire/history/changes.ts'
import { dvHistoryVersions } from '../../src/wire/history/validations.ts'
import {
  changeIdVersions,
  enrollmentLocationsVersions,
  enrollmentStatusVersions,
} from '../../src/wire/references.ts'
import type { Encoding } from '../../src/wire/row.ts'
import { signingRequestVersions } from '../../src/wire/signing-requests.ts'
import { warningsVersions } from '../../src/wire/warnings.ts'
import { isKnownDeviation, PUBLISHED_DEVIATIONS } from '../support/published-deviations.ts'
import { arePublishedSchemasHere, isPublished, publishedFaults } from '../support/published-schemas.ts'
import {
  CERTIFICATE_HISTORY,
  CHANGE_HISTORY,
  DV_HISTORY,
  FINDINGS,
  MANAGEMENT,
  SIGNING_REQUESTS,
} from '../support/sample-lifecycle.ts'
import { CHALLENGES, CHANGE, DEPLOYMENT, SETTINGS, viewOf } from '../support/sample-views.ts'

const wire = { spelling: 'coodinate', challengeRedirectBase: 'http://127.0.0.1:8080' } as const

interface Sample {
  readonly name: string
  readonly resource: string
  readonly version: number
  readonly body: unknown
}

const samplesOf = <View>(name: string, rows: readonly Encoding<View>[], view: View): readonly Sample[] =>
  rows
    .filter(({ resource, version }) => isPublished(resource, version))
    .map((row) => ({
      name,
      resource: row.resource,
      version: row.version,
      body: JSON.parse(JSON.stringify(row.encode(view, wire))),
    }))

/** An enrollment that was created with an `orgId` and little else: as many nulls as there can be. */
const bare = {
  ...SETTINGS,
  signatureAlgorithm: null,
  csr: {
    cn: 'a.example.com',
    c: null,
    st: null,
    l: null,
    o: null,
    ou: null,
    sans: [],
    preferredTrustChain: null,
  },
  networkConfiguration: {
    ...SETTINGS.networkConfiguration,
    sniOnly: false,
    dnsNameSettings: null,
    clientMutualAuthentication: null,
    disallowedTlsVersions: [],
  },
  org: {
    name: null,
    addressLineOne: null,
    addressLineTwo: null,
    city: null,
    region: null,
    postalCode: null,
    country: null,
    phone: null,
  },
}

const samples: readonly Sample[] = [
  ...samplesOf('full', enrollmentVersions, viewOf(SETTINGS)),
  ...samplesOf('bare', enrollmentVersions, {
    ...viewOf(bare),
    autoRenewalStartTime: null,
    pendingChanges: [],
  }),
  ...samplesOf('two', enrollmentsVersions, [viewOf(SETTINGS), viewOf(bare)]),
  ...samplesOf('none', enrollmentsVersions, []),
  ...samplesOf('started', enrollmentStatusVersions, {
    enrollmentId: CHANGE.enrollmentId,
    changeIds: [CHANGE.id],
  }),
  ...samplesOf('change', changeIdVersions, { enrollmentId: CHANGE.enrollmentId, changeId: CHANGE.id }),
  ...samplesOf('waiting', changeVersions, CHANGE),
  ...samplesOf('failed', changeVersions, {
    ...CHANGE,
    state: 'error',
    error: { code: 'x', description: 'y', at: CHANGE.schedule.notBefore ?? (0 as never) },
  }),
  ...samplesOf('challenges', dvChallengesVersions, CHALLENGES),
  ...samplesOf('dual', deploymentVersions, DEPLOYMENT),
  ...samplesOf('no SNI', deploymentVersions, {
    ...DEPLOYMENT,
    multiStacked: [],
    settings: bare.networkConfiguration,
  }),
  ...samplesOf('one of two', deploymentsVersions, { production: null, staging: DEPLOYMENT }),
  ...samplesOf('schedule', deploymentScheduleVersions, CHANGE.schedule),
  ...samplesOf('locations', enrollmentLocationsVersions, [viewOf(SETTINGS)]),
  ...samplesOf('warnings', warningsVersions, FINDINGS),
  ...samplesOf('two requests', signingRequestVersions, SIGNING_REQUESTS),
  ...samplesOf('no RSA request', signingRequestVersions, SIGNING_REQUESTS.slice(0, 1)),
  ...samplesOf('dual', changeManagementVersions, MANAGEMENT),
  ...samplesOf('network only', changeManagementVersions, {
    ...MANAGEMENT,
    acknowledgementDeadline: null,
    pendingCertificates: [],
    pendingSettings: bare.networkConfiguration,
    warnings: [],
  }),
  ...samplesOf('names', dvHistoryVersions, DV_HISTORY),
  ...samplesOf('live and gone', certificateHistoryVersions, CERTIFICATE_HISTORY),
  ...samplesOf('three changes', changeHistoryVersions, CHANGE_HISTORY),
]

const faultsOf = ({ resource, version, body }: Sample): readonly string[] =>
  publishedFaults(resource, version, body).map((fault) => `${resource}.v${version} ${fault}`)

describe.skipIf(!arePublishedSchemasHere())(
  'the published schemas (../shared/reference/cps-v2 where present)',
  () => {
    let faults: readonly string[] | undefined

    it.each(samples)('$resource, version $version, has nothing against: $name', (sample) => {
      expect(faultsOf(sample).filter((fault) => !isKnownDeviation(fault))).toEqual([])
    })

    it.each(PUBLISHED_DEVIATIONS)('differ from us still where %s says so: %s', (known) => {
      faults ??= samples.flatMap(faultsOf)
      expect(faults.some((fault) => known.test(fault))).toBe(true)
    })

    it('do object to what is wrong', () => {
      expect(publishedFaults('change', 2, { statusInfo: { state: 'odd' } })).toEqual(
        expect.arrayContaining([' required', '/statusInfo required', '/statusInfo/state enum']),
      )
      expect(publishedFaults('enrollment', 7, { surprise: 1 })).toContain(' additionalProperties surprise')
    })

    it('cover every version that must be there and has a schema', () => {
      const covered = new Set(samples.map(({ resource, version }) => `${resource}.v${version}`))
      for (const needed of [
        'enrollment.v11',
        'enrollments.v4',
        'enrollments.v11',
        'change.v1',
        'change.v2',
        'deployment.v3',
        'deployment.v7',
        'deployments.v7',
        'dv-challenges.v1',
        'dv-challenges.v2',
        'deployment-schedule.v1',
        'warnings.v1',
        'csr.v1',
        'csr.v2',
        'change-management-info.v1',
        'change-management-info.v2',
        'change-management-info.v4',
        'change-management-info.v5',
        'dv-history.v1',
        'certificate-history.v1',
        'certificate-history.v2',
        'change-history.v3',
        'change-history.v5',
      ])
        expect(covered).toContain(needed)
    })
  },
)
