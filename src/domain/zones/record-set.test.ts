import { describe, expect, it } from 'vitest'
import { pageOf } from './page.ts'
import {
  firstRecordSets,
  nextSerial,
  type RecordSet,
  recordSetFaults,
  typeBesideAlias,
  withSerial,
} from './record-set.ts'

const ZONE = 'example.com'
const set = (name: string, type: RecordSet['type'], ...data: string[]): RecordSet => ({
  name,
  type,
  ttlSeconds: 60,
  data,
})
const pathsOf = (given: RecordSet) => recordSetFaults(given, ZONE).map(({ path }) => path)

describe('a record set', () => {
  it('is right where it lies in its zone and each record is right', () => {
    for (const given of [
      set('www.example.com', 'A', '192.0.2.1', '192.0.2.2'),
      set('example.com', 'TXT', '"v=spf1 -all"'),
      set('*.example.com', 'CNAME', 'edge.example.net.'),
      set('sub.example.com', 'NS', 'ns.example.net.'),
      ...firstRecordSets(ZONE, ['ns1.example.net', 'ns2.example.net']),
    ])
      expect(recordSetFaults(given, ZONE)).toEqual([])
  })

  it('has every fault told at once', () => {
    expect(pathsOf(set('www.example.net', 'A', '192.0.2.1', 'x', '192.0.2.1'))).toEqual([
      '/name',
      '/rdata/1',
      '/rdata/2',
    ])
  })

  it('has no record twice, however it is written', () => {
    expect(pathsOf(set('www.example.com', 'NS', 'NS.example.net', 'ns.example.net.'))).toEqual(['/rdata/1'])
    expect(pathsOf(set('www.example.com', 'TXT', 'a', '"a"'))).toEqual(['/rdata/1'])
    expect(pathsOf(set('www.example.com', 'TXT', '"A"', '"a"'))).toEqual([])
  })

  it('keeps what is single single, and the apex an apex', () => {
    expect(pathsOf(set('www.example.com', 'CNAME', 'a.example.', 'b.example.'))).toEqual(['/rdata'])
    expect(pathsOf(set('example.com', 'CNAME', 'a.example.'))).toEqual(['/name'])
    expect(pathsOf(set('www.example.com', 'SOA', 'a. b. 1 2 3 4 5'))).toEqual(['/name'])
    expect(pathsOf(set('*.example.com', 'NS', 'a.example.'))).toEqual(['/name'])
  })

  it('stands alone where it is an alias (RFC 1034 section 3.6.2)', () => {
    expect(typeBesideAlias(['CNAME'])).toBeNull()
    expect(typeBesideAlias(['A', 'TXT'])).toBeNull()
    expect(typeBesideAlias(['TXT', 'CNAME'])).toBe('TXT')
  })

  it('moves the serial on, or to where its keeper wrote it', () => {
    const [soa] = firstRecordSets(ZONE, ['ns.example.net'])
    expect(nextSerial(4, [])).toBe(5)
    expect(nextSerial(4, [soa!])).toBe(5)
    expect(nextSerial(4, [withSerial(soa!, 2_026_010_100)])).toBe(2_026_010_100)
    expect(nextSerial(0xffff_ffff, [])).toBe(1)
    expect(withSerial(soa!, 9).data).toEqual([
      'ns.example.net. hostmaster.example.com. 9 14400 7200 604800 1200',
    ])
  })
})

describe('a page of a list', () => {
  const items = ['b1', 'a2', 'a1', 'c3']
  const keys = { letter: (item: string) => item.slice(0, 1), number: (item: string) => item.slice(1) }
  const wish = { page: 1, pageSize: 3, showAll: false, sortBy: [] }

  it('is cut after sorting, by several words', () => {
    const sortBy = [
      { key: 'Letter', descending: false },
      { key: 'number', descending: true },
    ]
    expect(pageOf(items, { ...wish, sortBy }, keys)).toEqual({
      items: ['a2', 'a1', 'b1'],
      total: 4,
      lastPage: 2,
    })
    expect(pageOf(items, { ...wish, sortBy, page: 2 }, keys).items).toEqual(['c3'])
    expect(pageOf(items, { ...wish, page: 3 }, keys).items).toEqual([])
  })

  it('is the whole where all is wanted', () => {
    expect(pageOf(items, { ...wish, showAll: true, page: 2 }, keys)).toEqual({ items, total: 4, lastPage: 1 })
    expect(pageOf([], wish, keys)).toEqual({ items: [], total: 0, lastPage: 1 })
  })
})
