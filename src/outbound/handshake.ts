import { isIP } from 'node:net'
import { connect } from 'node:tls'

export interface HandshakeTarget {
  /** Numeric, already allowed. */
  readonly address: string
  readonly port: number
  readonly serverName: string
  /** The only one that is offered (RFC 7301). */
  readonly protocol: string
}

export interface ShakenHands {
  /** What the server chose; null: it passed over the question. */
  readonly protocol: string | null
  /** DER of the leaf that it showed; it is not judged. Null: none. */
  readonly certificate: Buffer | null
  readonly subjectAltName: string | null
}

/** One TLS handshake with one address, over which nothing is said. Rejects with Node's error, or with an AbortError. */
export function shakeHands(target: HandshakeTarget, signal: AbortSignal): Promise<ShakenHands> {
  return new Promise((resolve, reject) => {
    const { address, port, serverName, protocol } = target
    const socket = connect({
      host: address,
      port,
      ...(isIP(serverName) === 0 ? { servername: serverName } : {}),
      ALPNProtocols: [protocol],
      // Who answers is proven by what the certificate says, not by who signed it.
      rejectUnauthorized: false,
    })
    const end = (settle: () => void): void => {
      signal.removeEventListener('abort', abort)
      socket.destroy()
      settle()
    }
    const abort = (): void => end(() => reject(new DOMException('The operation was aborted', 'AbortError')))
    socket.once('secureConnect', () => {
      const leaf = socket.getPeerX509Certificate() ?? null
      const chosen = socket.alpnProtocol
      end(() =>
        resolve({
          protocol: typeof chosen === 'string' ? chosen : null,
          certificate: leaf?.raw ?? null,
          subjectAltName: leaf?.subjectAltName ?? null,
        }),
      )
    })
    socket.on('error', (error: Error) => end(() => reject(error)))
    signal.addEventListener('abort', abort)
    if (signal.aborted) abort()
  })
}
