import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import packet from 'dns-packet'

export interface NameServer {
  /** UDP of 127.0.0.1. */
  readonly port: number
  /** The address of a name from now on; null: DNS does not know it. */
  lead(name: string, address: string | null): void
  close(): void
}

/** A name server of whoever owns the names, as a resolver that forwards to it would answer: A records, and nothing of any other type. */
export async function startNameServer(): Promise<NameServer> {
  const addresses = new Map<string, string>()
  const socket = createSocket('udp4')
  socket.on('message', (message, from) => {
    const query = packet.decode(message)
    const [question] = query.questions ?? []
    const name = question?.name.toLowerCase() ?? ''
    const address = question?.type === 'A' ? addresses.get(name) : undefined
    const isKnown = [...addresses.keys()].some((known) => known === name || known.endsWith(`.${name}`))
    const reply = packet.encode({
      type: 'response',
      id: query.id ?? 0,
      // The low bits are the response code: 3, NXDOMAIN.
      flags: packet.RECURSION_DESIRED | packet.RECURSION_AVAILABLE | (isKnown ? 0 : 3),
      questions: query.questions ?? [],
      answers: address === undefined ? [] : [{ type: 'A', name, ttl: 1, data: address }],
    })
    socket.send(reply, from.port, from.address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return {
    port: socket.address().port,
    lead(name, address) {
      if (address === null) addresses.delete(name)
      else addresses.set(name, address)
    },
    close: () => socket.close(),
  }
}
