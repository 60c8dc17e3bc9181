import { describe, expect, it } from 'vitest'
import { createEdgeHostNames } from './edge-host-names.ts'

const source = createEdgeHostNames({ addresses: ['127.0.0.1', '::1'] })

describe('an edge hostname in a sandbox', () => {
  it.each([
    ['www.example.com.edgekey.net', 'A', ['127.0.0.1']],
    ['www.example.com.edgesuite.net', 'AAAA', ['::1']],
  ])('%s leads to our edges: %s', async (name, type, data) => {
    const lookup = await source.lookup(name, type)
    expect(lookup?.outcome === 'records' && lookup.records.map((record) => record)).toEqual(
      data.map((address) => ({ name, type, ttl: 20, data: address })),
    )
  })

  it('has nothing else, and other names are not ours to answer', async () => {
    expect((await source.lookup('www.example.com.edgekey.net', 'TXT'))?.outcome).toBe('no-data')
    expect((await source.lookup('edgekey.net', 'A'))?.outcome).toBe('no-data')
    expect(await source.lookup('xedgekey.net', 'A')).toBeNull()
    expect(await source.lookup('www.example.com', 'A')).toBeNull()
  })
})
