import { beforeAll, describe, expect, it } from 'vitest'
import { createMemoryDnsZones } from '../../test/support/memory-dns-zones.ts'
import { accountId, contractId } from '../domain/identifiers.ts'
import { instant } from '../domain/time.ts'
import type { RecordSet } from '../domain/zones/record-set.ts'
import { createKeptZoneSource } from './kept-zones.ts'
import { createPublishedRecords } from './published-records.ts'
import type { RecordSource } from './record-source.ts'

const APEX = 'zone.example'
const set = (name: string, type: RecordSet['type'], ...data: string[]): RecordSet => ({
  name: name === '@' ? APEX : `${name}.${APEX}`,
  type,
  ttlSeconds: 60,
  data,
})

/** RFC 4592 section 2.2.1's kind of zone. */
const SETS = [
  set('@', 'SOA', `ns.${APEX}. root.${APEX}. 1 2 3 4 30`),
  set('@', 'NS', `ns.${APEX}.`),
  set('www', 'A', '192.0.2.1'),
  set('alias', 'CNAME', 'www.example.net.'),
  set('*', 'TXT', '"wild"'),
  set('*', 'MX', '10 mail.example.'),
  set('a.b.deep', 'TXT', '"deep"'),
  set('sub', 'NS', 'ns.elsewhere.example.'),
  set('x.sub', 'A', '192.0.2.9'),
  set('_acme-challenge.enrolled', 'TXT', '"placed"'),
  set('mine.enrolled', 'AAAA', '2001:db8::1'),
]

let source: RecordSource
beforeAll(async () => {
  const { zones, kept } = createMemoryDnsZones()
  await zones.insert(
    {
      name: APEX,
      accountId: accountId('A-1'),
      contractId: contractId('C-1'),
      comment: '',
      endCustomerId: '',
      signAndServe: false,
      signAndServeAlgorithm: null,
      serial: 42,
      versionId: 'v',
      realModifiedAt: instant(0),
      modifiedBy: 'x',
    },
    SETS,
  )
  const enrolled = [`enrolled.${APEX}`, `mine.enrolled.${APEX}`, `www.${APEX}`]
  const published = createPublishedRecords({
    names: {
      httpChallenge: async () => null,
      textRecords: async (name) => (name === `_acme-challenge.enrolled.${APEX}` ? ['published'] : []),
      enrolledAmong: async (names) => new Set(names.filter((name) => enrolled.includes(name))),
      isAboveEnrolled: async () => false,
    },
    addresses: ['127.0.0.1', '::1'],
  })
  source = createKeptZoneSource({ zones: kept, published })
})

const ask = async (name: string, type: string) => {
  const lookup = await source.lookup(name === '@' ? APEX : `${name}.${APEX}`, type)
  if (lookup?.outcome !== 'records') return lookup?.outcome ?? null
  return lookup.records.map((record) =>
    record.type === 'TXT' ? String([record.data].flat().join('')) : (record as { data: unknown }).data,
  )
}

describe('a zone that an account keeps', () => {
  it('answers what its keeper wrote, under the name that was asked', async () => {
    expect(await ask('www', 'A')).toEqual(['192.0.2.1'])
    const lookup = await source.lookup(`q.${APEX}`, 'MX')
    expect(lookup?.outcome === 'records' && lookup.records[0]).toMatchObject({
      name: `q.${APEX}`,
      ttl: 60,
      data: { preference: 10, exchange: 'mail.example' },
    })
  })

  it('tells a name without such a record from one that is not there', async () => {
    expect(await ask('www', 'MX')).toBe('no-data')
    expect(await ask('deep', 'A')).toBe('no-data')
    expect(await ask('b.deep', 'A')).toBe('no-data')
    expect(await ask('c.deep', 'A')).toBe('no-such-name')
  })

  it('answers with a CNAME for every other type', async () => {
    for (const type of ['A', 'TXT', 'CNAME']) expect(await ask('alias', type)).toEqual(['www.example.net'])
  })

  it('answers by a wildcard below the closest name that exists, and only there (RFC 4592 section 3.3)', async () => {
    expect(await ask('one.two', 'TXT')).toEqual(['wild'])
    expect(await ask('www', 'TXT')).toBe('no-data')
    expect(await ask('below.www', 'TXT')).toBe('no-such-name')
    expect(await ask('below.deep', 'TXT')).toBe('no-such-name')
    expect(await ask('one.two', 'A')).toBe('no-data')
  })

  it('refers to others for what it delegates, but for DS at the cut itself', async () => {
    for (const name of ['sub', 'x.sub', 'deeper.x.sub']) expect(await ask(name, 'A')).toBe('delegated')
    expect(await ask('sub', 'DS')).toBe('no-data')
    expect(await ask('x.sub', 'DS')).toBe('delegated')
  })

  it('shows its serial in the SOA, and how long a negative answer may be kept (RFC 2308 section 5)', async () => {
    expect(await ask('@', 'SOA')).toEqual([expect.objectContaining({ serial: 42, refresh: 2, minimum: 30 })])
    const lookup = await source.lookup(`c.deep.${APEX}`, 'A')
    expect(lookup?.zone).toMatchObject({ apex: APEX, serial: 42, ttlSeconds: 30, timers: { refresh: 2 } })
  })

  it('is filled in where names of it are enrolled here', async () => {
    expect(await ask('enrolled', 'A')).toEqual(['127.0.0.1'])
    expect(await ask('enrolled', 'MX')).toBe('no-data')
    expect(await ask('_acme-challenge.enrolled', 'TXT')).toEqual(['placed', 'published'])
  })

  it('is left as its keeper wrote it where he wrote an address', async () => {
    expect(await ask('www', 'A')).toEqual(['192.0.2.1'])
    expect(await ask('mine.enrolled', 'AAAA')).toEqual(['2001:db8::1'])
  })

  it('knows nothing of other names', async () => {
    expect(await source.lookup('other.example', 'A')).toBeNull()
    expect(await source.lookup(`${'a.'.repeat(40)}${APEX}`, 'A')).toBeNull()
  })
})
