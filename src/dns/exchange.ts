import { createSocket } from 'node:dgram'
import { connect, isIPv6 } from 'node:net'

export interface DnsServer {
  /** Numeric. */
  readonly host: string
  readonly port: number
}

/** `give-up`: time ran out, or the signal; `unreachable`: the host said that nothing listens there. */
export type Exchange =
  | { readonly outcome: 'reply'; readonly message: Buffer }
  | { readonly outcome: 'unreachable'; readonly reason: string }
  | { readonly outcome: 'give-up' }

export interface ExchangeRequest {
  readonly server: DnsServer
  readonly message: Buffer
  /** Whether a message answers ours; others are passed over, since anyone can send a datagram. */
  readonly isReply: (message: Buffer) => boolean
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** No answer to what we ask is longer; what claims to be is cut off. */
const TCP_REPLY_LIMIT = 16_384
const PREFIX_OCTETS = 2

/**
 * One datagram out, one back. A socket of its own for each: the port is the system's random choice (RFC 5452 section 9.2), and a
 * connected socket takes datagrams from that server only.
 */
export function exchangeOverUdp(request: ExchangeRequest): Promise<Exchange> {
  const { server, message, isReply } = request
  const socket = createSocket(isIPv6(server.host) ? 'udp6' : 'udp4')
  return once(
    request,
    () => socket.close(),
    (settle) => {
      socket.on('message', (octets) => {
        if (isReply(octets)) settle({ outcome: 'reply', message: octets })
      })
      socket.on('error', (error) => settle({ outcome: 'unreachable', reason: error.message }))
      socket.connect(server.port, server.host, (error?: Error) => {
        if (error !== undefined && error !== null)
          return settle({ outcome: 'unreachable', reason: error.message })
        socket.send(message, (failure) => {
          if (failure !== null) settle({ outcome: 'unreachable', reason: failure.message })
        })
      })
    },
  )
}

/** RFC 7766: length-prefixed; one query per connection. */
export function exchangeOverTcp(request: ExchangeRequest): Promise<Exchange> {
  const { server, message, isReply } = request
  const socket = connect({ host: server.host, port: server.port })
  return once(
    request,
    () => socket.destroy(),
    (settle) => {
      let received = Buffer.alloc(0)
      socket.on('connect', () => {
        const prefix = Buffer.alloc(PREFIX_OCTETS)
        prefix.writeUInt16BE(message.length)
        socket.write(Buffer.concat([prefix, message]))
      })
      socket.on('data', (chunk) => {
        received = Buffer.concat([received, chunk])
        if (received.length < PREFIX_OCTETS) return
        const end = PREFIX_OCTETS + received.readUInt16BE(0)
        if (end > TCP_REPLY_LIMIT) return settle({ outcome: 'unreachable', reason: 'the reply is too long' })
        if (received.length < end) return
        const reply = received.subarray(PREFIX_OCTETS, end)
        settle(
          isReply(reply)
            ? { outcome: 'reply', message: reply }
            : { outcome: 'unreachable', reason: 'another reply' },
        )
      })
      socket.on('error', (error) => settle({ outcome: 'unreachable', reason: error.message }))
      socket.on('close', () => settle({ outcome: 'unreachable', reason: 'the connection was closed' }))
    },
  )
}

/** Settles with the first outcome, whatever comes after, and cleans up once. */
function once(
  request: ExchangeRequest,
  release: () => void,
  start: (settle: (outcome: Exchange) => void) => void,
): Promise<Exchange> {
  return new Promise((resolve) => {
    let isSettled = false
    const settle = (outcome: Exchange): void => {
      if (isSettled) return
      isSettled = true
      clearTimeout(timer)
      request.signal.removeEventListener('abort', giveUp)
      release()
      resolve(outcome)
    }
    const giveUp = (): void => settle({ outcome: 'give-up' })
    const timer = setTimeout(giveUp, request.timeoutMs)
    request.signal.addEventListener('abort', giveUp)
    start(settle)
    if (request.signal.aborted) giveUp()
  })
}
