import { createHash } from 'node:crypto'
import { createServer, type Server, type TlsOptions, type TLSSocket } from 'node:tls'
import type { KeyAlgorithm } from '../../domain/certificate/certificate.ts'
import type { CertificateId, DeploymentId } from '../../domain/identifiers.ts'
import type { Network } from '../../domain/network.ts'
import { tlsPolicy } from '../../domain/tls-policy/tls-policy.ts'
import type { EdgeGeneration, EdgeTrustSet } from '../../ports/edge.ts'
import { privateKeyPem } from '../private-key-pem.ts'
import { type Admission, admissionOf, admissionOptions } from './client-certificates.ts'
import type { EdgeMetrics } from './observation.ts'
import { createRecentCache } from './recent-cache.ts'
import type { StapleFor } from './staples.ts'

/**
 * One `tls.Server` per generation, never listening, built when a hello first asks for it. Most of its cost (0.8 ms, 40 kB: measured) is
 * what a bare secure context costs too: OpenSSL decodes leaf and chain twice each, and the key. In return everything a server alone can set holds per generation: versions, ciphers, client certificates,
 * which Node ignores in a context handed over by SNICallback.
 */
export interface Terminators {
  /**
   * Throws when the key cannot be opened or does not fit. `set`: whose client certificates are asked for; null: nobody's. Another revision than before makes another
   * server. `only`: of two certificates the one to serve, by a server of its own; null: all of them.
   */
  obtain(generation: EdgeGeneration, set: EdgeTrustSet | null, only?: KeyAlgorithm | null): Server
  forget(id: DeploymentId): void
  clear(): void
  size(): number
}

export interface TerminatorOptions {
  readonly network: Network
  /** How many are kept (recent-cache.ts); connections that run on one that goes are not disturbed. */
  readonly limit: number
  readonly metrics: EdgeMetrics
  /** Without it nothing is stapled. */
  readonly stapleFor?: StapleFor
  readonly secured: (socket: TLSSocket, generation: EdgeGeneration, admission: Admission) => void
}

interface Terminator {
  readonly server: Server
  readonly revision: number | null
}

export function createTerminators(options: TerminatorOptions): Terminators {
  const cache = createRecentCache<string, Terminator>(options.limit, () => options.metrics.contextEvicted())

  function build(generation: EdgeGeneration, set: EdgeTrustSet | null): Terminator {
    const admission = admissionOf(generation, set)
    const { settings, keys } = tlsOptionsOf(generation, options.network, admission)
    try {
      const server = createServer(settings)
      server.on('secureConnection', (socket) => options.secured(socket, generation, admission))
      const staple = stapleOf(generation)
      if (staple !== null) server.on('OCSPRequest', (_certificate, _issuer, done) => answer(staple, done))
      // The raw socket's close tells the dispatcher; without a listener the half-open one would stay.
      server.on('tlsClientError', (_error, socket) => void socket.destroy())
      options.metrics.contextBuilt()
      return { server, revision: set?.revision ?? null }
    } finally {
      // tls.Server keeps its options for good; OpenSSL has its own copy by now.
      for (const key of keys) key.fill(0)
    }
  }

  function answer(id: CertificateId, done: (error: Error | null, response: Buffer | null) => void): void {
    const found = options.stapleFor?.(id) ?? Promise.resolve(null)
    void found.then((response) => done(null, response === null ? null : Buffer.from(response)))
  }

  return {
    obtain(whole, set, only = null) {
      const certificates = whole.certificates.filter(
        ({ keyAlgorithm }) => (only ?? keyAlgorithm) === keyAlgorithm,
      )
      const key = keyOf(whole.id, only)
      const built = () => build({ ...whole, certificates }, set)
      const kept = cache.obtain(key, built)
      if (kept.revision === (set?.revision ?? null)) return kept.server
      cache.forget(key)
      return cache.obtain(key, built).server
    },
    forget(id) {
      for (const only of [null, 'RSA', 'ECDSA'] as const) cache.forget(keyOf(id, only))
    },
    clear: cache.clear,
    size: cache.size,
  }
}

const keyOf = (id: DeploymentId, only: KeyAlgorithm | null): string => `${id} ${only ?? ''}`

/** Node does not say for which of two certificates a response is wanted, and the wrong one ends the handshake of a careful client. */
function stapleOf({ certificates }: EdgeGeneration): CertificateId | null {
  const [only, another] = certificates
  return another === undefined ? (only?.staple ?? null) : null
}

function tlsOptionsOf(
  generation: EdgeGeneration,
  network: Network,
  admission: Admission,
): { settings: TlsOptions; keys: readonly Buffer[] } {
  const keys = generation.certificates.map(privateKeyPem)
  const settings: TlsOptions = {
    key: [...keys],
    cert: generation.certificates.map(
      ({ certificatePem, chainPem }) => `${certificatePem.trimEnd()}\n${chainPem}`,
    ),
    ...policyOptions(generation),
    ...admissionOptions(admission),
    sessionIdContext: sessionContextOf(generation, network, admission),
  }
  return { settings, keys }
}

/** Node takes the suites of TLS 1.3 and the ciphers of TLS 1.2 as one list. */
function policyOptions({ settings }: EdgeGeneration): TlsOptions {
  const policy = tlsPolicy(settings)
  return {
    minVersion: policy.minVersion,
    maxVersion: policy.maxVersion,
    ciphers: [...policy.suites, ...policy.ciphers].join(':'),
    honorCipherOrder: true,
    ecdhCurve: policy.groups.join(':'),
    ALPNProtocols: [...policy.alpn],
  }
}

/**
 * Resumption never crosses a generation or a revision of its trust-chain set, so it never crosses a policy or a network either. Node gives all servers of a process one
 * session id context, and with shared ticket keys a ticket from a public name then opens a name that demands client certificates
 * (the class of CVE-2025-23419). Here the context differs and the ticket keys are OpenSSL's own random ones of this very server.
 * It also means that a client meets a new certificate at its next handshake, whatever ticket it holds.
 */
function sessionContextOf(
  { id, certificates }: EdgeGeneration,
  network: Network,
  { set }: Admission,
): string {
  const trust = set === null ? '' : `${set.setId}\0${set.revision}`
  const keys = certificates.map(({ keyAlgorithm }) => keyAlgorithm).join()
  return createHash('sha256').update(`${network}\0${id}\0${keys}\0${trust}`).digest('hex').slice(0, 32)
}
