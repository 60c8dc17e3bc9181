import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, isIPv6, type Server, type Socket as TcpSocket } from 'node:net'
import type { Logger } from 'pino'
import { type BindAddress, bindOnAll, type Bound, listenAt, type ListenOptions } from '../inbound/listen.ts'
import type { KeptZones } from '../ports/kept-zones.ts'
import type { PublishedNames } from '../ports/published-names.ts'
import { createAnswerer } from './answer.ts'
import { createKeptZoneSource } from './kept-zones.ts'
import { createPublishedRecords } from './published-records.ts'
import type { RecordSource } from './record-source.ts'
import { encodeForTcp, encodeForUdp, type Reply } from './reply.ts'
import { serveTcpConnection } from './tcp-connection.ts'

export interface DnsResponderOptions {
  /** Numeric addresses; the port is the same for UDP and TCP. */
  readonly listen: ListenOptions
  readonly names: PublishedNames
  /** Asked before everything else: zones delegated to us, and those that are ours by themselves. */
  readonly zones?: readonly RecordSource[]
  /** Zones that accounts keep with us; the published names fill in what they lack. */
  readonly keptZones?: KeptZones
  /** Of our edges; A and AAAA of the enrolled names. */
  readonly addresses: readonly string[]
  readonly log: Pick<Logger, 'warn'>
  readonly limits?: Partial<DnsResponderLimits>
}

export interface DnsResponderLimits {
  readonly tcpConnections: number
  readonly tcpExchangeTimeoutMs: number
  /** Datagrams being answered at one time; more are dropped, and their askers ask again. */
  readonly udpInFlight: number
}

export interface DnsResponder {
  readonly port: number
  /** Hosts that were bound. */
  readonly hosts: readonly string[]
  /** Idempotent; resolves when the sockets are gone. */
  close(): Promise<void>
}

const LIMITS: DnsResponderLimits = { tcpConnections: 128, tcpExchangeTimeoutMs: 10_000, udpInFlight: 512 }

/** Authoritative DNS over UDP and TCP (RFC 1035, RFC 7766). Throws what binding throws; afterwards never, whatever arrives. */
export async function createDnsResponder(options: DnsResponderOptions): Promise<DnsResponder> {
  const limits = { ...LIMITS, ...options.limits }
  const published = createPublishedRecords({ names: options.names, addresses: options.addresses })
  const kept =
    options.keptZones === undefined ? [] : [createKeptZoneSource({ zones: options.keptZones, published })]
  const sources = [...(options.zones ?? []), ...kept, published]
  const answer = createAnswerer({ sources, log: options.log })
  const encoded = async (message: Buffer, encode: (reply: Reply) => Buffer): Promise<Buffer | null> => {
    const reply = await answer(message)
    if (reply === null) return null
    try {
      return encode(reply)
    } catch (error) {
      options.log.warn({ err: error }, 'a DNS reply could not be encoded')
      return null
    }
  }
  const handlers: Handlers = {
    limits,
    log: options.log,
    answerUdp: (message) => encoded(message, encodeForUdp),
    answerTcp: (message) => encoded(message, encodeForTcp),
  }
  const { port, bound } = await bindOnAll(options.listen, (at) => bindPair(at, handlers))
  let closing: Promise<void> | null = null
  return {
    port,
    hosts: bound.map(({ host }) => host),
    close() {
      closing ??= Promise.all(bound.map((pair) => pair.close())).then(() => undefined)
      return closing
    },
  }
}

interface Handlers {
  readonly limits: DnsResponderLimits
  readonly log: Pick<Logger, 'warn'>
  readonly answerUdp: (message: Buffer) => Promise<Buffer | null>
  readonly answerTcp: (message: Buffer) => Promise<Buffer | null>
}

async function bindPair(at: BindAddress, handlers: Handlers): Promise<Bound> {
  const udp = await bindUdp(at, handlers)
  const { port } = udp.address()
  const closeUdp = () => new Promise<void>((resolve) => udp.close(() => resolve()))
  try {
    const tcp = await bindTcp({ ...at, port }, handlers)
    return { host: at.host, port, close: async () => void (await Promise.all([closeUdp(), tcp.close()])) }
  } catch (error) {
    await closeUdp()
    throw error
  }
}

async function bindUdp({ host, port, ipv6Only }: BindAddress, handlers: Handlers): Promise<UdpSocket> {
  const socket = isIPv6(host) ? createSocket({ type: 'udp6', ipv6Only }) : createSocket('udp4')
  const listening = once(socket, 'listening')
  socket.bind({ address: host, port })
  try {
    await listening
  } catch (error) {
    socket.close()
    throw error
  }
  let inFlight = 0
  let isClosed = false
  socket.on('close', () => (isClosed = true))
  socket.on('error', (error) => handlers.log.warn({ err: error, host }, 'the DNS socket reported an error'))
  socket.on('message', (message, peer) => {
    if (inFlight >= handlers.limits.udpInFlight) return
    inFlight += 1
    void handlers.answerUdp(message).then((reply) => {
      inFlight -= 1
      // A reply that cannot be delivered is the asker's to ask for again.
      if (reply !== null && !isClosed) socket.send(reply, peer.port, peer.address, () => undefined)
    })
  })
  return socket
}

async function bindTcp(at: BindAddress, handlers: Handlers): Promise<{ close(): Promise<void> }> {
  const sockets = new Set<TcpSocket>()
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    serveTcpConnection(socket, {
      answer: handlers.answerTcp,
      exchangeTimeoutMs: handlers.limits.tcpExchangeTimeoutMs,
    })
  })
  server.maxConnections = handlers.limits.tcpConnections
  const bound = await listenAt(server, at)
  server.on('error', (error) =>
    handlers.log.warn({ err: error, ...at }, 'the DNS listener reported an error'),
  )
  return {
    close() {
      for (const socket of sockets) socket.destroy()
      return bound.close()
    },
  }
}
