import type { KeyAlgorithm } from '../certificate/certificate.ts'
import { SPOKEN_VERSIONS, type TlsPolicy, type TlsVersion } from '../tls-policy/tls-policy.ts'
import { type ClientOffer, clientKind } from './client-kinds.ts'
import { type Answer, isAnswer, type Meeting, type Observation, type Outcome } from './observation.ts'

/** What a deployment promises to clients. */
export interface Promised {
  readonly policy: TlsPolicy
  readonly sniOnly: boolean
  readonly certificates: readonly PromisedCertificate[]
}

export interface PromisedCertificate {
  readonly keyAlgorithm: KeyAlgorithm
  /** Fingerprints, leaf first. */
  readonly sent: readonly string[]
}

/** How a client has to be answered; null: it has to be refused. */
export interface Expected {
  readonly protocol: TlsVersion
  /** One of these: a client that takes either may get either (docs/tls.md says which one edges prefer, and docs/haproxy.md to whom HAProxy gives the other). */
  readonly certificates: readonly PromisedCertificate[]
}

export function expectedOf(offer: ClientOffer, promised: Promised): Expected | null {
  if (!offer.saysName && promised.sniOnly) return null
  const protocol = commonVersion(offer, promised.policy)
  if (protocol === null) return null
  const certificates = promised.certificates.filter(
    ({ keyAlgorithm }) =>
      (offer.keyAlgorithm ?? keyAlgorithm) === keyAlgorithm &&
      hasCipherFor(keyAlgorithm, protocol, offer, promised.policy),
  )
  return certificates.length === 0 ? null : { protocol, certificates }
}

function commonVersion(offer: ClientOffer, policy: TlsPolicy): TlsVersion | null {
  const isBetween = (version: TlsVersion, { minVersion, maxVersion }: ClientOffer | TlsPolicy) =>
    version >= minVersion && version <= maxVersion
  return (
    SPOKEN_VERSIONS.findLast((version) => isBetween(version, offer) && isBetween(version, policy)) ?? null
  )
}

function hasCipherFor(
  algorithm: KeyAlgorithm,
  protocol: TlsVersion,
  { ciphers }: ClientOffer,
  policy: TlsPolicy,
): boolean {
  // RFC 8446 section 4.1.1: a suite of TLS 1.3 says nothing of the key.
  if (protocol === 'TLSv1.3') return policy.suites.some((suite) => ciphers.includes(suite))
  const isForKey = (cipher: string) => (algorithm === 'ECDSA') === cipher.startsWith('ECDHE-ECDSA-')
  return policy.ciphers.some((cipher) => ciphers.includes(cipher) && isForKey(cipher))
}

/** What staging does that its deployment does not promise, a sentence each; empty: all is as it should be. */
export const unexpectedOf = (staging: Observation, promised: Promised): readonly string[] =>
  staging.meetings.flatMap(({ client, outcomes }) => unexpectedOfClient({ client, outcomes }, promised))

function unexpectedOfClient({ client, outcomes }: Meeting, promised: Promised): readonly string[] {
  const { words, offer } = clientKind(client)
  const expected = expectedOf(offer, promised)
  const sentences = outcomes.flatMap((outcome) => {
    const fault = faultOf(outcome, expected)
    return fault === null ? [] : [`On staging ${words} ${fault}`]
  })
  return [...new Set(sentences)]
}

const certificateIn = ({ sent }: Answer, { certificates }: Expected): PromisedCertificate | undefined =>
  certificates.find((certificate) => certificate.sent[0] === sent[0])

function faultOf(outcome: Outcome, expected: Expected | null): string | null {
  if (outcome.seen === 'unreachable') return 'could not be tried: an address did not answer'
  if (expected === null)
    return outcome.seen === 'refused' ? null : 'is answered, although the settings do not allow it'
  if (outcome.seen === 'refused') return 'is refused, although the settings allow it'
  const certificate = isAnswer(outcome) ? certificateIn(outcome, expected) : undefined
  if (!isAnswer(outcome) || certificate === undefined)
    return 'is answered with another certificate than this change has for it'
  if (outcome.sent.join() !== certificate.sent.join()) return 'is answered with another chain than was given'
  return outcome.protocol === expected.protocol
    ? null
    : `is answered with ${outcome.protocol} instead of ${expected.protocol}`
}
