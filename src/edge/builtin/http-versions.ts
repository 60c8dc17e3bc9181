import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import {
  constants,
  type IncomingHttpHeaders,
  performServerHandshake,
  type ServerHttp2Stream,
} from 'node:http2'
import type { TLSSocket } from 'node:tls'
import type { SecuredConnection } from './dispatcher.ts'
import { type Answer, pageFor } from './page.ts'

/** Answers the requests of secured connections in the version of HTTP that was agreed on in the handshake (RFC 7301). */
export interface HttpVersions {
  /** `hosts`: which a request may name; any of them where the client said no name in its hello. */
  serve(tls: TLSSocket, connection: SecuredConnection, answer: Answer, hosts: readonly string[]): void
}

interface Served {
  readonly hosts: readonly string[]
  readonly answer: Answer
  readonly connection: SecuredConnection
}

export function createHttpVersions(): HttpVersions {
  const served = new WeakMap<object, Served>()
  // Never listens: sockets come from the terminators. Its own keep-alive time-out would be a second rule beside the dispatcher's.
  const http1 = createServer({ keepAliveTimeout: 0 }, respond)

  function respond(request: IncomingMessage, response: ServerResponse): void {
    const found = served.get(request.socket)
    if (found === undefined) {
      request.socket.destroy()
      return
    }
    found.connection.touch(true)
    response.once('close', () => found.connection.touch(false))
    const { host, accept } = request.headers
    const page = pageFor({ method: request.method ?? '', host, accept }, found.answer, found.hosts)
    // The body of a refused method is not worth reading, so the connection cannot go on.
    response.writeHead(page.status, { ...page.headers, ...(page.status === 405 && { connection: 'close' }) })
    response.end(page.body)
  }

  return {
    serve(tls, connection, answer, hosts) {
      if (tls.alpnProtocol === 'h2') serveStreams(tls, { connection, answer, hosts })
      else {
        served.set(tls, { answer, connection, hosts })
        http1.emit('connection', tls)
      }
    },
  }
}

const { HTTP2_HEADER_METHOD, HTTP2_HEADER_STATUS, HTTP2_HEADER_AUTHORITY, NGHTTP2_NO_ERROR } = constants

/** As many at once as the page needs; a peer that resets streams faster than they are answered is Node's own business to cut off. */
const STREAMS_AT_ONCE = 100

function serveStreams(tls: TLSSocket, { connection, answer, hosts }: Served): void {
  const session = performServerHandshake(tls, { settings: { maxConcurrentStreams: STREAMS_AT_ONCE } })
  let open = 0
  session.on('error', () => tls.destroy())
  session.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    open++
    connection.touch(true)
    stream.on('error', () => {})
    stream.once('close', () => {
      open--
      connection.touch(open > 0)
    })
    answerStream(stream, headers, answer, hosts)
  })
}

function answerStream(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  answer: Answer,
  hosts: readonly string[],
): void {
  const method = String(headers[HTTP2_HEADER_METHOD] ?? '')
  const host = headers[HTTP2_HEADER_AUTHORITY]?.toString() ?? headers.host
  const page = pageFor({ method, host, accept: headers.accept }, answer, hosts)
  stream.respond({ [HTTP2_HEADER_STATUS]: page.status, ...page.headers }, { endStream: method === 'HEAD' })
  if (method === 'HEAD') return
  stream.end(page.body)
  // RFC 9113 section 8.1: the answer is whole without the request's body, which is not worth reading.
  if (page.status === 405) stream.close(NGHTTP2_NO_ERROR)
}
