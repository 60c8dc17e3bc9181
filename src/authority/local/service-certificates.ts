import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { DAY, type Instant, instant } from '../../domain/time.ts'
import { commonNameThatFits } from '../../pki/distinguished-name.ts'
import { issueCertificate } from '../../pki/issue.ts'
import { generateEcKey } from '../../pki/key-material.ts'
import { toPem } from '../../pki/pem.ts'
import { privateKeyPem } from '../../pki/private-key.ts'
import { PROFILES } from '../../pki/profiles.ts'
import type { Random } from '../../ports/random.ts'
import type { ServiceHierarchy } from './hierarchy.ts'

export interface ServiceCertificate {
  readonly certificatePem: string
  /** Empty: the service root signs directly, and a root is never sent. */
  readonly chainPem: string
  /** SEC1, in the clear: for the listener, not for a file. */
  readonly privateKeyPem: string
  readonly notAfter: Instant
}

export interface ServiceCertificateRequest {
  /** DNS names and IP addresses, at least one; the first DNS name becomes the common name. */
  readonly names: readonly string[]
  /** Real clock. */
  readonly now: Instant
}

const LIFETIME_MS = 90 * DAY

/** The API's own TLS certificate, with a new P-256 key. It points at no CRL: those live by the sandbox clock. */
export function issueServiceCertificate(
  { names, now }: ServiceCertificateRequest,
  { hierarchy, random }: { readonly hierarchy: ServiceHierarchy; readonly random: Random },
): ServiceCertificate {
  if (names.length === 0) throw new RangeError('a service certificate needs at least one name')
  const key = generateEcKey()
  const dnsNames = names.filter((name) => isIP(name) === 0)
  const certificate = issueCertificate(
    {
      profile: PROFILES.service,
      subject: { cn: commonNameThatFits(dnsNames[0] ?? null) },
      publicKey: key.publicKey,
      keyAlgorithm: 'ECDSA',
      dnsNames,
      ipAddresses: names.filter((name) => isIP(name) !== 0),
      at: now,
      lifetimeMs: LIFETIME_MS,
    },
    hierarchy.root,
    random,
  )
  return {
    certificatePem: toPem('CERTIFICATE', certificate),
    chainPem: '',
    privateKeyPem: privateKeyPem(key),
    notAfter: instant(Date.parse(new X509Certificate(certificate).validTo)),
  }
}
