import type { AccountId, CertificateId, ChangeId, DeploymentId, EnrollmentId } from '../domain/identifiers.ts'
import type { ClientOffer } from '../domain/comparison/client-kinds.ts'
import type { KeyAlgorithm } from '../domain/certificate/certificate.ts'
import type { NetworkConfiguration } from '../domain/enrollment/enrollment.ts'
import type { Network } from '../domain/network.ts'

/** One certificate with what it needs to be served. `privateKey` opens the sealed key when a context is first built. */
export interface EdgeCertificate {
  readonly keyAlgorithm: KeyAlgorithm
  readonly certificatePem: string
  readonly chainPem: string
  readonly serialNumber: string
  /** DER: SEC1 or PKCS#1. Called lazily; the caller keeps no copy. */
  readonly privateKey: () => Uint8Array
  /** By which the OCSP response is found that goes along; null: none does (switched off, or the certificate names no responder). */
  readonly staple: CertificateId | null
}

/** What one deployment puts on one network: immutable, replaced by a newer generation, never edited. */
export interface EdgeGeneration {
  readonly id: DeploymentId
  readonly network: Network
  readonly accountId: AccountId
  readonly enrollmentId: EnrollmentId
  readonly changeId: ChangeId
  /** Canonical; wildcards as `*.example.com`. */
  readonly servedNames: readonly string[]
  readonly certificates: readonly EdgeCertificate[]
  readonly settings: NetworkConfiguration
}

/** Whose client certificates a network takes where a deployment names the set (`clientMutualAuthentication.setId`). */
export interface EdgeTrustSet {
  readonly accountId: AccountId
  readonly setId: string
  readonly revision: number
  /** PEM, one certificate each. */
  readonly certificates: readonly string[]
}

/** A full handshake, as a client saw it. Nothing in it was judged by the TLS stack's clock or trust store. */
export interface Handshake {
  readonly address: string
  readonly serverName: string | null
  readonly protocol: string
  readonly cipher: string
  readonly alpn: string | null
  /** DER, leaf first, exactly as sent. */
  readonly certificates: readonly Uint8Array[]
  /** Of the Certificate message, with its header. */
  readonly certificateOctets: number
  readonly serialNumber: string
  readonly fingerprint: string
}

/** How one address met a client. To be refused in the handshake is an answer too; `unreachable`: there was none. */
export type Encounter = Handshake | 'refused' | 'unreachable'

/**
 * One edge of one network. Calls are idempotent. `deploy` resolves when the edge has taken the generation over, which is not yet
 * proof that clients see it: only `probe` is. Both throw `Problem('edge-unreachable')`.
 */
export interface Edge {
  readonly id: string
  readonly network: Network
  deploy(generation: EdgeGeneration, signal: AbortSignal): Promise<void>
  withdraw(id: DeploymentId, names: readonly string[], signal: AbortSignal): Promise<void>
  probe(serverName: string, signal: AbortSignal): Promise<Handshake>
  /** As clients that say no name see it, wherever those get one of these names; empty: nowhere. */
  probeWithoutName(names: readonly string[], signal: AbortSignal): Promise<readonly Handshake[]>
  /**
   * Full handshakes with every address as each of these kinds of client, for the first of the names; who says no name is met where such clients get one of them, which may
   * be nowhere. For each client, in the order given, what each address did. An address that does not answer its first client is not asked by the others: it is
   * `unreachable` to all of them. Rejects only with the signal's reason.
   */
  meet(
    clients: readonly ClientOffer[],
    names: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly (readonly Encounter[])[]>
}
