import type { Server } from 'node:http'
import type { OpenRequests } from './open-requests.ts'

/** Takes nothing more, ends what only waits, and cuts what is still being answered after the grace. */
export async function closeServers(
  servers: readonly Pick<Server, 'close' | 'closeIdleConnections' | 'closeAllConnections'>[],
  open: OpenRequests,
  graceMs: number,
): Promise<void> {
  const closed = servers.map((server) => new Promise<void>((done) => server.close(() => done())))
  open.endAll(() => {
    for (const server of servers) server.closeIdleConnections()
  })
  const cut = setTimeout(() => {
    for (const server of servers) server.closeAllConnections()
  }, graceMs)
  await Promise.all(closed)
  clearTimeout(cut)
}
