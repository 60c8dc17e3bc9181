import { once } from 'node:events'
import { connect, createServer } from 'node:net'

/** Somebody gets in between: what was set last for a file below `folder` is set again with this chain, before its commit. */
export interface ChainSwap {
  readonly folder: string
  readonly chainPem: string
  /** A certificate that is left alone, by a line of its PEM. */
  readonly spares?: string
}

export interface HaproxyGate {
  readonly path: string
  /** Null: commands pass as they are. */
  swapChain(swap: ChainSwap | null): void
  swapped(): number
  close(): Promise<void>
}

/** A socket in front of HAProxy's runtime API: a second writer with a sense for the worst moment. */
export async function openGate(path: string, to: string): Promise<HaproxyGate> {
  let swap: ChainSwap | null = null
  let lastSet = ''
  let swapped = 0
  const server = createServer((incoming) => {
    incoming.on('error', () => {})
    const pass = async (command: string): Promise<void> => {
      if (command.startsWith('set ssl cert ')) lastSet = command
      const isSpared = swap?.spares !== undefined && lastSet.includes(swap.spares)
      if (swap !== null && !isSpared && command.startsWith(`commit ssl cert ${swap.folder}/`)) {
        swapped++
        const [head = '', ...rest] = lastSet.split('\n')
        await askAt(to, `${head}\n${withChain(`${rest.join('\n').trimEnd()}\n`, swap.chainPem)}`)
      }
      const outgoing = connect(to, () => outgoing.write(command))
      outgoing.on('error', () => incoming.destroy())
      outgoing.pipe(incoming)
    }
    incoming.once('data', (piece: Buffer) => {
      pass(piece.toString()).catch(() => incoming.destroy())
    })
  })
  server.listen(path)
  await once(server, 'listening')
  return {
    path,
    swapChain(wished) {
      swap = wished
      swapped = 0
    },
    swapped: () => swapped,
    async close() {
      server.close()
      await once(server, 'close')
    },
  }
}

/** One command past our own driver, as a colleague with socat would. */
export const askAt = (path: string, command: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let reply = ''
    const socket = connect(path, () => socket.write(`${command}\n`))
    socket.on('data', (piece: Buffer) => {
      reply += piece.toString()
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(reply))
  })

/** The same leaf and key with another chain. */
export const withChain = (pem: string, chain: string): string => {
  const [leaf = '', , key = ''] = pem.split(/(?<=-----END [A-Z ]+-----\n)/)
  return leaf + (chain.endsWith('\n') ? chain : `${chain}\n`) + key
}
