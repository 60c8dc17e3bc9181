import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { connect as connectTcp, createServer, type AddressInfo, type Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls'
import type { BoundAddress } from '../../src/inbound/listen.ts'

/** A finished handshake; rejects with Node's own error. Trusts nothing and checks nothing unless told otherwise. */
export async function handshake(
  address: BoundAddress,
  servername: string,
  options: ConnectionOptions = {},
): Promise<TLSSocket> {
  const tls = connectTls({ ...address, servername, rejectUnauthorized: false, ...options })
  await once(tls, 'secureConnect')
  tls.on('error', () => {})
  return tls
}

/** What a later handshake of this one version may offer to resume. */
export async function sessionFrom(
  address: BoundAddress,
  name: string,
  version: 'TLSv1.2' | 'TLSv1.3',
  options: ConnectionOptions = {},
): Promise<Buffer> {
  const tls = await handshake(address, name, { minVersion: version, maxVersion: version, ...options })
  const session = once(tls, 'session')
  // A TLS 1.3 ticket comes with the first bytes after the handshake.
  if (version === 'TLSv1.3') await getJson(tls, name)
  const kept = version === 'TLSv1.3' ? ((await session)[0] as Buffer) : (tls.getSession() as Buffer)
  tls.destroy()
  return kept
}

export interface PageAnswer {
  readonly status: number
  readonly headers: string
  readonly body: string
}

/** One request on an open connection, which stays open. The answer must carry Content-Length, as the page's does. */
export async function ask(tls: TLSSocket, head: readonly string[]): Promise<PageAnswer> {
  return new Promise((resolve, reject) => {
    let text = ''
    const done = (settle: () => void): void => {
      tls.off('data', onData).off('close', onClose)
      settle()
    }
    const onClose = (): void => done(() => reject(new Error(`closed after: ${text}`)))
    const onData = (piece: Buffer): void => {
      text += piece.toString('latin1')
      const split = text.indexOf('\r\n\r\n')
      const length = Number(/^content-length: (\d+)/im.exec(text)?.[1] ?? 0)
      if (split < 0 || text.length < split + 4 + length) return
      const status = Number(text.slice(9, 12))
      done(() => resolve({ status, headers: text.slice(0, split), body: text.slice(split + 4) }))
    }
    tls.on('data', onData).on('close', onClose)
    tls.write(`${head.join('\r\n')}\r\n\r\n`)
  })
}

export function getJson(tls: TLSSocket, host: string): Promise<PageAnswer> {
  return ask(tls, ['GET / HTTP/1.1', `Host: ${host}`, 'Accept: application/json'])
}

export async function openTcp(address: BoundAddress): Promise<Socket> {
  const socket = connectTcp(address)
  await once(socket, 'connect')
  socket.on('error', () => {})
  return socket
}

/** All that arrives until the other side closes. */
export async function readToEnd(socket: Socket): Promise<Buffer> {
  const pieces: Buffer[] = []
  socket.on('data', (piece: Buffer) => pieces.push(piece))
  if (!socket.closed) await new Promise<void>((resolve) => socket.once('close', () => resolve()))
  return Buffer.concat(pieces)
}

/** Both outputs of `openssl s_client`, which ends by itself since its input is empty. */
export function opensslClient(address: BoundAddress, more: readonly string[]): Promise<string> {
  const to = address.host.includes(':')
    ? `[${address.host}]:${address.port}`
    : `${address.host}:${address.port}`
  return new Promise((resolve, reject) => {
    const child = execFile(
      'openssl',
      ['s_client', '-connect', to, ...more],
      { timeout: 20_000 },
      (error, stdout, stderr) => {
        // A failed handshake is exit status 1 and what the tests look for; not having the program is a fault.
        if (error !== null && typeof error.code !== 'number')
          reject(new Error('openssl did not run', { cause: error }))
        else resolve(`${stdout}${stderr}`)
      },
    )
    child.stdin?.end()
  })
}

/** The bytes with which Node begins a handshake. */
export function clientHelloBytes(servername: string, options: ConnectionOptions = {}): Promise<Buffer> {
  return captureFirstBytes((port) => {
    const tls = connectTls({ host: '127.0.0.1', port, servername, ...options })
    tls.on('error', () => {})
    return () => tls.destroy()
  })
}

/** Runs a client against a listener that only listens; resolves with its first bytes. */
export async function captureFirstBytes(start: (port: number) => () => void): Promise<Buffer> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const stop = start((server.address() as AddressInfo).port)
  const [socket] = (await once(server, 'connection')) as [Socket]
  socket.on('error', () => {})
  const [bytes] = (await once(socket, 'data')) as [Buffer]
  stop()
  socket.destroy()
  server.close()
  return bytes
}
