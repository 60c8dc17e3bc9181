import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { openTcp } from '../../test/support/edge-client.ts'
import { bindOnAll, type Bound, type BoundAddress, listenAt } from './listen.ts'

// An address of TEST-NET-1 (RFC 5737), which no machine has.
const MISSING = '192.0.2.1'
const open: Bound[] = []

afterEach(async () => {
  for (const bound of open.splice(0)) await bound.close()
})

async function listen(
  hosts: readonly string[],
  port: number,
  passOverMissing = false,
): Promise<readonly BoundAddress[]> {
  const { bound } = await bindOnAll({ hosts, port, passOverMissing }, (at) =>
    listenAt(
      createServer((socket) => socket.end('here')),
      at,
    ),
  )
  open.push(...bound)
  return bound
}

describe('listening on several addresses', () => {
  it('takes one free port for all of them, and each answers', async () => {
    const addresses = await listen(['127.0.0.1', '127.0.0.2', '127.0.0.1'], 0)
    expect(addresses.map(({ host }) => host)).toEqual(['127.0.0.1', '127.0.0.2'])
    expect(new Set(addresses.map(({ port }) => port)).size).toBe(1)
    for (const address of addresses) {
      const [bytes] = (await once(await openTcp(address), 'data')) as [Buffer]
      expect(bytes.toString()).toBe('here')
    }
  })

  it('passes over an address that the machine lacks when told so', async () => {
    const addresses = await listen([MISSING, '127.0.0.1'], 0, true)
    expect(addresses.map(({ host }) => host)).toEqual(['127.0.0.1'])
  })

  it('refuses it otherwise, and then holds nothing', async () => {
    const [address] = await listen(['127.0.0.1'], 0)
    const port = address?.port ?? 0
    await open.pop()?.close()
    await expect(listen(['127.0.0.1', MISSING], port)).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' })
    await expect(listen(['127.0.0.1'], port)).resolves.toBeDefined()
  })

  it('refuses when every address is missing', async () => {
    await expect(listen([MISSING], 0, true)).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' })
  })

  it('says when a port is taken, and then holds nothing', async () => {
    const other = createServer()
    other.listen(0, '127.0.0.2')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    await expect(listen(['127.0.0.1', '127.0.0.2'], port)).rejects.toMatchObject({ code: 'EADDRINUSE' })
    await expect(listen(['127.0.0.1'], port)).resolves.toBeDefined()
    await new Promise((resolve) => other.close(resolve))
  })

  it('accepts nothing after close, which may be called twice', async () => {
    const [address] = await listen(['127.0.0.1'], 0)
    await Promise.all([open[0]?.close(), open[0]?.close()])
    await expect(openTcp(address ?? { host: '', port: 0 })).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })
})
