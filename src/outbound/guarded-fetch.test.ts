import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createOutboundFetch, OutboundFailure, type OutboundOptions } from './guarded-fetch.ts'
import { systemAddresses } from './system-addresses.ts'

const never = new AbortController().signal
const servers: Server[] = []

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener)
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

const fetchWith = (url: string, options: Partial<OutboundOptions> = {}) =>
  createOutboundFetch({
    resolve: async () => ['127.0.0.1'],
    targets: 'public',
    timeoutMs: 2_000,
    bodyLimitBytes: 1_000,
    trust: 'system',
    schemes: ['http:', 'https:'],
    ...options,
  })({ url }, never)

const refusal = expect.objectContaining({ isRefusal: true })

describe('requests to places that somebody else names', () => {
  it.each([
    'http://127.0.0.1/',
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0177.0.0.1/',
    'http://127.1/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:a9fe:a9fe]/latest/meta-data',
    'http://[64:ff9b::7f00:1]/',
    'http://[2002:7f00:1::]/',
    'http://169.254.169.254/',
    'http://0/',
    'http://10.0.0.1:22/',
  ])('go nowhere private, however it is written: %s', async (url) => {
    await expect(fetchWith(url)).rejects.toEqual(refusal)
  })

  it.each(['ftp://host.example/', 'file:///etc/passwd', 'http://user:secret@host.example/', 'nonsense'])(
    'are not made for %s',
    async (url) => {
      const failure: unknown = await fetchWith(url).catch((error: unknown) => error)
      expect(failure).toEqual(refusal)
      expect((failure as Error).message).not.toContain('secret')
    },
  )

  it('are judged by where the name leads, and the name is asked for once (DNS rebinding)', async () => {
    const port = await serve((_, response) => response.end('here'))
    const answers = [['127.0.0.1'], ['192.0.2.1']]
    let asked = 0
    const options = { targets: 'loopback', resolve: async () => answers[asked++] ?? [] } as const
    const { body } = await fetchWith(`http://host.example:${port}/`, options)
    expect([body.toString(), asked]).toEqual(['here', 1])
    await expect(fetchWith('http://host.example/', { resolve: async () => ['10.1.1.1'] })).rejects.toEqual(
      refusal,
    )
  })

  it('use the allowed ones of several addresses, and the next when one cannot be reached', async () => {
    const port = await serve((request, response) => response.end(request.headers.host))
    const options = { targets: 'loopback', resolve: async () => ['10.0.0.1', '::1', '127.0.0.1'] } as const
    const { body } = await fetchWith(`http://host.example:${port}/`, options)
    expect(body.toString()).toBe(`host.example:${port}`)
  })

  it('follow no redirect by themselves', async () => {
    const port = await serve((_, response) => response.writeHead(302, { location: 'http://10.0.0.1/' }).end())
    const answer = await fetchWith(`http://127.0.0.1:${port}/`, { targets: 'loopback' })
    expect([answer.status, answer.location]).toEqual([302, 'http://10.0.0.1/'])
  })

  it('read no more than their limit and say that there was more', async () => {
    const port = await serve((_, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(16_384)));
      }
      response.on('drain', more)
      more()
    })
    const { body, isCut } = await fetchWith(`http://127.0.0.1:${port}/`, { targets: 'loopback' })
    expect([body.length, isCut]).toEqual([1_000, true])
  })

  it('end in their time when nothing comes', async () => {
    const port = await serve((_, response) => void response.write('x'))
    const slow = fetchWith(`http://127.0.0.1:${port}/`, { targets: 'loopback', timeoutMs: 100 })
    await expect(slow).rejects.toBeInstanceOf(OutboundFailure)
  })

  it('find hosts as any program of this machine does', async () => {
    expect(await systemAddresses('localhost')).toContain('127.0.0.1')
    await expect(fetchWith('http://localhost/', { resolve: systemAddresses })).rejects.toEqual(refusal)
  })

  it('say that a name has no address', async () => {
    await expect(fetchWith('http://host.example/', { resolve: async () => [] })).rejects.toEqual(
      expect.objectContaining({ isRefusal: false, message: expect.stringContaining('no address') }),
    )
  })
})
