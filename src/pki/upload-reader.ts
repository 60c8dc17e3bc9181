import { rootCertificates } from 'node:tls'
import type { StandardRoots } from '../domain/findings/third-party/upload-facts.ts'
import type { UploadReader } from '../ports/upload-reader.ts'
import { createCertificateReader } from './certificate-reader.ts'
import { fingerprintOf } from './public-key.ts'
import { LONGEST_UPLOAD, readUploads } from './upload.ts'

export interface UploadReaderOptions {
  /** DER, any order: may end a chain without standing in it. */
  readonly knownRoots: readonly Uint8Array[]
  readonly standardRoots: StandardRoots
}

/** A store of root certificates is longer than what people upload. */
const STORE_LIMITS = { maxPemLength: 16_777_216, maxCertificates: 10_000, maxDerLength: 65_536 }

/** The certificates of a PEM store, as DER, each once. Throws `Problem('malformed-certificate')`. */
export function readRootStore(pem: string): readonly Uint8Array[] {
  const ders = createCertificateReader(STORE_LIMITS).split(pem)
  return [...new Map(ders.map((der) => [fingerprintOf(der), der])).values()]
}

export const fingerprintsOf = (ders: readonly Uint8Array[]): ReadonlySet<string> =>
  new Set(ders.map(fingerprintOf))

/**
 * Public roots, to which the CA/Browser Forum's limits apply, are those that Node brings (Mozilla's). The system's store would not do: a company that
 * adds its own root there may sign for as long as it likes.
 */
export function createUploadReader({ knownRoots, standardRoots }: UploadReaderOptions): UploadReader {
  const reader = createCertificateReader()
  const publicOnes = readRootStore(rootCertificates.join('\n'))
  const publicRoots = fingerprintsOf(publicOnes)
  const known = [...publicOnes, ...knownRoots.filter((root) => !publicRoots.has(fingerprintOf(root)))]
  return {
    standardRoots,
    read: (entries, now) =>
      readUploads(entries, reader, {
        maxPemLength: LONGEST_UPLOAD,
        knownRoots: known,
        publicRoots,
        now,
      }),
  }
}
