import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { fatalAlert, type AlertName } from '../alerts.ts'
import type { ClientHello } from './client-hello-message.ts'
import { createClientHelloReader, type ClientHelloFault, type ClientHelloReading } from './client-hello.ts'
import type { ConnectionOutcome, EdgeMetrics } from './observation.ts'

/** Whoever finishes the handshake: a `tls.Server`, whose documented `connection` event takes sockets from elsewhere. */
export interface Terminator {
  emit(event: 'connection', socket: Socket): unknown
}

export type Route =
  | { readonly kind: 'terminate'; readonly terminator: Terminator }
  | { readonly kind: 'refuse'; readonly alert: AlertName; readonly outcome: ConnectionOutcome }

/** `later`: what to do has to be found out first. Must not reject. */
export type Routing = Route | { readonly kind: 'later'; readonly route: Promise<Route> }

export interface DispatcherOptions {
  /** Decides by the hello alone, at the moment it is whole. Must not throw. */
  readonly route: (hello: ClientHello, isAssumed: boolean) => Routing
  /** From accept to a whole hello, however slowly its bytes drip. */
  readonly helloTimeoutMs: number
  /** From the hello to the end of the handshake. */
  readonly handshakeTimeoutMs: number
  /** How long a secured connection may stay without a sign of life. */
  readonly idleTimeoutMs: number
  readonly metrics: EdgeMetrics
}

/**
 * Reads the hello of every socket, hands the socket on and keeps count of it until it is closed: a `tls.Server` that is fed through
 * its event neither counts nor closes what it was given.
 */
export interface Dispatcher {
  /** `assumed`: the name that is meant where the hello says none; null: there is none. */
  accept(socket: Socket, assumed: string | null): void
  /** The handshake is done: the connection's idle time-out begins. null: the peer has gone already. */
  secured(tls: TLSSocket): SecuredConnection | null
  openConnections(): number
  /** Ends idle connections at once, lets handshakes and answers under way finish, and cuts what is left after `graceMs`. */
  close(graceMs: number): Promise<void>
}

export interface SecuredConnection {
  /** From the hello that was routed; `TLSSocket.servername` stays empty when TLS 1.2 resumes a session. */
  readonly serverName: string | null
  /** The client said no name. */
  readonly isAssumed: boolean
  /** A sign of life; `busy` while a request waits for its answer. */
  touch(busy: boolean): void
}

interface Connection {
  readonly socket: Socket
  readonly assumed: string | null
  serverName: string | null
  isAssumed: boolean
  phase: 'hello' | 'handshake' | 'secured' | 'refused'
  outcome: ConnectionOutcome
  tls: TLSSocket | null
  busy: boolean
  timer: NodeJS.Timeout
}

/** What a refused peer gets to read its alert before it is cut off. */
const LINGER_MS = 1_000

const FAULT_ALERTS: Readonly<Record<ClientHelloFault, AlertName | null>> = {
  'not-tls': null,
  malformed: 'decode_error',
  'too-large': 'decode_error',
}

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const connections = new Map<string, Connection>()
  const closeWaiters: (() => void)[] = []
  let isClosing = false

  function accept(socket: Socket, assumed: string | null): void {
    socket.on('error', () => {})
    const key = endpointsOf(socket)
    if (key === null || isClosing) {
      socket.destroy()
      options.metrics.connectionEnded('closed-before-hello')
      return
    }
    const connection: Connection = {
      socket,
      assumed,
      serverName: null,
      isAssumed: false,
      phase: 'hello',
      outcome: 'closed-before-hello',
      tls: null,
      busy: false,
      timer: setTimeout(() => cut(connection, 'hello-timeout'), options.helloTimeoutMs),
    }
    connections.set(key, connection)
    socket.once('close', () => forget(key, connection))
    readHello(connection)
  }

  function readHello(connection: Connection): void {
    const { socket } = connection
    const reader = createClientHelloReader()
    const pieces: Uint8Array[] = []
    const onData = (piece: Buffer): void => {
      pieces.push(piece)
      const reading = reader.push(piece)
      if (reading.kind === 'need-more') return
      socket.off('data', onData)
      socket.pause()
      dispatch(connection, reading, pieces)
    }
    socket.on('data', onData)
  }

  function dispatch(
    connection: Connection,
    reading: Exclude<ClientHelloReading, { kind: 'need-more' }>,
    pieces: readonly Uint8Array[],
  ): void {
    if (reading.kind === 'invalid') {
      refuse(connection, FAULT_ALERTS[reading.fault], 'invalid-hello')
      return
    }
    const { hello } = reading
    connection.isAssumed = hello.serverName === null && connection.assumed !== null
    connection.serverName = hello.serverName ?? connection.assumed
    const routing = options.route({ ...hello, serverName: connection.serverName }, connection.isAssumed)
    if (routing.kind !== 'later') return follow(connection, routing, pieces)
    rearm(connection, options.helloTimeoutMs, 'handshake-timeout')
    void routing.route.then((route) => {
      if (!connection.socket.destroyed) follow(connection, route, pieces)
    })
  }

  function follow(connection: Connection, route: Route, pieces: readonly Uint8Array[]): void {
    if (route.kind === 'refuse') refuse(connection, route.alert, route.outcome)
    else handOn(connection, route.terminator, pieces)
  }

  function handOn(connection: Connection, terminator: Terminator, pieces: readonly Uint8Array[]): void {
    connection.phase = 'handshake'
    connection.outcome = 'handshake-failed'
    rearm(connection, options.handshakeTimeoutMs, 'handshake-timeout')
    connection.socket.unshift(Buffer.concat(pieces))
    terminator.emit('connection', connection.socket)
  }

  function refuse(connection: Connection, alert: AlertName | null, outcome: ConnectionOutcome): void {
    connection.phase = 'refused'
    connection.outcome = outcome
    if (alert === null) {
      connection.socket.destroy()
      return
    }
    // Closing with unread bytes would send a reset that overtakes the alert: read on, and throw away.
    connection.socket.end(fatalAlert(alert))
    connection.socket.resume()
    rearm(connection, LINGER_MS, outcome)
  }

  function secured(tls: TLSSocket): SecuredConnection | null {
    const key = endpointsOf(tls)
    const connection = key === null ? undefined : connections.get(key)
    if (connection === undefined) return null
    connection.phase = 'secured'
    connection.outcome = 'served'
    connection.tls = tls
    rearm(connection, options.idleTimeoutMs, 'served')
    const { serverName, isAssumed } = connection
    return { serverName, isAssumed, touch: (busy) => touch(connection, busy) }
  }

  function touch(connection: Connection, busy: boolean): void {
    // An answer may end because its connection did; refreshing a cleared timer would start it again.
    if (connection.socket.destroyed) return
    connection.busy = busy
    if (isClosing && !busy) connection.tls?.end()
    else connection.timer.refresh()
  }

  function rearm(connection: Connection, timeoutMs: number, outcome: ConnectionOutcome): void {
    clearTimeout(connection.timer)
    connection.timer = setTimeout(() => cut(connection, outcome), timeoutMs)
  }

  function cut(connection: Connection, outcome: ConnectionOutcome): void {
    connection.outcome = outcome
    connection.socket.destroy()
  }

  function forget(key: string, connection: Connection): void {
    clearTimeout(connection.timer)
    // A peer that comes back from the same port at once has put its own entry here.
    if (connections.get(key) === connection) connections.delete(key)
    options.metrics.connectionEnded(connection.outcome)
    if (connections.size === 0) for (const resolve of closeWaiters.splice(0)) resolve()
  }

  async function close(graceMs: number): Promise<void> {
    isClosing = true
    for (const connection of connections.values()) {
      if (connection.phase === 'hello') connection.socket.destroy()
      if (connection.phase === 'secured' && !connection.busy) connection.tls?.end()
    }
    if (connections.size === 0) return
    const limit = setTimeout(() => {
      for (const { socket } of connections.values()) socket.destroy()
    }, graceMs)
    await new Promise<void>((resolve) => closeWaiters.push(resolve))
    clearTimeout(limit)
  }

  return { accept, secured, openConnections: () => connections.size, close }
}

/**
 * Both ends of a connection name it for as long as it is open; `tls.Server` shows only its own socket, which has the same ends.
 * null: the peer has gone.
 */
function endpointsOf(socket: Socket): string | null {
  const { remoteAddress, remotePort, localAddress, localPort } = socket
  return remoteAddress === undefined ? null : `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`
}
