import { describe, expect, it } from 'vitest'
import { Problem } from '../../errors/problem.ts'
import type { Handshake } from '../../ports/edge.ts'
import type { ProbeTarget } from '../probe.ts'
import { createBuiltinEdge, type BuiltinEdgeOptions } from './builtin-edge.ts'

const { signal } = new AbortController()

const seenAt = (address: string, fingerprint: string): Handshake => ({
  address,
  serverName: 'a.example',
  protocol: 'TLSv1.3',
  cipher: 'TLS_AES_128_GCM_SHA256',
  alpn: null,
  certificates: [],
  certificateOctets: 0,
  serialNumber: fingerprint,
  fingerprint,
})

function edgeWith(options: Partial<BuiltinEdgeOptions>) {
  return createBuiltinEdge({
    id: 'e',
    network: 'staging',
    addresses: () => [
      { host: '0.0.0.0', port: 1 },
      { host: '::', port: 1 },
      { host: '10.0.0.1', port: 1 },
    ],
    publish: async () => {},
    withdraw: async () => {},
    probe: async ({ host }) => seenAt(host, 'aa'),
    probeTimeoutMs: 77,
    ...options,
  })
}

describe('the proof that a network serves a name', () => {
  it('is a handshake with each of its addresses, by loopback where it listens on all', async () => {
    const asked: ProbeTarget[] = []
    const edge = edgeWith({
      probe: async (target) => {
        asked.push(target)
        return seenAt(target.host, 'aa')
      },
    })
    expect(await edge.probe('a.example', signal)).toMatchObject({ address: '0.0.0.0:1', fingerprint: 'aa' })
    expect(asked.map(({ host }) => host)).toEqual(['127.0.0.1', '::1', '10.0.0.1'])
    expect(asked[0]).toMatchObject({ serverName: 'a.example', timeoutMs: 77, port: 1 })
  })

  it('fails when one address fails', async () => {
    const failure = new Problem('edge-unreachable')
    const edge = edgeWith({
      probe: async ({ host }) => {
        if (host === '10.0.0.1') throw failure
        return seenAt(host, 'aa')
      },
    })
    await expect(edge.probe('a.example', signal)).rejects.toBe(failure)
  })

  it('fails when the addresses disagree, and names what each serves', async () => {
    const edge = edgeWith({ probe: async ({ host }) => seenAt(host, host === '::1' ? 'old' : 'new') })
    await expect(edge.probe('a.example', signal)).rejects.toMatchObject({
      code: 'edge-unreachable',
      members: {
        seen: 'disagreement',
        answers: ['0.0.0.0:1 serves new', '[::]:1 serves old', '10.0.0.1:1 serves new'],
      },
    })
  })

  it('fails when nothing listens', async () => {
    const edge = edgeWith({ addresses: () => [] })
    await expect(edge.probe('a.example', signal)).rejects.toMatchObject({
      code: 'edge-unreachable',
      members: { seen: 'no-address' },
    })
  })
})

describe('publishing', () => {
  it('that breaks is edge-unreachable with its cause; a Problem stays what it is', async () => {
    const cause = new Error('connection lost')
    const edge = edgeWith({ withdraw: () => Promise.reject(cause) })
    await expect(edge.withdraw('d' as never, [], signal)).rejects.toMatchObject({
      code: 'edge-unreachable',
      cause,
    })
    const problem = new Problem('database-unavailable')
    await expect(
      edgeWith({ withdraw: () => Promise.reject(problem) }).withdraw('d' as never, [], signal),
    ).rejects.toBe(problem)
  })
})
