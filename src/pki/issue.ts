import type { KeyAlgorithm } from '../domain/certificate/certificate.ts'
import { type Instant, SECOND, instant, plus } from '../domain/time.ts'
import type { Random } from '../ports/random.ts'
import { bitString, explicit, integer, sequence, time } from './der.ts'
import { type CertificateSubjectName, writeDistinguishedName } from './distinguished-name.ts'
import {
  authorityKeyIdentifier,
  basicConstraints,
  certificatePolicies,
  crlDistributionPoint,
  extendedKeyUsage,
  issuerLocation,
  keyIdentifierOf,
  keyUsage,
  subjectAltName,
  subjectKeyIdentifier,
} from './extensions.ts'
import type { Signer } from './private-key.ts'
import type { CertificateProfile } from './profiles.ts'

/** An authority, ready to sign. */
export interface Issuer {
  /** Name, DER. */
  readonly name: Uint8Array
  readonly keyIdentifier: Uint8Array
  readonly signer: Signer
  /** Nothing that it signs lives longer. */
  readonly notAfter: Instant
}

export interface CertificateRequest {
  readonly profile: CertificateProfile
  readonly subject: CertificateSubjectName
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array
  readonly keyAlgorithm: KeyAlgorithm
  readonly dnsNames?: readonly string[]
  readonly ipAddresses?: readonly string[]
  /** The moment of issuing; the certificate begins `profile.backdateMs` earlier. */
  readonly at: Instant
  /** From its beginning, both ends counted (RFC 5280 section 4.1.2.5). */
  readonly lifetimeMs: number
  /** Where the issuer's CRL and certificate are; null: no such extensions. */
  readonly crlUri?: string | null
  readonly issuerUri?: string | null
  /** Besides those of the profile; whole, DER. */
  readonly extensions?: readonly Uint8Array[]
}

/** A root: its own issuer, the name and the key being those of the request. DER. */
export function issueRoot(request: CertificateRequest, signer: Signer, random: Random): Buffer {
  const name = writeDistinguishedName(request.subject)
  const notAfter = endOf(request)
  return issueCertificate(
    request,
    { name, keyIdentifier: keyIdentifierOf(request.publicKey), signer, notAfter },
    random,
  )
}

/** RFC 5280 section 4.1. DER. */
export function issueCertificate(request: CertificateRequest, issuer: Issuer, random: Random): Buffer {
  const subject = writeDistinguishedName(request.subject)
  const notBefore = beginningOf(request)
  const notAfter = instant(Math.min(endOf(request), issuer.notAfter))
  if (notAfter <= notBefore) throw new RangeError('the issuing authority has expired')
  const unsigned = sequence(
    explicit(0, integer(2)),
    integer(serialNumber(random)),
    issuer.signer.algorithmIdentifier,
    issuer.name,
    sequence(time(notBefore), time(notAfter)),
    subject,
    request.publicKey,
    explicit(3, sequence(...extensionsOf(request, issuer, subject))),
  )
  return signed(unsigned, issuer.signer)
}

/** The frame that certificates, signing requests and CRLs share: content, algorithm, signature. */
export const signed = (content: Uint8Array, signer: Signer): Buffer =>
  sequence(content, signer.algorithmIdentifier, bitString(signer.sign(content)))

function extensionsOf(request: CertificateRequest, issuer: Issuer, subject: Uint8Array): Uint8Array[] {
  const { profile, dnsNames = [], ipAddresses = [], crlUri, issuerUri } = request
  const isNamed = dnsNames.length + ipAddresses.length > 0
  return [
    keyUsage(profile.keyUsages[request.keyAlgorithm]),
    ...(profile.extendedKeyUsages.length > 0 ? [extendedKeyUsage(profile.extendedKeyUsages)] : []),
    basicConstraints(profile.isAuthority, profile.pathLength),
    subjectKeyIdentifier(keyIdentifierOf(request.publicKey)),
    authorityKeyIdentifier(issuer.keyIdentifier),
    ...(issuerUri ? [issuerLocation(issuerUri)] : []),
    ...(isNamed ? [subjectAltName(dnsNames, ipAddresses, subject.length === 2)] : []),
    ...(profile.policies.length > 0 ? [certificatePolicies(profile.policies)] : []),
    ...(crlUri ? [crlDistributionPoint(crlUri)] : []),
    ...(request.extensions ?? []),
  ]
}

/** 16 octets, positive, never shorter: 126 random bits (BR section 7.1 asks for 64, RFC 5280 section 4.1.2.2 allows 20 octets). */
function serialNumber(random: Random): Uint8Array {
  const octets = Buffer.from(random.bytes(16))
  octets[0] = ((octets[0] ?? 0) & 0x3f) | 0x40
  return octets
}

/** Certificates know whole seconds only. */
const beginningOf = ({ at, profile }: CertificateRequest): Instant =>
  instant(Math.floor((at - profile.backdateMs) / SECOND) * SECOND)

const endOf = (request: CertificateRequest): Instant =>
  plus(beginningOf(request), request.lifetimeMs - SECOND)
