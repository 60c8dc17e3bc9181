import type { KeyAlgorithm } from '../domain/certificate/certificate.ts'
import { structuralFaults } from '../domain/findings/structural.ts'
import type { UploadedCertificate } from '../domain/findings/third-party/upload-facts.ts'
import type { Instant } from '../domain/time.ts'
import { type FieldError, Problem } from '../errors/problem.ts'
import type { CertificateReader } from '../ports/certificate-reader.ts'
import type { UploadEntry, UploadReading } from '../ports/upload-reader.ts'
import { UPLOAD_LIMITS } from './certificate-reader.ts'
import { childOf, onlyElement, readObjectIdentifier } from './der-reader.ts'
import { OID } from './object-identifiers.ts'
import { type UploadLink, findUploadPath, uploadLink } from './upload-path.ts'
import { signingRequestFacts, writtenDnsNames } from './upload-signing-request.ts'

export interface UploadLimits {
  /** Characters of one text, looked at before anything is parsed. */
  readonly maxPemLength: number
  /** DER. Roots that may end a chain without standing in it. */
  readonly knownRoots: readonly Uint8Array[]
  /** SHA-256 of the roots under which the CA/Browser Forum's limits apply. */
  readonly publicRoots: ReadonlySet<string>
  /** Lifecycle clock. */
  readonly now: Instant
}

/** The default for `maxPemLength`. */
export const LONGEST_UPLOAD = UPLOAD_LIMITS.maxPemLength

/**
 * All entries of one upload. Entries without certificate and chain are passed over: a client sends what it has of a dual stack.
 * Throws `Problem('validation-error')` with every fault of every entry.
 */
export function readUploads(
  entries: readonly UploadEntry[],
  reader: CertificateReader,
  limits: UploadLimits,
): readonly UploadReading[] {
  const given = entries.filter(({ certificate, trustChain }) => !isBlank(certificate) || !isBlank(trustChain))
  const outcomes = (given.length === 0 ? entries : given).map((entry) => outcomeOf(entry, reader, limits))
  const errors = [
    ...doubles(given),
    ...outcomes.flatMap((outcome) => ('errors' in outcome ? outcome.errors : [])),
  ]
  if (entries.length === 0)
    errors.push(fault('/certificatesAndTrustChains', 'There is no certificate in it.'))
  if (errors.length > 0) throw new Problem('validation-error', { detail: errors[0]?.detail ?? '', errors })
  return outcomes.flatMap((outcome) => ('reading' in outcome ? [outcome.reading] : []))
}

/** One entry. Throws `Problem('validation-error')` that names each fault. */
export function readUpload(
  entry: UploadEntry,
  reader: CertificateReader,
  limits: UploadLimits,
): UploadReading {
  const [reading] = readUploads([entry], reader, limits)
  if (reading === undefined) throw new RangeError('an upload was neither read nor refused')
  return reading
}

type Outcome = { readonly errors: readonly FieldError[] } | { readonly reading: UploadReading }

const fault = (field: string, detail: string): FieldError => ({ field, detail })

const isBlank = (text: string | null): boolean => text === null || !/\S/.test(text)

const doubles = (entries: readonly UploadEntry[]): FieldError[] =>
  entries
    .filter(
      ({ keyAlgorithm }, index) => entries.findIndex((one) => one.keyAlgorithm === keyAlgorithm) < index,
    )
    .map(({ keyAlgorithm, pointer }) =>
      fault(`${pointer}/keyAlgorithm`, `There are two certificates for ${keyAlgorithm}.`),
    )

function outcomeOf(entry: UploadEntry, reader: CertificateReader, limits: UploadLimits): Outcome {
  const { pointer, keyAlgorithm, signingRequestPem } = entry
  const errors: FieldError[] = []
  const collect = <T>(field: string, read: () => T): T | null => {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'malformed-certificate') throw error
      errors.push(fault(`${pointer}${field}`, error.message))
      return null
    }
  }
  const leaf = collect('/certificate', () => readLeaf(entry.certificate, reader, limits))
  const chain = collect('/trustChain', () => readChain(entry.trustChain, reader, limits))
  if (signingRequestPem === null) {
    errors.push(
      fault(`${pointer}/keyAlgorithm`, `This change has no signing request with an ${keyAlgorithm} key.`),
    )
  }
  if (leaf === null || chain === null || signingRequestPem === null) return { errors }
  const uploaded = factsOf({ keyAlgorithm, signingRequestPem, leaf, chain }, reader, limits)
  const faults = structuralFaults(uploaded, limits)
  if (faults.length > 0) return { errors: faults.map((detail) => fault(`${pointer}/certificate`, detail)) }
  return { reading: readingOf(entry, leaf, chain, uploaded, reader) }
}

function readLeaf(text: string | null, reader: CertificateReader, limits: UploadLimits): UploadLink {
  if (text === null || isBlank(text)) throw malformed('The certificate is empty.')
  const ders = reader.split(bounded(text, limits))
  const [der] = ders
  if (der === undefined || ders.length > 1) {
    throw malformed(
      `One certificate is expected here, not ${ders.length}. Its issuers belong into trustChain.`,
    )
  }
  return uploadLink(der, reader)
}

function readChain(
  text: string | null,
  reader: CertificateReader,
  limits: UploadLimits,
): readonly UploadLink[] {
  if (text === null || isBlank(text)) return []
  return reader.split(bounded(text, limits)).map((der, index) => {
    try {
      return uploadLink(der, reader)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      throw malformed(`Certificate ${index + 1} of the chain: ${error.message}`)
    }
  })
}

/** It is stored as it came: what the database cannot hold as text is no text. */
function bounded(text: string, { maxPemLength }: UploadLimits): string {
  if (text.length > maxPemLength) throw malformed(`PEM text has at most ${maxPemLength} characters.`)
  if (/[\0\p{Cs}]/u.test(text))
    throw malformed('The text is not PEM: it has characters that text cannot have.')
  return text
}

interface ReadEntry {
  readonly keyAlgorithm: KeyAlgorithm
  readonly signingRequestPem: string
  readonly leaf: UploadLink
  readonly chain: readonly UploadLink[]
}

function factsOf(entry: ReadEntry, reader: CertificateReader, limits: UploadLimits): UploadedCertificate {
  const { keyAlgorithm, signingRequestPem, leaf, chain } = entry
  const { extensions, signatureAlgorithm } = leaf.structure
  const names = extensions.get(OID.subjectAltName)
  return {
    keyAlgorithm,
    signingRequest: signingRequestFacts(signingRequestPem),
    leaf: leaf.facts,
    writtenDnsNames: names === undefined ? [] : writtenDnsNames(onlyElement(names.value)),
    signatureAlgorithm: readObjectIdentifier(childOf(signatureAlgorithm, 0).content),
    chain: chain.map(({ facts }) => facts),
    ...findUploadPath({ leaf, chain, knownRoots: limits.knownRoots, now: limits.now }, reader),
  }
}

function readingOf(
  { certificate, trustChain }: UploadEntry,
  leaf: UploadLink,
  chain: readonly UploadLink[],
  uploaded: UploadedCertificate,
  reader: CertificateReader,
): UploadReading {
  const deployed = uploaded.path
    .flatMap((place) => chain[place] ?? [])
    .filter(({ isSelfSigned }) => !isSelfSigned)
  return {
    uploaded,
    deployable: {
      certificatePem: reader.toPem(leaf.der),
      chainPem: deployed.map(({ der }) => reader.toPem(der)).join(''),
    },
    asUploaded: { certificate: certificate ?? '', trustChain },
  }
}

const malformed = (detail: string): Problem => new Problem('malformed-certificate', { detail })
