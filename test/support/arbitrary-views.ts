import fc from 'fast-check'
import type {
  CertificateHistoryEntry,
  ChangeHistoryEntry,
  ChangeManagementView,
  ChangeView,
  DeployedCertificateView,
  DeploymentView,
  EnrollmentView,
  HistoricCertificateView,
  NameValidationView,
  PendingCertificateView,
} from '../../src/app/views.ts'
import { CHANGE_ACTIONS, CHANGE_STATES, CHANGE_STATUSES } from '../../src/domain/change/vocabulary.ts'
import { changeId, contractId, enrollmentId } from '../../src/domain/identifiers.ts'
import { type Instant, instant } from '../../src/domain/time.ts'
import { anySettings } from './arbitrary-enrollments.ts'

/** Whatever a version may have to show, resource by resource: members absent, empty, many, with any text. */

export const anyTime: fc.Arbitrary<Instant> = fc
  .integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2099, 0, 1) })
  .map((at) => instant(at))
const timeOrNull = fc.option(anyTime)
const text = fc.string({ unit: 'grapheme', maxLength: 30 })
const textOrNull = fc.option(text)
const words = fc.array(text, { maxLength: 3 })
const keyAlgorithm = fc.constantFrom('RSA', 'ECDSA')
const hash = fc.constantFrom('SHA-1', 'SHA-256', null)
const ids = {
  // From a sequence, so never zero (the answer schemas say so).
  enrollmentId: fc.integer({ min: 1 }).map((id) => enrollmentId(id)),
  changeId: fc.integer({ min: 1 }).map((id) => changeId(id)),
}
const ra = fc.constantFrom('lets-encrypt', 'symantec', 'third-party')
const certificateType = fc.constantFrom('san', 'single', 'wildcard', 'wildcard-san', 'third-party')
const network = anySettings.map(({ networkConfiguration }) => networkConfiguration)
const slots = fc.array(fc.nat(), { maxLength: 2 })

const enrollment: fc.Arbitrary<EnrollmentView> = fc.record({
  id: ids.enrollmentId,
  contractId: fc.constant(contractId('C-1')),
  settings: anySettings,
  assignedSlots: slots,
  stagingSlots: slots,
  productionSlots: slots,
  autoRenewalStartTime: timeOrNull,
  pendingChanges: fc.array(
    fc.record({ changeId: ids.changeId, action: fc.constantFrom(...CHANGE_ACTIONS) }),
    { maxLength: 1 },
  ),
})

const change: fc.Arbitrary<ChangeView> = fc.record({
  id: ids.changeId,
  enrollmentId: ids.enrollmentId,
  action: fc.constantFrom(...CHANGE_ACTIONS),
  status: fc.constantFrom(...CHANGE_STATUSES),
  state: fc.constantFrom(...CHANGE_STATES),
  error: fc.option(fc.record({ code: text, description: text, at: anyTime })),
  schedule: fc.record({ notBefore: timeOrNull, notAfter: timeOrNull }),
})

const deployed: fc.Arbitrary<DeployedCertificateView> = fc.record({
  certificatePem: text,
  chainPem: textOrNull,
  keyAlgorithm,
  signatureAlgorithm: hash,
  expiry: anyTime,
  serialNumber: text,
  ocspUris: words,
})

const deployment: fc.Arbitrary<DeploymentView> = fc.record({
  network: fc.constantFrom('staging', 'production'),
  primary: fc.option(deployed),
  multiStacked: fc.array(deployed, { maxLength: 1 }),
  settings: network,
  servedNames: words,
  certificateType,
  ra,
})

const pending: fc.Arbitrary<PendingCertificateView> = fc.record({
  certificateType,
  fullCertificatePem: text,
  keyAlgorithm,
  signatureAlgorithm: hash,
  ocspStapled: fc.boolean(),
  ocspUris: words,
})

const findings = fc.array(fc.record({ id: text, text }), { maxLength: 3 })

const management: fc.Arbitrary<ChangeManagementView> = fc.record({
  acknowledgementDeadline: timeOrNull,
  pendingCertificates: fc.array(pending, { maxLength: 2 }),
  pendingSettings: network,
  errors: findings,
  warnings: findings,
  hash: fc.stringMatching(/^[0-9a-f]{40}$/),
})

const historic: fc.Arbitrary<HistoricCertificateView> = fc.record({
  certificatePem: textOrNull,
  chainPem: textOrNull,
  keyAlgorithm,
  expiry: timeOrNull,
  signingRequestPem: textOrNull,
})

const changeEntry: fc.Arbitrary<ChangeHistoryEntry> = fc.record({
  action: fc.constantFrom(
    'import-certificate',
    'renew',
    'new-certificate',
    'modify-san',
    'update-network-configuration',
  ),
  actionDescription: text,
  status: fc.constantFrom('incomplete', 'cancelled', 'completed'),
  createdBy: text,
  createdOn: anyTime,
  lastUpdated: timeOrNull,
  ra,
  primary: fc.option(historic),
  multiStacked: fc.array(historic, { maxLength: 1 }),
  orderId: fc.option(fc.oneof(text, fc.nat().map(String))),
})

const certificateEntry: fc.Arbitrary<CertificateHistoryEntry> = fc.record({
  certificateType,
  productionActive: fc.boolean(),
  stagingActive: fc.boolean(),
  geography: fc.constantFrom('core', 'china+core', 'russia+core'),
  ra,
  slots,
  primary: fc.option(historic),
  multiStacked: fc.array(historic, { maxLength: 1 }),
})

const record = fc.record({
  hostname: text,
  port: fc.nat().map(String),
  url: text,
  authorities: words,
  resolvedIp: words,
  triedIp: text,
  usedIp: text,
})

const validation: fc.Arbitrary<NameValidationView> = fc.record({
  domain: fc.constantFrom('www.example.com', '*.example.com'),
  status: fc.constantFrom('preparing', 'awaiting', 'checking', 'failed-look', 'valid', 'expired', 'invalid'),
  error: textOrNull,
  requestedAt: anyTime,
  validatedAt: timeOrNull,
  expires: timeOrNull,
  challenges: fc.uniqueArray(
    fc.record({
      type: fc.constantFrom('http-01', 'dns-01'),
      status: fc.constantFrom('pending', 'valid', 'invalid', 'expired'),
      token: text,
      keyAuthorization: text,
      error: textOrNull,
      records: fc.array(record, { maxLength: 2 }),
    }),
    { maxLength: 2, selector: ({ type }) => type },
  ),
})

const several = <T>(one: fc.Arbitrary<T>) => fc.array(one, { maxLength: 2 })

export const ANY_VIEW: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  enrollment,
  enrollments: several(enrollment),
  'enrollment-locations': several(enrollment),
  'enrollment-status': fc.record({ enrollmentId: ids.enrollmentId, changeIds: several(ids.changeId) }),
  change,
  'change-id': fc.record(ids),
  'deployment-schedule': fc.record({ notBefore: timeOrNull, notAfter: timeOrNull }),
  'dv-challenges': several(validation),
  warnings: findings,
  csr: several(fc.record({ keyAlgorithm, pem: text })),
  'change-management-info': management,
  deployment,
  deployments: fc.record({ production: fc.option(deployment), staging: fc.option(deployment) }),
  'dv-history': several(fc.record({ domain: text, generations: several(validation) })),
  'certificate-history': several(certificateEntry),
  'change-history': several(changeEntry),
  'active-certificates': several(
    fc.record({ enrollment, production: fc.option(deployment), staging: fc.option(deployment) }),
  ),
}
