import { connect, type Socket } from 'node:net'
import { Duplex } from 'node:stream'

/** A TCP connection that keeps a copy of what it received until it is told to stop: `tls.connect` reads a plain socket below JavaScript. */
export interface RecordingConnection {
  /** For `tls.connect({ socket })`. */
  readonly stream: Duplex
  readonly address: string
  /** What arrived so far, as one piece; nothing is kept from here on. */
  stopRecording(): Uint8Array
}

/** Resolves when connected; rejects with Node's own connect error. Abort destroys it at any time. */
export async function openRecordingConnection(
  target: { readonly host: string; readonly port: number },
  signal: AbortSignal,
): Promise<RecordingConnection> {
  const socket = connect({ host: target.host, port: target.port, noDelay: true, signal })
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  let pieces: Uint8Array[] | null = []
  const stream = streamOver(socket, (piece) => pieces?.push(piece))
  return {
    stream,
    address: socket.remoteAddress ?? target.host,
    stopRecording: () => {
      const received = Buffer.concat(pieces ?? [])
      pieces = null
      return received
    },
  }
}

function streamOver(socket: Socket, record: (piece: Uint8Array) => void): Duplex {
  const stream = new Duplex({
    read: () => void socket.resume(),
    write: (chunk, _encoding, done) => void socket.write(chunk, done),
    final: (done) => void socket.end(done),
    destroy: (error, done) => {
      socket.destroy()
      done(error)
    },
  })
  socket.on('data', (piece: Buffer) => {
    record(piece)
    if (!stream.push(piece)) socket.pause()
  })
  socket.on('end', () => stream.push(null))
  socket.on('error', (error) => stream.destroy(error))
  socket.on('close', () => stream.destroy())
  return stream
}
