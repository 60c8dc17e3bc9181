import type { KeyAlgorithm } from '../certificate/certificate.ts'
import type { ClientKindId } from './client-kinds.ts'

/** One certificate as it was sent, in what a comparison speaks of. */
export interface SeenCertificate {
  /** SHA-256 of the DER, lower-case hex. */
  readonly fingerprint: string
  readonly serialNumber: string
  readonly subject: string
  readonly issuer: string
  readonly keyAlgorithm: KeyAlgorithm
  readonly keyBits: number
  /** Lower case, sorted, as in the subjectAltName extension. */
  readonly names: readonly string[]
  /** Object identifiers, sorted. */
  readonly extendedKeyUsages: readonly string[]
}

/** A handshake that came about. */
export interface Answer {
  readonly seen: 'answered'
  readonly protocol: string
  /** IANA name; empty where a client certificate was demanded before the handshake was over. */
  readonly cipher: string
  readonly alpn: string | null
  /** Fingerprints, leaf first, in the order sent. */
  readonly sent: readonly string[]
  /** Octets of the server's Certificate message, with its header (RFC 8446 section 4, RFC 5246 section 7.4.2). */
  readonly certificateOctets: number
}

/** `unreadable`: answered with a certificate that no enrollment can have, so it is another server's. */
export type Outcome = Answer | { readonly seen: 'refused' | 'unreachable' | 'unreadable' }

export interface Meeting {
  readonly client: ClientKindId
  /** Each once, in a fixed order: one where all addresses of the network answer alike, none where no address is kept for such clients. */
  readonly outcomes: readonly Outcome[]
}

/**
 * What a network shows of a deployment's names. Nothing in it changes between two looks at the same thing: no address, moment or random octet, and of the octets on the
 * wire only those of the certificates, since signatures vary in length.
 */
export interface Observation {
  /** Sorted. */
  readonly servedNames: readonly string[]
  /** In the order of the kinds. */
  readonly meetings: readonly Meeting[]
  /** Everything that was sent in any of them, by fingerprint. */
  readonly certificates: readonly SeenCertificate[]
}

export const answersOf = ({ meetings }: Observation): readonly Answer[] =>
  meetings.flatMap(({ outcomes }) => outcomes.filter(isAnswer))

export const isAnswer = (outcome: Outcome): outcome is Answer => outcome.seen === 'answered'

/** Of every answer, in the order of the certificates. */
export function leavesOf(observation: Observation): readonly SeenCertificate[] {
  const leaves = new Set(answersOf(observation).map(({ sent }) => sent[0]))
  return observation.certificates.filter(({ fingerprint }) => leaves.has(fingerprint))
}
