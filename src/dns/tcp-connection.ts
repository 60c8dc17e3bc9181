import type { Socket } from 'node:net'

export interface TcpConnectionOptions {
  /** The reply without its length prefix; null ends the connection. Never rejects. */
  readonly answer: (message: Buffer) => Promise<Buffer | null>
  /** From the connection, or the last whole exchange, to the end of the next one; a byte now and then does not prolong it. */
  readonly exchangeTimeoutMs: number
}

/** No query of ours is longer; a name has 255 octets at most, the rest is room for EDNS options. */
const MESSAGE_LIMIT = 4096
const PREFIX_OCTETS = 2

/** Serves one connection, one query after another (RFC 7766 section 6.2.1). Bounded in memory and time. */
export function serveTcpConnection(socket: Socket, options: TcpConnectionOptions): void {
  let pending: Buffer = Buffer.alloc(0)
  let isAnswering = false
  let hasEnded = false
  const timer = setTimeout(() => socket.destroy(), options.exchangeTimeoutMs)

  const answerNext = async (): Promise<void> => {
    const message = takeMessage()
    if (message === null) {
      if (hasEnded) socket.end()
      else socket.resume()
      return
    }
    isAnswering = true
    socket.pause()
    const reply = await options.answer(message)
    if (reply === null || socket.destroyed) {
      socket.destroy()
      return
    }
    socket.write(withPrefix(reply), (error) => {
      isAnswering = false
      if (error) return
      timer.refresh()
      void answerNext()
    })
  }

  const takeMessage = (): Buffer | null => {
    if (pending.length < PREFIX_OCTETS) return null
    const end = PREFIX_OCTETS + pending.readUInt16BE(0)
    if (end - PREFIX_OCTETS > MESSAGE_LIMIT) {
      socket.destroy()
      return null
    }
    if (pending.length < end) return null
    const message = pending.subarray(PREFIX_OCTETS, end)
    pending = pending.subarray(end)
    return message
  }

  socket.on('data', (chunk) => {
    pending = Buffer.concat([pending, chunk])
    if (!isAnswering) void answerNext()
  })
  socket.on('end', () => {
    hasEnded = true
    if (!isAnswering) socket.end()
  })
  // A peer that resets is no event of ours; `close` follows.
  socket.on('error', () => undefined)
  socket.on('close', () => clearTimeout(timer))
}

export function withPrefix(message: Buffer): Buffer {
  const prefix = Buffer.alloc(PREFIX_OCTETS)
  prefix.writeUInt16BE(message.length)
  return Buffer.concat([prefix, message])
}
