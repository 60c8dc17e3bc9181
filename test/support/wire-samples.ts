import { REGISTRY } from '../../src/wire/registry.ts'
import type { Encoding, WireRow } from '../../src/wire/row.ts'
import {
  CERTIFICATE_HISTORY,
  CHANGE_HISTORY,
  DV_HISTORY,
  FINDINGS,
  MANAGEMENT,
  SIGNING_REQUESTS,
} from './sample-lifecycle.ts'
import { CHALLENGES, CHANGE, DEPLOYMENT, SETTINGS, viewOf } from './sample-views.ts'

/** What each resource is encoded from, where it is encoded. Plain data: it stands in test/fixtures/cps/views.json as well. */
export const SAMPLE_VIEWS: Readonly<Record<string, unknown>> = {
  enrollment: viewOf(SETTINGS),
  enrollments: [viewOf(SETTINGS)],
  'enrollment-locations': [viewOf(SETTINGS)],
  'enrollment-status': { enrollmentId: CHANGE.enrollmentId, changeIds: [CHANGE.id] },
  change: CHANGE,
  'change-id': { enrollmentId: CHANGE.enrollmentId, changeId: CHANGE.id },
  'deployment-schedule': CHANGE.schedule,
  'dv-challenges': CHALLENGES,
  warnings: FINDINGS,
  csr: SIGNING_REQUESTS,
  'change-management-info': MANAGEMENT,
  deployment: DEPLOYMENT,
  deployments: { production: DEPLOYMENT, staging: null },
  'dv-history': DV_HISTORY,
  'certificate-history': CERTIFICATE_HISTORY,
  'change-history': CHANGE_HISTORY,
  'active-certificates': [{ enrollment: viewOf(SETTINGS), production: DEPLOYMENT, staging: null }],
}

/** What is only ever sent to us. */
export const SAMPLE_BODIES: Readonly<Record<string, unknown>> = {
  'acknowledgement.v1': { acknowledgement: 'acknowledge' },
  'acknowledgement-with-hash.v1': {
    acknowledgement: 'acknowledge',
    hash: 'da39a3ee5e6b4b0d3255bfef95601890afd80709',
  },
  'certificate-and-trust-chain.v1': {
    certificate: '-----BEGIN CERTIFICATE-----\nUlNB\n-----END CERTIFICATE-----\n',
    trustChain: '',
  },
  'certificate-and-trust-chain.v2': {
    certificatesAndTrustChains: [
      {
        certificate: '-----BEGIN CERTIFICATE-----\nRUNEU0E=\n-----END CERTIFICATE-----\n',
        keyAlgorithm: 'ECDSA',
        trustChain: '-----BEGIN CERTIFICATE-----\nY2hhaW4=\n-----END CERTIFICATE-----\n',
      },
      {
        certificate: '-----BEGIN CERTIFICATE-----\nUlNB\n-----END CERTIFICATE-----\n',
        keyAlgorithm: 'RSA',
        trustChain: null,
      },
    ],
  },
}

export const nameOf = ({ resource, version }: WireRow): string => `${resource}.v${version}`

export const ENCODINGS: readonly Encoding<unknown>[] = REGISTRY.filter(
  (row): row is Encoding<unknown> => 'encode' in row,
)
