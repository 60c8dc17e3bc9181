import { afterAll, beforeAll, expect, it } from 'vitest'
import type { DnsProvider } from '../../src/placement/provider.ts'

export interface ProviderUnderTest {
  readonly provider: DnsProvider
  /** Apex that it may write into. */
  readonly zone: string
  /** What stands at an owner name now, sorted. */
  texts(owner: string): Promise<readonly string[]>
  close(): Promise<void>
}

const never = new AbortController().signal

/** What every provider of ports/challenge-placement.ts does alike. */
export function dnsProviderContract(begin: () => Promise<ProviderUnderTest>): void {
  let under: ProviderUnderTest
  beforeAll(async () => {
    under = await begin()
  })
  afterAll(() => under?.close())

  const record = (label: string, value: string) => ({
    zone: under.zone,
    owner: `_acme-challenge.${label}.${under.zone}`,
    value,
  })

  it('places a value, once however often it is told, and takes it away again', async () => {
    const one = record('once', 'value-1')
    await under.provider.place(one, never)
    await under.provider.place(one, never)
    expect(await under.texts(one.owner)).toEqual(['value-1'])
    await under.provider.remove(one, never)
    expect(await under.texts(one.owner)).toEqual([])
  })

  it('keeps two values at one name apart, as an apex and its wildcard need them', async () => {
    const [apex, wildcard] = [record('two', 'value-a'), record('two', 'value-b')]
    await Promise.all([under.provider.place(apex, never), under.provider.place(wildcard, never)])
    expect(await under.texts(apex.owner)).toEqual(['value-a', 'value-b'])
    await under.provider.remove(apex, never)
    expect(await under.texts(apex.owner)).toEqual(['value-b'])
    await under.provider.remove(wildcard, never)
    expect(await under.texts(apex.owner)).toEqual([])
  })

  it('takes away what is not there without a word', async () => {
    await under.provider.remove(record('nothing', 'value'), never)
    expect(await under.texts(record('nothing', '').owner)).toEqual([])
  })

  it('ends when it is told to', async () => {
    const placed = under.provider.place(record('late', 'value'), AbortSignal.abort())
    await expect(placed).rejects.toThrow(/./)
  })
}
