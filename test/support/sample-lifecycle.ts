import type {
  AuditEntryView,
  CertificateHistoryEntry,
  ChangeHistoryEntry,
  ChangeManagementView,
  DvHistoryView,
  FindingView,
  HistoricCertificateView,
  SigningRequestView,
} from '../../src/app/views.ts'
import type { KeyAlgorithm } from '../../src/domain/certificate/certificate.ts'
import { accountId } from '../../src/domain/identifiers.ts'
import { DAY, instant, plus } from '../../src/domain/time.ts'
import { CHALLENGES, SETTINGS } from './sample-views.ts'

export const AT = instant(Date.UTC(2026, 0, 2, 3, 4, 5))

/** With carriage returns and an empty line: whoever re-writes PEM changes it. */
export const pemOf = (label: string): string =>
  `-----BEGIN CERTIFICATE-----\r\n${label}\r\n-----END CERTIFICATE-----\r\n\r\n`

export const SIGNING_REQUESTS: readonly SigningRequestView[] = [
  { keyAlgorithm: 'ECDSA', pem: '-----BEGIN CERTIFICATE REQUEST-----\nECDSA\n' },
  { keyAlgorithm: 'RSA', pem: '-----BEGIN CERTIFICATE REQUEST-----\nRSA\n' },
]

export const FINDINGS: readonly FindingView[] = [
  { id: 'CERTIFICATE_EXPIRED', text: 'The first.' },
  { id: 'CERTIFICATE_SELF_SIGNED', text: 'The second, over\ntwo lines.' },
]

const pending = (keyAlgorithm: KeyAlgorithm) => ({
  certificateType: 'third-party' as const,
  fullCertificatePem: pemOf(keyAlgorithm),
  keyAlgorithm,
  signatureAlgorithm: 'SHA-256' as const,
  ocspStapled: true,
  ocspUris: ['http://ocsp.example.com'],
})

export const MANAGEMENT: ChangeManagementView = {
  acknowledgementDeadline: AT,
  pendingCertificates: [pending('ECDSA'), pending('RSA')],
  pendingSettings: SETTINGS.networkConfiguration,
  errors: [],
  warnings: FINDINGS,
  hash: 'da39a3ee5e6b4b0d3255bfef95601890afd80709',
}

const historic = (keyAlgorithm: KeyAlgorithm): HistoricCertificateView => ({
  certificatePem: pemOf(keyAlgorithm),
  chainPem: null,
  keyAlgorithm,
  expiry: AT,
  signingRequestPem: `CSR ${keyAlgorithm}`,
})

const entry: ChangeHistoryEntry = {
  action: 'renew',
  actionDescription: 'Renew Certificate',
  status: 'completed',
  createdBy: 'pipeline',
  createdOn: AT,
  lastUpdated: plus(AT, DAY),
  ra: 'third-party',
  primary: historic('ECDSA'),
  multiStacked: [historic('RSA')],
  orderId: '4711',
}

/** Newest first: one with everything, one without certificate yet, one that came to nothing. */
export const CHANGE_HISTORY: readonly ChangeHistoryEntry[] = [
  entry,
  {
    ...entry,
    status: 'incomplete',
    orderId: 'https://ca.example/order/a1',
    primary: { ...historic('RSA'), certificatePem: null, expiry: null },
    multiStacked: [],
  },
  {
    ...entry,
    action: 'new-certificate',
    status: 'cancelled',
    lastUpdated: null,
    orderId: null,
    primary: null,
    multiStacked: [],
  },
]

export const CERTIFICATE_HISTORY: readonly CertificateHistoryEntry[] = [
  {
    certificateType: 'third-party',
    productionActive: true,
    stagingActive: true,
    geography: 'core',
    ra: 'third-party',
    slots: [7],
    primary: historic('ECDSA'),
    multiStacked: [historic('RSA')],
  },
  {
    certificateType: 'third-party',
    productionActive: false,
    stagingActive: false,
    geography: 'core',
    ra: 'third-party',
    slots: [],
    primary: historic('RSA'),
    multiStacked: [],
  },
]

export const DV_HISTORY: readonly DvHistoryView[] = [
  {
    domain: 'www.example.com',
    generations: CHALLENGES.flatMap((generation) => [
      generation,
      { ...generation, status: 'expired' as const, requestedAt: plus(AT, -7 * DAY) },
    ]),
  },
  {
    domain: '*.example.com',
    generations: CHALLENGES.map((generation) => ({
      ...generation,
      domain: '*.example.com',
      status: 'valid' as const,
    })),
  },
]

export const auditEntry = (id: number): AuditEntryView => ({
  id,
  realAt: AT,
  lifecycleAt: plus(AT, DAY),
  accountId: accountId('A-1'),
  actor: 'pipeline',
  source: '127.0.0.1',
  action: 'acknowledge-change-management',
  object: 'change 10002',
  digestBefore: null,
  digestAfter: 'ab',
  detail: { hash: 'cd' },
  previousHash: '00',
  hash: '11',
})
