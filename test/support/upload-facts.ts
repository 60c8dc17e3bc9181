import { CPS_LEAD_DAYS } from '../../src/domain/renewal/renewal-start.ts'
import type { CertificateFacts, DistinguishedName } from '../../src/domain/certificate/certificate.ts'
import type { UploadFacts, UploadedCertificate } from '../../src/domain/findings/third-party/upload-facts.ts'
import { DAY, instant, plus } from '../../src/domain/time.ts'

/** 2026-11-22. */
export const NOW = instant(1_795_305_600_000)

const SUBJECT: DistinguishedName = {
  cn: 'www.example',
  o: 'Example',
  ou: 'IT',
  l: 'Berlin',
  st: 'BE',
  c: 'DE',
}
const NAMELESS: DistinguishedName = { cn: null, o: null, ou: null, l: null, st: null, c: null }

export const sampleCertificate = (changed: Partial<CertificateFacts> = {}): CertificateFacts => ({
  serialNumber: '4a01',
  fingerprint: 'leaf',
  subject: SUBJECT,
  issuer: { ...NAMELESS, cn: 'Intermediate' },
  dnsNames: ['www.example', 'api.example'],
  notBefore: plus(NOW, -DAY),
  notAfter: plus(NOW, 90 * DAY),
  keyAlgorithm: 'RSA',
  keyBits: 2048,
  publicKeyFingerprint: 'key',
  signatureHash: 'SHA-256',
  isAuthority: false,
  isSelfIssued: false,
  extendedKeyUsages: [],
  ocspUris: [],
  ...changed,
})

export const sampleAuthority = (cn: string, changed: Partial<CertificateFacts> = {}): CertificateFacts =>
  sampleCertificate({
    fingerprint: cn.toLowerCase(),
    subject: { ...NAMELESS, cn },
    issuer: { ...NAMELESS, cn: 'Root' },
    dnsNames: [],
    notBefore: plus(NOW, -1_000 * DAY),
    notAfter: plus(NOW, 1_000 * DAY),
    publicKeyFingerprint: `key of ${cn}`,
    isAuthority: true,
    isSelfIssued: cn === 'Root',
    ...changed,
  })

/** An upload with nothing to say against it: one intermediate, below a standard root. */
export const sampleUpload = (changed: Partial<UploadedCertificate> = {}): UploadedCertificate => ({
  keyAlgorithm: 'RSA',
  signingRequest: { subject: SUBJECT, dnsNames: ['www.example', 'api.example'], publicKeyFingerprint: 'key' },
  leaf: sampleCertificate(),
  writtenDnsNames: changed.leaf?.dnsNames ?? ['www.example', 'api.example'],
  signatureAlgorithm: '1.2.840.113549.1.1.11',
  chain: [sampleAuthority('Intermediate')],
  path: [0],
  pathFault: null,
  roots: ['root'],
  ...changed,
})

export const sampleFacts = (
  upload: Partial<UploadedCertificate> = {},
  changed: Partial<UploadFacts> = {},
): UploadFacts => ({
  uploads: [sampleUpload(upload)],
  expectedAlgorithms: ['RSA'],
  requestedNames: ['www.example', 'api.example'],
  requestedSignatureHash: null,
  standardRoots: new Set(['root']),
  liveNames: ['www.example'],
  keysOfOthers: new Set(),
  leadDays: CPS_LEAD_DAYS,
  now: NOW,
  ...changed,
})
