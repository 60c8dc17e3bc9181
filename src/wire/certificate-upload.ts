import { z } from 'zod'
import type { CertificateUpload } from '../app/use-cases.ts'
import type { FieldError } from '../errors/problem.ts'
import { cannotBeTaken, decodeBody } from './decode-body.ts'
import { type Decoding, mediaTypeOf } from './row.ts'

export interface ReceivedUploads {
  readonly uploads: readonly CertificateUpload[]
  /** JSON pointers, in the body that was sent, of the objects that hold the uploads. */
  readonly pointers: readonly string[]
}

interface Entry {
  readonly pointer: string
  readonly keyAlgorithm: CertificateUpload['keyAlgorithm']
  readonly certificate?: string | null | undefined
  readonly trustChain?: string | null | undefined
}

const SUBJECT = 'upload'
/** Where the newest version keeps its entries; faults that use cases find are told in these terms. */
export const NEWEST_ENTRIES = '/certificatesAndTrustChains'

/** Whatever else is wrong with a PEM is found by reading it; these characters no text may hold. */
const pem = z
  .string()
  .refine((text) => !/[\0\p{Surrogate}]/u.test(text), { error: 'holds characters that no PEM may hold' })
  .nullish()

const single = z.object({ certificate: pem, trustChain: pem })
const listed = z.object({
  certificatesAndTrustChains: z
    .array(
      z.object({
        certificate: pem,
        keyAlgorithm: z.enum(['RSA', 'ECDSA'], { error: 'must be RSA or ECDSA' }),
        trustChain: pem,
      }),
    )
    .max(2, { error: 'holds at most one certificate of each key algorithm' }),
})

/** CPS API: CertificateAndTrustChain. Texts stay as they came: clients compare them as text (spec: clients D2.7). */
export const certificateUploadVersions: readonly Decoding<ReceivedUploads>[] = [
  {
    resource: 'certificate-and-trust-chain',
    version: 2,
    mediaType: mediaTypeOf('certificate-and-trust-chain', 2),
    schema: listed,
    decode: (sent) =>
      received(
        decodeBody(listed, sent, SUBJECT).certificatesAndTrustChains.map((entry, index) => ({
          ...entry,
          pointer: `${NEWEST_ENTRIES}/${index}`,
        })),
        NEWEST_ENTRIES,
      ),
  },
  {
    resource: 'certificate-and-trust-chain',
    version: 1,
    mediaType: mediaTypeOf('certificate-and-trust-chain', 1),
    schema: single,
    // Its signing request, csr.v1, is the RSA one.
    decode: (sent) =>
      received([{ ...decodeBody(single, sent, SUBJECT), keyAlgorithm: 'RSA', pointer: '' }], '/certificate'),
  },
]

/** An entry without certificate and chain is passed over: clients send the half of a dual stack that they have. */
function received(entries: readonly Entry[], whole: string): ReceivedUploads {
  const given = entries.filter(({ certificate, trustChain }) => !isBlank(certificate) || !isBlank(trustChain))
  const errors = faultsOf(given)
  if (given.length === 0) errors.push({ field: whole, detail: 'holds no certificate' })
  if (errors.length > 0) throw cannotBeTaken(SUBJECT, errors)
  return {
    uploads: given.map(({ keyAlgorithm, certificate, trustChain }) => ({
      keyAlgorithm,
      certificate: certificate ?? '',
      trustChain: isBlank(trustChain) ? null : (trustChain ?? null),
    })),
    pointers: given.map(({ pointer }) => pointer),
  }
}

function faultsOf(given: readonly Entry[]): FieldError[] {
  const seen = new Set<string>()
  return given.flatMap(({ pointer, certificate, keyAlgorithm }) => {
    const errors: FieldError[] = []
    if (isBlank(certificate))
      errors.push({ field: `${pointer}/certificate`, detail: 'is required beside a trustChain' })
    if (seen.has(keyAlgorithm))
      errors.push({
        field: `${pointer}/keyAlgorithm`,
        detail: `there is another ${keyAlgorithm} certificate before it`,
      })
    seen.add(keyAlgorithm)
    return errors
  })
}

const isBlank = (text: string | null | undefined): boolean => (text ?? '').trim() === ''
