import type { CertificateFacts, KeyAlgorithm } from '../../../src/domain/certificate/certificate.ts'
import type { Instant } from '../../../src/domain/time.ts'
import { Problem } from '../../../src/errors/problem.ts'
import type { CertificateReader } from '../../../src/ports/certificate-reader.ts'
import type { KeyMaterial } from '../../../src/ports/key-material.ts'
import type { Secrets } from '../../../src/ports/secrets.ts'
import type { UploadEntry, UploadReader, UploadReading } from '../../../src/ports/upload-reader.ts'
import { type Draws, digestOf } from './seeded.ts'

/** What a signing request of the simulation says, as JSON instead of DER: its readers are as strict as they need to be, and thousands of years are lived quickly. */
interface Request {
  readonly algorithm: KeyAlgorithm
  readonly key: string
  readonly names: readonly string[]
}

/** And what a certificate says. */
export interface Paper extends Request {
  readonly serial: string
  readonly notBefore: Instant
  readonly notAfter: Instant
}

const hexOf = (octets: Uint8Array): string => Buffer.from(octets).toString('hex')
const octetsOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'utf8'))

export const writePaper = (paper: Paper): string => JSON.stringify(paper)
export const readPaper = (text: string | Uint8Array): Paper =>
  JSON.parse(typeof text === 'string' ? text : Buffer.from(text).toString('utf8')) as Paper
export const readRequest = (signingRequest: string): Request => JSON.parse(signingRequest) as Request

const NOBODY = { cn: null, o: null, ou: null, l: null, st: null, c: null }

function factsOf(text: string | Uint8Array): CertificateFacts {
  const paper = readPaper(text)
  return {
    serialNumber: paper.serial,
    fingerprint: digestOf(writePaper(paper)),
    subject: { ...NOBODY, cn: paper.names[0] ?? null },
    issuer: { ...NOBODY, cn: 'Simulated CA' },
    dnsNames: paper.names,
    notBefore: paper.notBefore,
    notAfter: paper.notAfter,
    keyAlgorithm: paper.algorithm,
    keyBits: paper.algorithm === 'RSA' ? 2048 : 256,
    publicKeyFingerprint: paper.key,
    signatureHash: 'SHA-256',
    isAuthority: false,
    isSelfIssued: false,
    extendedKeyUsages: ['1.3.6.1.5.5.7.3.1'],
    ocspUris: [],
  }
}

export const simulatedReader: CertificateReader = {
  read: factsOf,
  split: (pem) => (pem === '' ? [] : [octetsOf(pem)]),
  toPem: (der) => Buffer.from(der).toString('utf8'),
  signingRequestKeyFingerprint: (request) => readRequest(request).key,
  publicKeyFingerprintIn: (text) => readRequest(text).key,
  verifyChain: () => ({ ok: true }),
}

/** Refuses what the real reader refuses: another key, what has expired, what is not valid yet. */
function readUpload(entry: UploadEntry, now: Instant): UploadReading {
  const { keyAlgorithm, certificate, signingRequestPem } = entry
  const refuse = (detail: string) =>
    new Problem('validation-error', { detail, errors: [{ field: entry.pointer, detail }] })
  if (certificate === null || signingRequestPem === null) throw refuse('there is nothing to upload it to')
  const leaf = factsOf(certificate)
  const request = readRequest(signingRequestPem)
  if (request.key !== leaf.publicKeyFingerprint) throw refuse('another key')
  if (leaf.notAfter <= now || leaf.notBefore > now) throw refuse('not valid now')
  const subject = { ...NOBODY, cn: request.names[0] ?? null }
  return {
    uploaded: {
      keyAlgorithm,
      signingRequest: { subject, dnsNames: request.names, publicKeyFingerprint: request.key },
      leaf,
      writtenDnsNames: leaf.dnsNames,
      signatureAlgorithm: '1.2.840.10045.4.3.2',
      chain: [],
      path: [],
      pathFault: null,
      roots: ['root'],
    },
    deployable: { certificatePem: certificate, chainPem: '' },
    asUploaded: { certificate, trustChain: null },
  }
}

export const simulatedUploads: UploadReader = {
  standardRoots: 'any',
  read: (entries, now) => entries.map((entry) => readUpload(entry, now)),
}

/** A key is a random text; its public half the hash of it. */
export const createSimulatedKeys = (draws: Draws): KeyMaterial => ({
  async generate(algorithm) {
    const privateKey = draws.bytes(8)
    return { algorithm, privateKey, publicKey: octetsOf(publicHalf(privateKey)) }
  },
  createSigningRequest: async ({ algorithm, privateKey }, _subject, names) =>
    JSON.stringify({ algorithm, key: publicHalf(privateKey), names } satisfies Request),
})

export const publicHalf = (privateKey: Uint8Array): string => digestOf(hexOf(privateKey))

/** Bound to what it belongs to, as the real ones are. */
export const simulatedSecrets: Secrets = {
  seal: (plain, { account, object }) => octetsOf(`${account} ${object} ${hexOf(plain)}`),
  open(sealed, { account, object }) {
    const [from, of, plain = ''] = Buffer.from(sealed).toString('utf8').split(' ')
    if (from !== account || of !== object) throw new Problem('secret-unreadable')
    return new Uint8Array(Buffer.from(plain, 'hex'))
  },
}
