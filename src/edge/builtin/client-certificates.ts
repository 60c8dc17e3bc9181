import { constants } from 'node:crypto'
import type { DetailedPeerCertificate, TlsOptions, TLSSocket } from 'node:tls'
import type { EdgeGeneration, EdgeTrustSet } from '../../ports/edge.ts'

/** Why a client's certificate, leaf first as it was sent, does not lead to one of these authorities (PEM); null: it does. */
export type ClientCertificateJudge = (
  chain: readonly Uint8Array[],
  authorities: readonly string[],
) => string | null

/** Who may enter: `set` null lets everybody in. */
export interface Admission {
  readonly set: EdgeTrustSet | null
  readonly tellsAuthorities: boolean
}

export const admissionOf = ({ settings }: EdgeGeneration, set: EdgeTrustSet | null): Admission => ({
  set,
  tellsAuthorities: settings.clientMutualAuthentication?.authenticationOptions?.sendCaListToClient === true,
})

/**
 * Node puts every authority that OpenSSL judges by into the list that is sent to clients. Where that list is not to be sent, nothing is handed to OpenSSL, and we judge by
 * ourselves as soon as the handshake has proven that the client has the key. No session is ever resumed: every connection shows its certificate and is judged by what the set says
 * at that moment (the class of CVE-2025-23419).
 */
export function admissionOptions({ set, tellsAuthorities }: Admission): TlsOptions {
  if (set === null) return {}
  return {
    ca: tellsAuthorities ? [...set.certificates] : [],
    requestCert: true,
    rejectUnauthorized: tellsAuthorities,
    secureOptions: constants.SSL_OP_NO_TICKET,
  }
}

/** What stands against a connection whose handshake is done; null: nothing. */
export function refusalOf(
  tls: TLSSocket,
  { set, tellsAuthorities }: Admission,
  judge: ClientCertificateJudge,
): string | null {
  if (set === null) return null
  if (tls.isSessionReused()) return 'a resumed session'
  if (tellsAuthorities) return tls.authorized ? null : 'not authorized'
  const chain = sentChain(tls)
  return chain.length === 0 ? 'no client certificate' : judge(chain, set.certificates)
}

/** More is no chain; OpenSSL itself ends at a hundred. */
const LONGEST_CHAIN = 12

function sentChain(tls: TLSSocket): readonly Uint8Array[] {
  const chain: Uint8Array[] = []
  // An object without members where there is no certificate; a self-signed one is its own issuer.
  let next: Partial<DetailedPeerCertificate> | undefined = tls.getPeerCertificate(true)
  while (next?.raw !== undefined && chain.length < LONGEST_CHAIN) {
    chain.push(next.raw)
    next = next.issuerCertificate === next ? undefined : next.issuerCertificate
  }
  return chain
}

/** What a client that is turned away gets to read the end of its handshake. */
const LINGER_MS = 1_000

/** Ends the connection without a word. Not at once: in TLS 1.2 our last message of the handshake is still on its way. */
export function turnAway(tls: TLSSocket): void {
  tls.on('error', () => {})
  const timer = setTimeout(() => tls.destroy(), LINGER_MS)
  tls.once('close', () => clearTimeout(timer))
  tls.resume()
  tls.end()
}
