import { X509Certificate } from 'node:crypto'
import { type PeerCertificate, type TLSSocket, connect } from 'node:tls'
import { SECOND } from '../domain/time.ts'

interface HandshakeSeen {
  readonly protocol: string
  readonly cipher: string
  /** As presented, leaf first. */
  readonly chain: readonly X509Certificate[]
}

export type Handshake =
  | { readonly served: true; readonly seen: HandshakeSeen }
  | {
      readonly served: false
      readonly reason: string
      /** Of the operating system or of the TLS stack; null: it is neither's. */
      readonly code: string | null
    }

export interface HandshakeTarget {
  /** `host:port`, an IPv6 host in brackets. */
  readonly address: string
  /** Empty: none is sent (RFC 6066 section 3 allows no addresses). */
  readonly serverName: string
  readonly timeoutMs?: number
  /** What the client can verify, in OpenSSL's words: decides which of two certificates it is shown. */
  readonly sigalgs?: string
}

const HANDSHAKE_TIMEOUT_MS = 10 * SECOND

/**
 * A real handshake with any certificate accepted: the TLS stack would judge by the real clock, and by its own roots. Judging is
 * chain-judgement.ts.
 */
export function handshake(target: HandshakeTarget): Promise<Handshake> {
  const { host, port } = splitAddress(target.address)
  const { sigalgs, timeoutMs = HANDSHAKE_TIMEOUT_MS } = target
  return new Promise((resolve) => {
    const socket = connect({
      host,
      port,
      servername: target.serverName,
      rejectUnauthorized: false,
      ALPNProtocols: ['http/1.1'],
      ...(sigalgs === undefined ? {} : { sigalgs }),
    })
    const end = (result: Handshake): void => {
      clearTimeout(silence)
      socket.destroy()
      resolve(result)
    }
    const silence = setTimeout(
      () => end(notServed(`no answer within ${Math.round(timeoutMs / SECOND)} s`)),
      timeoutMs,
    )
    socket.once('secureConnect', () => end(seenOn(socket)))
    socket.once('error', (error: NodeJS.ErrnoException) => end(notServed(reasonOf(error), error.code)))
    socket.once('close', () => end(notServed(CUT)))
  })
}

/** For a wildcard, some name that only it covers. */
export const serverNameFor = (name: string): string =>
  name.toLowerCase().replace(/\.$/, '').replace(/^\*\./, 'certrail-probe.')

function splitAddress(address: string): { host: string; port: number } {
  const match = /^\[?(.*?)\]?:(\d+)$/.exec(address)
  return match === null ? { host: address, port: 443 } : { host: match[1] ?? '', port: Number(match[2]) }
}

function seenOn(socket: TLSSocket): Handshake {
  const chain = chainOf(socket.getPeerCertificate(true))
  if (chain.length === 0) return notServed('the server presented no certificate')
  const cipher = socket.getCipher()
  const seen = {
    protocol: socket.getProtocol() ?? 'unknown',
    cipher: cipher.standardName ?? cipher.name,
    chain,
  }
  return { served: true, seen }
}

/** Node links the certificates to a ring when the last one is self-signed. */
function chainOf(leaf: Partial<ReturnType<TLSSocket['getPeerCertificate']>>): readonly X509Certificate[] {
  const chain: X509Certificate[] = []
  const met = new Set<string>()
  let at = leaf as (Partial<PeerCertificate> & { issuerCertificate?: PeerCertificate }) | undefined
  while (at?.raw !== undefined && at.fingerprint256 !== undefined && !met.has(at.fingerprint256)) {
    met.add(at.fingerprint256)
    chain.push(new X509Certificate(at.raw))
    at = at.issuerCertificate
  }
  return chain
}

const CUT = 'the connection was cut during the handshake'

const notServed = (reason: string, code: string | null = null): Handshake => ({ served: false, reason, code })

const REASONS: Readonly<Record<string, string>> = {
  ERR_SSL_TLSV1_UNRECOGNIZED_NAME: 'nothing is deployed for this name (unrecognized_name)',
  ERR_SSL_TLSV1_ALERT_UNRECOGNIZED_NAME: 'nothing is deployed for this name (unrecognized_name)',
  ECONNREFUSED: 'nobody listens there (connection refused)',
  ECONNRESET: CUT,
  ENETUNREACH: 'this machine has no way there (network unreachable)',
  EHOSTUNREACH: 'the host cannot be reached',
}

const reasonOf = (error: NodeJS.ErrnoException): string =>
  REASONS[error.code ?? ''] ?? error.code ?? error.message
