import { createHash, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import {
  type ConnectionOptions,
  connect,
  createSecureContext,
  type SecureContext,
  type SecureContextOptions,
  type TLSSocket,
} from 'node:tls'
import type { KeyAlgorithm } from '../domain/certificate/certificate.ts'
import type { ClientOffer } from '../domain/comparison/client-kinds.ts'
import { CLIENT_SIGNATURES } from '../domain/tls-policy/client-signatures.ts'
import { Problem } from '../errors/problem.ts'
import type { Handshake } from '../ports/edge.ts'
import type { Random } from '../ports/random.ts'
import { alertNameOf } from './alerts.ts'
import { openRecordingConnection, type RecordingConnection } from './recording-connection.ts'
import { asksForCertificate, type SentCertificates, sentCertificates } from './sent-certificates.ts'

export interface ProbeTarget {
  /** An address, best not a name: the answer is about one edge. */
  readonly host: string
  readonly port: number
  /** null: no SNI. For `*.example.com` a random label stands in for the star. */
  readonly serverName: string | null
  /** For connect and handshake together. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal
  /** Accept only this kind of certificate, as an older or newer client would: for names that have both. */
  readonly keyAlgorithm?: KeyAlgorithm
  /** What the client brings otherwise; missing: TLS 1.2 or 1.3 and all that OpenSSL offers. */
  readonly offer?: Omit<ClientOffer, 'saysName'>
}

/**
 * One full handshake (no session is offered), judged neither by trust store nor by clock. Rejects with `Problem('edge-unreachable')`,
 * whose members say `address`, `serverName` and what was `seen`: `refused`, `timeout`, `alert` (then also `alert`, by name), `closed`,
 * `no-agreement` (our side broke off), or `error`; with the signal's own reason when that was aborted.
 */
export type Probe = (target: ProbeTarget) => Promise<Handshake>

export function createProbe(options: { readonly random?: Random } = {}): Probe {
  // One context for each kind of client: building one takes as long as half a handshake. Without roots, since nothing is judged here.
  const contexts = new Map<string, SecureContext>()

  function contextFor(target: ProbeTarget): SecureContext {
    const settings = contextSettings(target)
    const key = JSON.stringify(settings)
    const context = contexts.get(key) ?? createSecureContext({ ca: [], ...settings })
    contexts.set(key, context)
    return context
  }

  return async (target) => {
    const serverName = concreteName(target.serverName, options.random)
    const limit = new AbortController()
    const timer = setTimeout(() => limit.abort(), target.timeoutMs)
    const signal = target.signal === undefined ? limit.signal : AbortSignal.any([limit.signal, target.signal])
    try {
      target.signal?.throwIfAborted()
      const connection = await openRecordingConnection(target, signal)
      const secureContext = contextFor(target)
      const ALPNProtocols = [...(target.offer?.alpn ?? ['http/1.1'])]
      return await shakeHands(connection, serverName, { secureContext, ALPNProtocols }, signal)
    } catch (error) {
      target.signal?.throwIfAborted()
      throw unreachable(target, serverName, limit.signal.aborted ? 'timeout' : null, error)
    } finally {
      clearTimeout(timer)
    }
  }
}

function contextSettings({ keyAlgorithm, offer }: ProbeTarget): SecureContextOptions {
  const algorithm = offer === undefined ? keyAlgorithm : (offer.keyAlgorithm ?? undefined)
  return {
    minVersion: offer?.minVersion ?? 'TLSv1.2',
    ...(offer !== undefined && { maxVersion: offer.maxVersion, ciphers: offer.ciphers.join(':') }),
    ...(algorithm !== undefined && { sigalgs: CLIENT_SIGNATURES[algorithm] }),
  }
}

async function shakeHands(
  connection: RecordingConnection,
  serverName: string | null,
  client: Pick<ConnectionOptions, 'secureContext' | 'ALPNProtocols'>,
  signal: AbortSignal,
): Promise<Handshake> {
  const tls = connect({
    socket: connection.stream,
    servername: serverName ?? '',
    ...client,
    rejectUnauthorized: false,
  })
  const keyLog: string[] = []
  tls.on('keylog', (line: Buffer) => keyLog.push(line.toString('latin1')))
  const abort = (): void => void tls.destroy(new Error('aborted'))
  signal.addEventListener('abort', abort, { once: true })
  const seen = (): Seen => ({
    address: connection.address,
    serverName,
    received: connection.stopRecording(),
    keyLog,
  })
  try {
    const refusal = await secured(tls).then(() => null, asAlert)
    return refusal === null ? handshakeOf(tls, seen()) : refusedForWantOfCertificate(seen(), refusal)
  } finally {
    signal.removeEventListener('abort', abort)
    leave(tls)
  }
}

function secured(tls: TLSSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    tls.once('secureConnect', resolve)
    tls.on('error', reject)
    tls.once('close', () => reject(new Error('closed during the handshake')))
  })
}

/** @throws what is no alert. */
function asAlert(error: unknown): unknown {
  if (error instanceof Error && error.message.includes('SSL alert number')) return error
  throw error
}

/**
 * A server of TLS 1.2 that demands a client certificate breaks the handshake off when it gets none; by then it has shown its certificate and signed with its key (RFC 5246
 * section 7.4.3), which OpenSSL has checked, or we would not have come to that. TLS 1.3 lets us finish first.
 */
function refusedForWantOfCertificate(seen: Seen, refusal: unknown): Handshake {
  const sent = sentCertificates({ protocol: 'TLSv1.2', cipher: '', ...seen })
  if (sent === null || !asksForCertificate(seen.received)) throw refusal
  return shown(seen, sent, { protocol: 'TLSv1.2', cipher: '', alpn: null })
}

/** Says goodbye (close_notify) without making the caller wait for the answer. */
function leave(tls: TLSSocket): void {
  tls.resume()
  tls.end()
  const timer = setTimeout(() => tls.destroy(), 1_000)
  timer.unref()
  tls.once('close', () => clearTimeout(timer))
}

interface Seen {
  readonly address: string
  readonly serverName: string | null
  readonly received: Uint8Array
  readonly keyLog: readonly string[]
}

function handshakeOf(tls: TLSSocket, seen: Seen): Handshake {
  const protocol = tls.getProtocol() ?? ''
  const cipher = tls.getCipher().standardName
  const sent = sentCertificates({ protocol, cipher, received: seen.received, keyLog: seen.keyLog })
  if (sent === null) throw new Error('no certificate in the handshake')
  return shown(seen, sent, { protocol, cipher, alpn: tls.alpnProtocol || null })
}

function shown(
  { address, serverName }: Seen,
  { certificates, octets }: SentCertificates,
  agreed: Pick<Handshake, 'protocol' | 'cipher' | 'alpn'>,
): Handshake {
  const [leaf] = certificates
  if (leaf === undefined) throw new Error('no certificate in the handshake')
  return {
    address,
    serverName,
    ...agreed,
    certificates,
    certificateOctets: octets,
    serialNumber: new X509Certificate(leaf).serialNumber.toLowerCase(),
    fingerprint: createHash('sha256').update(leaf).digest('hex'),
  }
}

function concreteName(serverName: string | null, random: Random | undefined): string | null {
  // RFC 6066 section 3: "Literal IPv4 and IPv6 addresses are not permitted".
  if (serverName === null || isIP(serverName) !== 0) return null
  if (!serverName.startsWith('*.')) return serverName
  const label =
    random === undefined ? 'certrail-probe' : `probe-${Buffer.from(random.bytes(8)).toString('hex')}`
  return `${label}${serverName.slice(1)}`
}

export type Sight = 'refused' | 'timeout' | 'alert' | 'closed' | 'no-agreement' | 'error'

function unreachable(
  target: ProbeTarget,
  serverName: string | null,
  timedOut: 'timeout' | null,
  cause: unknown,
): Problem {
  const address = target.host.includes(':')
    ? `[${target.host}]:${target.port}`
    : `${target.host}:${target.port}`
  const message = cause instanceof Error ? cause.message : ''
  const alert = /SSL alert number (\d+)/.exec(message)?.[1]
  const alertName = alert === undefined ? {} : { alert: alertNameOf(Number(alert)) }
  const seen: Sight = timedOut ?? sightOf(codeOf(cause), alert, message)
  const words: Readonly<Record<Sight, string>> = {
    refused: 'refused the connection',
    timeout: `did not finish a handshake within ${target.timeoutMs} ms`,
    alert: `sent the TLS alert ${alertName.alert ?? ''}`,
    closed: 'closed the connection during the handshake',
    'no-agreement': `answered with what this client does not take (${codeOf(cause)})`,
    error: `could not be probed (${codeOf(cause) || message})`,
  }
  return new Problem('edge-unreachable', {
    detail: `${address} ${words[seen]} when asked for ${serverName ?? 'no name'}`,
    members: { address, serverName: serverName ?? '', seen, ...alertName },
    cause,
  })
}

/** What OpenSSL says of a server that chose what our side did not offer, instead of refusing by itself. */
const DISAGREEMENTS: readonly string[] = [
  'ERR_SSL_UNSUPPORTED_PROTOCOL',
  'ERR_SSL_WRONG_SSL_VERSION',
  'ERR_SSL_WRONG_CIPHER_RETURNED',
  'ERR_SSL_WRONG_CERTIFICATE_TYPE',
  'ERR_SSL_WRONG_SIGNATURE_TYPE',
]

function sightOf(code: string, alert: string | undefined, message: string): Sight {
  if (alert !== undefined) return 'alert'
  if (code === 'ECONNREFUSED') return 'refused'
  if (code === 'ETIMEDOUT') return 'timeout'
  if (DISAGREEMENTS.includes(code)) return 'no-agreement'
  return code === 'ECONNRESET' || code === 'EPIPE' || message.startsWith('closed') ? 'closed' : 'error'
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : ''
}
