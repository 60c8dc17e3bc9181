import { connect } from 'node:net'
import { Problem } from '../../errors/problem.ts'

/** HAProxy's runtime API (Management Guide, section 9.3) at a unix socket of level admin. */
export interface RuntimeSocket {
  readonly path: string
  /**
   * One command on a connection of its own: without `prompt` HAProxy answers once and closes. Rejects with `Problem('edge-unreachable')`, whose member
   * `runtime` is `refused`, `timeout` or `no-reply`: HAProxy drops a command longer than its buffer (`tune.bufsize`) without a word.
   */
  ask(command: string): Promise<string>
}

export function createRuntimeSocket(path: string, options: SocketOptions): RuntimeSocket {
  return { path, ask: (command) => exchange(path, command, options) }
}

export interface SocketOptions {
  readonly timeoutMs: number
  /** The master CLI waits for the end of what it is told; the runtime API answers a line. */
  readonly endsInput?: boolean
}

function exchange(path: string, command: string, options: SocketOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = []
    let isConnected = false
    const socket = connect(path)
    const fail = (seen: Silence, cause?: unknown): void => {
      socket.destroy()
      reject(silent(path, command, seen, cause))
    }
    socket.setTimeout(options.timeoutMs, () => fail('timeout'))
    socket.on('connect', () => {
      isConnected = true
      if (options.endsInput === true) socket.end(command)
      else socket.write(command)
    })
    socket.on('data', (piece: Buffer) => pieces.push(piece))
    // A reset after the answer is the end of it: HAProxy closes with input unread.
    socket.on('error', (cause) => {
      if (!isConnected) fail('refused', cause)
      else if (pieces.length === 0) fail('no-reply', cause)
    })
    socket.on('close', () => {
      const reply = Buffer.concat(pieces).toString('utf8')
      // Changes of a map are answered by an empty line; nothing at all is another thing.
      if (reply === '') fail('no-reply')
      else resolve(reply)
    })
  })
}

/** HAProxy itself said nothing, as one that restarts does. */
export const isSilence = (error: unknown): boolean =>
  error instanceof Problem && error.members['runtime'] !== undefined

type Silence = 'refused' | 'timeout' | 'no-reply'

const WORDS: Readonly<Record<Silence, string>> = {
  refused: 'cannot be reached',
  timeout: 'did not answer in time',
  'no-reply': 'closed without an answer',
}

/** Names the command, never what it carried. */
function silent(path: string, command: string, seen: Silence, cause: unknown): Problem {
  const [first = ''] = command.split('\n')
  return new Problem('edge-unreachable', {
    detail: `HAProxy at ${path} ${WORDS[seen]} when asked to ${first.replace(/ <<$/, '')}`,
    members: { address: path, runtime: seen },
    cause,
  })
}
