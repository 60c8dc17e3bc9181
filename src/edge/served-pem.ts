import { X509Certificate } from 'node:crypto'
import type { EdgeCertificate } from '../ports/edge.ts'
import { pemText, privateKeyPem } from './private-key-pem.ts'

export type SplitPem = (pem: string) => readonly Uint8Array[]

/** A leaf that a root signed directly is sent alone. */
export const sentBy = (
  { certificatePem, chainPem }: EdgeCertificate,
  split: SplitPem,
): readonly Uint8Array[] => [certificatePem, chainPem].flatMap((pem) => (pem === '' ? [] : split(pem)))

export interface ServedPem {
  readonly certificate: EdgeCertificate
  /** DER, leaf first. */
  readonly sent: readonly Uint8Array[]
}

/** Leaf, chain, key: certificates encoded anew from their DER, so nothing of an upload's text is in it. */
export function pemOf({ sent, certificate }: ServedPem): string {
  const key = privateKeyPem(certificate)
  try {
    const certificates = sent.map((der) => pemText('CERTIFICATE', new X509Certificate(der).raw))
    return certificates.join('') + key.toString('latin1')
  } finally {
    key.fill(0)
  }
}
