import { Problem } from '../errors/problem.ts'
import { type PemBlock, PemError, pemBlocks } from './pem.ts'

/** The blocks of a text that somebody sent as a certificate, or for the key of one. Throws `Problem('malformed-certificate')` for what is no PEM. */
export function certificateBlocks(pem: string, maxBlocks: number): PemBlock[] {
  try {
    return pemBlocks(pem, maxBlocks)
  } catch (error) {
    if (error instanceof PemError) throw malformedCertificate(`The text is not PEM: ${error.message}.`)
    throw error
  }
}

export const malformedCertificate = (detail: string, cause?: unknown): Problem =>
  new Problem('malformed-certificate', { detail, cause })
