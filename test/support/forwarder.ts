import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

export interface Forwarder {
  /** `host:port`, the same before and after it was blocked. */
  readonly address: string
  block(): Promise<void>
  unblock(): Promise<void>
  close(): Promise<void>
}

/** A port in front of another one that can be blocked and opened again, as a firewall does it: nobody behind it notices. */
export async function createForwarder(to: {
  readonly host: string
  readonly port: number
}): Promise<Forwarder> {
  const sockets = new Set<Socket>()
  const keep = (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
  }
  let server: Server | null = null
  let port = 0

  async function unblock(): Promise<void> {
    server = createServer((incoming) => {
      const outgoing = connect(to)
      for (const socket of [incoming, outgoing]) keep(socket)
      incoming.pipe(outgoing).pipe(incoming)
    })
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
  return { address: `127.0.0.1:${port}`, block, unblock, close: block }
}
