import { X509Certificate } from 'node:crypto'
import type { CertificateFacts } from '../domain/certificate/certificate.ts'
import { instant } from '../domain/time.ts'
import type { CertificateReader } from '../ports/certificate-reader.ts'
import { certificateBlocks, malformedCertificate } from './certificate-blocks.ts'
import { verifyPath } from './certificate-path.ts'
import { type CertificateStructure, structureOf } from './certificate-structure.ts'
import { childOf, childrenOf, onlyElement, readObjectIdentifier } from './der-reader.ts'
import { readDistinguishedName } from './distinguished-name.ts'
import { readGeneralNames } from './general-names.ts'
import { publicKeyFingerprintIn } from './key-fingerprint.ts'
import { OID } from './object-identifiers.ts'
import { toPem } from './pem.ts'
import { fingerprintOf, publicKeyFacts } from './public-key.ts'
import { signatureHashOf } from './signature-hash.ts'
import { signingRequestPublicKey } from './signing-request-reader.ts'

export interface CertificateReaderLimits {
  /** Characters of PEM in one text. A hundred names, an RSA key and a chain of four need about 15,000. */
  readonly maxPemLength: number
  readonly maxCertificates: number
  readonly maxDerLength: number
}

/** For what people upload; a store of root certificates needs wider ones. */
export const UPLOAD_LIMITS: CertificateReaderLimits = {
  maxPemLength: 262_144,
  maxCertificates: 20,
  maxDerLength: 65_536,
}

const LABELS = ['CERTIFICATE', 'X509 CERTIFICATE']

export function createCertificateReader(limits: CertificateReaderLimits = UPLOAD_LIMITS): CertificateReader {
  const split = (pem: string): Buffer[] => splitPem(pem, limits)
  return {
    split,
    read(certificate) {
      const [der, ...others] =
        typeof certificate === 'string' ? split(certificate) : [Buffer.from(certificate)]
      if (der === undefined || others.length > 0)
        throw malformedCertificate('One certificate is expected here.')
      if (der.length > limits.maxDerLength)
        throw malformedCertificate(`A certificate has at most ${limits.maxDerLength} octets.`)
      return factsOf(der)
    },
    toPem: (der) => toPem('CERTIFICATE', der),
    signingRequestKeyFingerprint: (pem) => fingerprintOf(signingRequestPublicKey(pem)),
    publicKeyFingerprintIn,
    verifyChain: verifyPath,
  }
}

function splitPem(pem: string, limits: CertificateReaderLimits): Buffer[] {
  if (pem.length > limits.maxPemLength)
    throw malformedCertificate(`PEM text has at most ${limits.maxPemLength} characters.`)
  const blocks = certificateBlocks(pem, limits.maxCertificates)
  if (blocks.length === 0) throw malformedCertificate('No PEM certificate was found.')
  return blocks.map(({ label, der }) => {
    if (label.endsWith('PRIVATE KEY'))
      throw malformedCertificate('A private key stands among the certificates. It was not stored.')
    if (!LABELS.includes(label))
      throw malformedCertificate(`A PEM block of type ${label} stands among the certificates.`)
    if (der.length > limits.maxDerLength)
      throw malformedCertificate(`A certificate has at most ${limits.maxDerLength} octets.`)
    return der
  })
}

function factsOf(der: Buffer): CertificateFacts {
  const { certificate, structure } = parse(der)
  const key = publicKeyFacts(certificate.publicKey)
  if (key === null) throw malformedCertificate('The key is neither RSA nor ECDSA on P-256, P-384 or P-521.')
  return {
    serialNumber: certificate.serialNumber.toLowerCase(),
    fingerprint: fingerprintOf(der),
    subject: readDistinguishedName(structure.subject),
    issuer: readDistinguishedName(structure.issuer),
    ...namesAndPurposes(structure),
    notBefore: instant(Date.parse(certificate.validFrom)),
    notAfter: instant(Date.parse(certificate.validTo)),
    keyAlgorithm: key.algorithm,
    keyBits: key.bits,
    publicKeyFingerprint: fingerprintOf(certificate.publicKey.export({ format: 'der', type: 'spki' })),
    signatureHash: signatureHashOf(structure.signatureAlgorithm),
    isAuthority: certificate.ca,
    isSelfIssued: structure.subject.whole.equals(structure.issuer.whole),
  }
}

function parse(der: Buffer): { certificate: X509Certificate; structure: CertificateStructure } {
  try {
    const certificate = new X509Certificate(der)
    // OpenSSL reads lazily: the key and the dates fail only when they are asked for.
    if (certificate.publicKey.type !== 'public' || Number.isNaN(Date.parse(certificate.validTo)))
      throw new RangeError()
    const structure = structureOf(der)
    namesAndPurposes(structure)
    return { certificate, structure }
  } catch (cause) {
    throw malformedCertificate('This is not an X.509 certificate that can be read.', cause)
  }
}

type NamesAndPurposes = Pick<CertificateFacts, 'dnsNames' | 'extendedKeyUsages' | 'ocspUris'>

function namesAndPurposes({ extensions }: CertificateStructure): NamesAndPurposes {
  const valueOf = (oid: string): { content: Buffer } => {
    const found = extensions.get(oid)
    return found === undefined ? { content: Buffer.alloc(0) } : onlyElement(found.value)
  }
  return {
    dnsNames: readGeneralNames(valueOf(OID.subjectAltName)).dnsNames,
    extendedKeyUsages: childrenOf(valueOf(OID.extendedKeyUsage)).map(({ content }) =>
      readObjectIdentifier(content),
    ),
    ocspUris: childrenOf(valueOf(OID.authorityInformationAccess))
      .filter((access) => readObjectIdentifier(childOf(access, 0).content) === OID.ocsp)
      .flatMap((access) => readGeneralNames({ content: childOf(access, 1).whole }).uris),
  }
}
