import { once } from 'node:events'
import {
  type AddressInfo,
  connect,
  createServer,
  type NetConnectOpts,
  type Server,
  type Socket,
} from 'node:net'

export interface Forwarder {
  /** `host:port`, the same before and after it was blocked. */
  readonly address: string
  /** How many connections came so far. */
  opened(): number
  /** Connections end, and new ones are refused. */
  block(): Promise<void>
  /** Connections stay and new ones are made, and nothing comes through any more. */
  silence(): Promise<void>
  /** What was held back in a silence comes through. */
  unblock(): Promise<void>
  close(): Promise<void>
}

/** A port in front of another one that can be blocked and opened again, as a firewall does it: nobody behind it notices. */
export async function createForwarder(to: NetConnectOpts): Promise<Forwarder> {
  const sockets = new Set<Socket>()
  let isSilent = false
  let server: Server | null = null
  let port = 0
  let count = 0

  function join(incoming: Socket): void {
    count += 1
    const outgoing = connect(to)
    for (const [socket, other] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      sockets.add(socket)
      socket.on('data', (chunk) => other.write(chunk))
      socket.on('end', () => other.end())
      socket.on('error', () => socket.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
      if (isSilent) socket.pause()
    }
  }

  async function unblock(): Promise<void> {
    isSilent = false
    for (const socket of sockets) socket.resume()
    if (server !== null) return
    server = createServer(join)
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  }

  async function block(): Promise<void> {
    const closing = server
    server = null
    for (const socket of sockets) socket.destroy()
    if (closing === null) return
    closing.close()
    await once(closing, 'close')
  }

  await unblock()
  return {
    address: `127.0.0.1:${port}`,
    opened: () => count,
    block,
    async silence() {
      isSilent = true
      for (const socket of sockets) socket.pause()
    },
    unblock,
    close: block,
  }
}
