import { createHash } from 'node:crypto'
import { validityDays } from '../../domain/certificate/validity.ts'
import { organizationIdentity } from '../../domain/enrollment/organization.ts'
import type { IssuingProfile } from '../../domain/policy/rules.ts'
import { DAY, type Instant } from '../../domain/time.ts'
import { type CertificateSubjectName, commonNameThatFits } from '../../pki/distinguished-name.ts'
import { issueCertificate } from '../../pki/issue.ts'
import { toPem } from '../../pki/pem.ts'
import { PROFILES } from '../../pki/profiles.ts'
import { publicKeyFacts } from '../../pki/public-key.ts'
import type { SigningRequestFacts } from '../../pki/signing-request-reader.ts'
import type { IssuedCertificate } from '../../ports/certificate-authority.ts'
import type { Random } from '../../ports/random.ts'
import type { SandboxHierarchy } from './hierarchy.ts'
import type { LocalOrder } from './orders.ts'

export interface LeafDeps {
  readonly hierarchy: SandboxHierarchy
  readonly random: Random
  /** By which DV certificates are issued. */
  readonly profile: IssuingProfile
  /** Where `NAME.crl` and `NAME.cer` can be fetched, without a slash at the end; null: certificates do not point at them. */
  readonly authorityUrl: string | null
}

/** The certificate of an order: its names, the request's key, nothing else of the request. */
export function issueLeaf(
  order: LocalOrder,
  request: SigningRequestFacts,
  at: Instant,
  { hierarchy, random, authorityUrl, profile }: LeafDeps,
): IssuedCertificate {
  const { intermediate } = hierarchy
  const published = authorityUrl === null ? null : `${authorityUrl}/${intermediate.authorityName}`
  const der = issueCertificate(
    {
      profile: PROFILES[order.validationType],
      subject: subjectOf(order),
      publicKey: request.publicKey,
      keyAlgorithm: publicKeyFacts(request.key)?.algorithm ?? 'ECDSA',
      dnsNames: order.identifiers,
      at,
      lifetimeMs: validityDays(order.validationType, at, profile) * DAY,
      crlUri: published && `${published}.crl`,
      issuerUri: published && `${published}.cer`,
    },
    intermediate,
    random,
  )
  return { certificatePem: toPem('CERTIFICATE', der), chainPem: intermediate.certificatePem }
}

/**
 * The first identifier is the common name where it fits (BR section 7.1.4.3: it is one of the names). DV says no more; OV and EV say
 * what was vetted, but never an OU (BR section 7.1.2.7.4, forbidden since September 2022).
 */
function subjectOf({ validationType, subject, identifiers }: LocalOrder): CertificateSubjectName {
  const cn = commonNameThatFits(identifiers[0] ?? null)
  if (validationType === 'dv') return { cn }
  const organization = { ...subject, cn, ou: null }
  return validationType === 'ev' ? { ...registration(subject), ...organization } : organization
}

/** What EV says besides (EV Guidelines section 7.1.4.2): in a sandbox nobody looks into a register, so the number is made from the name, always the same one. */
const registration = ({ o, c }: CertificateSubjectName): CertificateSubjectName => ({
  cn: null,
  businessCategory: 'Private Organization',
  jurisdictionCountry: c ?? null,
  serialNumber: createHash('sha256')
    .update(organizationIdentity({ name: o ?? null, country: c ?? null }))
    .digest('hex')
    .slice(0, 10)
    .toUpperCase(),
})
