import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below what the kernel hands out by itself, so that nothing that binds port 0 or connects takes it before its server does. */
const [LOWEST, HIGHEST] = [10_240, 32_767]

/** A TCP port of 127.0.0.1 that nobody has now, for programs that have to be told one. */
export async function freePort() {
  for (;;) {
    const port = randomInt(LOWEST, HIGHEST + 1)
    const server = createServer()
    try {
      await once(server.listen(port, '127.0.0.1'), 'listening')
    } catch {
      continue
    }
    server.close()
    await once(server, 'close')
    return port
  }
}
