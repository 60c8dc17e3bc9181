import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createRuntimeSocket, isSilence } from './runtime-socket.ts'

describe('a socket of the runtime API', () => {
  let folder = ''
  let server: Server | null = null
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'certrail-socket-'))
  })
  afterEach(async () => {
    server?.close()
    server = null
    await rm(folder, { recursive: true })
  })

  async function answering(answer: (socket: Socket, command: string) => void, timeoutMs = 20_000) {
    const path = join(folder, 'admin.sock')
    server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.once('data', (command: Buffer) => answer(socket, command.toString()))
      socket.on('error', () => {})
    })
    server.listen(path)
    await once(server, 'listening')
    return createRuntimeSocket(path, { timeoutMs })
  }
  const failure = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => 'an answer',
      (error: unknown) => error,
    )

  it('gives the whole answer, however it comes', async () => {
    const { ask } = await answering((socket, command) => {
      socket.write(`about ${command}`)
      socket.end('and more\n')
    })
    expect(await ask('show info\n')).toBe('about show info\nand more\n')
  })

  const silences: readonly (readonly [string, string, number, (socket: Socket) => void])[] = [
    ['no-reply', 'an empty reply', 20_000, (socket) => socket.end()],
    ['no-reply', 'a connection that is cut', 20_000, (socket) => socket.destroy()],
    ['timeout', 'none at all', 100, () => {}],
  ]
  it.each(silences)(
    'fails with %s for %s, and shows nothing of what it carried',
    async (runtime, _what, timeoutMs, answer) => {
      const { ask } = await answering(answer, timeoutMs)
      const error = await failure(ask('set ssl cert /a.pem <<\nc2VjcmV0\n\n'))
      expect(error).toMatchObject({ code: 'edge-unreachable', members: { runtime } })
      expect(isSilence(error)).toBe(true)
      expect(JSON.stringify(error) + String(error)).not.toContain('c2VjcmV0')
    },
  )

  it('fails with refused where nobody listens', async () => {
    const { ask } = createRuntimeSocket(join(folder, 'nobody.sock'), { timeoutMs: 300 })
    expect(await failure(ask('show info\n'))).toMatchObject({ members: { runtime: 'refused' } })
  })
})
