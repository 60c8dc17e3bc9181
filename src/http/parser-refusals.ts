import { type Server, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type ProblemCode } from '../errors/catalogue.ts'
import { Problem } from '../errors/problem.ts'
import type { RenderedProblem } from './problem-json.ts'

/** What Node's HTTP parser refuses before there is a request; everything else of its `HPE_…` is a malformed request. */
const PARSER_REFUSALS: Readonly<Record<string, { code: ProblemCode; detail: string }>> = {
  HPE_HEADER_OVERFLOW: {
    code: 'headers-too-large',
    detail: 'The header of the request is larger than this service reads.',
  },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: {
    code: 'payload-too-large',
    detail: 'The chunk extensions are larger than this service reads.',
  },
  ERR_HTTP_REQUEST_TIMEOUT: { code: 'request-timeout', detail: 'The request did not arrive in time.' },
}

const MALFORMED = {
  code: 'malformed-request',
  detail: 'The request is not HTTP/1.1 as this service reads it.',
} as const

export interface ParserRefusalOptions {
  /** Renders, logs and counts a problem for which there is no request. */
  readonly refuse: (problem: Problem, socket: Socket) => RenderedProblem
  /** Whether a response is under way on this connection: then nothing may be put between its octets. */
  readonly isAnswering: (socket: Duplex) => boolean
}

/** Lets the refusals of the parser itself answer application/problem+json like all others, and then ends the connection. */
export function answerParserRefusals(server: Server, options: ParserRefusalOptions): void {
  const refuse = (socket: Duplex, code: ProblemCode, detail: string): void => {
    if (!socket.writable || options.isAnswering(socket)) {
      socket.destroy()
      return
    }
    const rendered = options.refuse(new Problem(code, { detail }), socket as Socket)
    socket.end(rawResponse(rendered), () => socket.destroy())
  }

  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    const code = error.code ?? ''
    // A failed TLS handshake and a connection that was cut arrive here too; nobody there speaks HTTP.
    if (!code.startsWith('HPE_') && !code.startsWith('ERR_HTTP_')) {
      socket.destroy()
      return
    }
    const refusal = PARSER_REFUSALS[code] ?? MALFORMED
    refuse(socket, refusal.code, refusal.detail)
  })
  server.on('connect', (_, socket: Duplex) => refuse(socket, 'malformed-request', 'This is no proxy.'))
}

function rawResponse(rendered: RenderedProblem): string {
  const headers = Object.entries({
    ...rendered.headers,
    'Content-Length': String(Buffer.byteLength(rendered.body)),
    Connection: 'close',
  }).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${rendered.status} ${STATUS_CODES[rendered.status] ?? ''}\r\n${headers.join('')}\r\n${rendered.body}`
}
