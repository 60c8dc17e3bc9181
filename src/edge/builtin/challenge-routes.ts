import { constants } from 'node:crypto'
import { createServer, type TLSSocket } from 'node:tls'
import type { Route } from './dispatcher.ts'
import type { EdgeLog } from './observation.ts'

/** RFC 8737 section 4. */
export const ACME_TLS_PROTOCOL = 'acme-tls/1'

export interface ChallengeRouteOptions {
  /** The certificate that answers for a name (RFC 8737 section 3); null: nobody asks for one. */
  readonly find: (
    serverName: string,
  ) => Promise<{ readonly certificatePem: string; readonly privateKeyPem: string } | null>
  readonly secured: (socket: TLSSocket) => void
  readonly log: EdgeLog
}

/** Where a validation server is led to: a terminator for this one handshake, which speaks of nothing else and is closed after it. Never rejects. */
export function createChallengeRoutes({ find, secured, log }: ChallengeRouteOptions) {
  return async (serverName: string): Promise<Route> => {
    try {
      const found = await find(serverName)
      if (found === null) return { kind: 'refuse', alert: 'unrecognized_name', outcome: 'unknown-name' }
      const server = createServer({
        cert: found.certificatePem,
        key: found.privateKeyPem,
        ALPNProtocols: [ACME_TLS_PROTOCOL],
        minVersion: 'TLSv1.2',
        // What was proven here must not be resumed anywhere.
        secureOptions: constants.SSL_OP_NO_TICKET,
        sessionIdContext: ACME_TLS_PROTOCOL,
      })
      server.on('secureConnection', secured)
      server.on('tlsClientError', (_error, socket) => void socket.destroy())
      return { kind: 'terminate', terminator: server }
    } catch (error) {
      log.warn({ err: error, serverName }, 'a tls-alpn-01 challenge could not be answered')
      return { kind: 'refuse', alert: 'internal_error', outcome: 'key-unusable' }
    }
  }
}
