import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, isIPv6, type Server, type Socket as TcpSocket } from 'node:net'
import type { Logger } from 'pino'
import type { KeptZones } from '../ports/kept-zones.ts'
import type { PublishedNames } from '../ports/published-names.ts'
import { createAnswerer } from './answer.ts'
import { createKeptZoneSource } from './kept-zones.ts'
import { createPublishedRecords } from './published-records.ts'
import type { RecordSource } from './record-source.ts'
import { encodeForTcp, encodeForUdp, type Reply } from './reply.ts'
import { serveTcpConnection } from './tcp-connection.ts'

export interface DnsResponderOptions {
  readonly listen: {
    /** Numeric addresses. */
    readonly hosts: readonly string[]
    /** 0: a free one, the same for UDP and TCP on every host. */
    readonly port: number
    /** Those of `hosts` that the machine may lack (`::1`); they are passed over with a warning as long as one remains. */
    readonly optionalHosts?: readonly string[]
  }
  readonly names: PublishedNames
  /** Asked before everything else: zones delegated to us. */
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
const LACKING = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT'])
const FREE_PORT_ATTEMPTS = 20

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
  const bound = await bindEverywhere(options.listen, handlers)
  let closing: Promise<void> | null = null
  return {
    port: bound.port,
    hosts: bound.pairs.map((it) => it.host),
    close() {
      closing ??= closeAll(bound.pairs)
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

interface SocketPair {
  readonly host: string
  readonly port: number
  close(): Promise<void>
}

const closeAll = async (pairs: readonly SocketPair[]): Promise<void> => {
  await Promise.all(pairs.map((it) => it.close()))
}

async function bindEverywhere(listen: DnsResponderOptions['listen'], handlers: Handlers) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await bindHosts(listen, handlers)
    } catch (error) {
      if (listen.port !== 0 || codeOf(error) !== 'EADDRINUSE' || attempt === FREE_PORT_ATTEMPTS) throw error
    }
  }
}

async function bindHosts(listen: DnsResponderOptions['listen'], handlers: Handlers) {
  const pairs: SocketPair[] = []
  let lacking: unknown = new Error('no address to listen on')
  for (const host of listen.hosts) {
    try {
      pairs.push(await bindPair(host, pairs[0]?.port ?? listen.port, handlers))
    } catch (error) {
      lacking = error
      if (!LACKING.has(codeOf(error)) || !listen.optionalHosts?.includes(host)) {
        await closeAll(pairs)
        throw error
      }
      handlers.log.warn({ host }, 'this machine lacks the address; DNS does not listen on it')
    }
  }
  const port = pairs[0]?.port
  if (port === undefined) throw lacking
  return { port, pairs }
}

async function bindPair(host: string, port: number, handlers: Handlers): Promise<SocketPair> {
  const udp = await bindUdp(host, port, handlers)
  const bound = udp.address().port
  const closeUdp = () => new Promise<void>((resolve) => udp.close(() => resolve()))
  try {
    const tcp = await bindTcp(host, bound, handlers)
    return { host, port: bound, close: async () => void (await Promise.all([closeUdp(), tcp.close()])) }
  } catch (error) {
    await closeUdp()
    throw error
  }
}

async function bindUdp(host: string, port: number, handlers: Handlers): Promise<UdpSocket> {
  const socket = isIPv6(host) ? createSocket({ type: 'udp6', ipv6Only: true }) : createSocket('udp4')
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

async function bindTcp(host: string, port: number, handlers: Handlers): Promise<{ close(): Promise<void> }> {
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
  const listening = once(server, 'listening')
  server.listen({ host, port, ipv6Only: isIPv6(host) })
  await listening
  server.on('error', (error) => handlers.log.warn({ err: error, host }, 'the DNS listener reported an error'))
  return {
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : ''
