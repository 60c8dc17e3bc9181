import { createHash, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { connect, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls'
import type { KeyAlgorithm } from '../domain/certificate/certificate.ts'
import { CLIENT_SIGNATURES } from '../domain/tls-policy/client-signatures.ts'
import { Problem } from '../errors/problem.ts'
import type { Handshake } from '../ports/edge.ts'
import type { Random } from '../ports/random.ts'
import { alertNameOf } from './alerts.ts'
import { openRecordingConnection, type RecordingConnection } from './recording-connection.ts'
import { asksForCertificate, sentCertificates } from './sent-certificates.ts'

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
}

/**
 * One full handshake (no session is offered), judged neither by trust store nor by clock. Rejects with `Problem('edge-unreachable')`,
 * whose members say `address`, `serverName` and what was `seen`: `refused`, `timeout`, `alert` (then also `alert`, by name), `closed`,
 * or `error`; with the signal's own reason when that was aborted.
 */
export type Probe = (target: ProbeTarget) => Promise<Handshake>

export function createProbe(options: { readonly random?: Random } = {}): Probe {
  // One context for all: building one takes as long as half a handshake. Without roots, since nothing is judged here.
  const contexts = new Map<KeyAlgorithm | 'any', SecureContext>()

  function contextFor(algorithm: KeyAlgorithm | undefined): SecureContext {
    const key = algorithm ?? 'any'
    const sigalgs = algorithm === undefined ? {} : { sigalgs: CLIENT_SIGNATURES[algorithm] }
    const context = contexts.get(key) ?? createSecureContext({ ca: [], minVersion: 'TLSv1.2', ...sigalgs })
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
      return await shakeHands(connection, serverName, contextFor(target.keyAlgorithm), signal)
    } catch (error) {
      target.signal?.throwIfAborted()
      throw unreachable(target, serverName, limit.signal.aborted ? 'timeout' : null, error)
    } finally {
      clearTimeout(timer)
    }
  }
}

async function shakeHands(
  connection: RecordingConnection,
  serverName: string | null,
  secureContext: SecureContext,
  signal: AbortSignal,
): Promise<Handshake> {
  const tls = connect({
    socket: connection.stream,
    servername: serverName ?? '',
    secureContext,
    rejectUnauthorized: false,
    ALPNProtocols: ['http/1.1'],
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
  const certificates = sentCertificates({ protocol: 'TLSv1.2', cipher: '', ...seen })
  if (certificates === null || !asksForCertificate(seen.received)) throw refusal
  return shown(seen, certificates, { protocol: 'TLSv1.2', cipher: '', alpn: null })
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
  const certificates = sentCertificates({ protocol, cipher, received: seen.received, keyLog: seen.keyLog })
  if (certificates === null) throw new Error('no certificate in the handshake')
  return shown(seen, certificates, { protocol, cipher, alpn: tls.alpnProtocol || null })
}

function shown(
  { address, serverName }: Seen,
  certificates: readonly Uint8Array[],
  agreed: Pick<Handshake, 'protocol' | 'cipher' | 'alpn'>,
): Handshake {
  const [leaf] = certificates
  if (leaf === undefined) throw new Error('no certificate in the handshake')
  return {
    address,
    serverName,
    ...agreed,
    certificates,
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

type Sight = 'refused' | 'timeout' | 'alert' | 'closed' | 'error'

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
    error: `could not be probed (${codeOf(cause) || message})`,
  }
  return new Problem('edge-unreachable', {
    detail: `${address} ${words[seen]} when asked for ${serverName ?? 'no name'}`,
    members: { address, serverName: serverName ?? '', seen, ...alertName },
    cause,
  })
}

function sightOf(code: string, alert: string | undefined, message: string): Sight {
  if (alert !== undefined) return 'alert'
  if (code === 'ECONNREFUSED') return 'refused'
  if (code === 'ETIMEDOUT') return 'timeout'
  return code === 'ECONNRESET' || code === 'EPIPE' || message.startsWith('closed') ? 'closed' : 'error'
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : ''
}
