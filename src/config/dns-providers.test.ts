import { describe, expect, it } from 'vitest'
import { readDnsProviders } from './dns-providers.ts'

const UPDATES = { zone: 'example.com', provider: 'rfc2136', server: '192.0.2.53', keyFile: 'tsig.key' }
const HOOK = {
  zone: 'example.net',
  provider: 'webhook',
  url: 'https://dns.internal.example/certrail',
  secretFile: '/etc/hook',
}
const read = (...rows: unknown[]) => readDnsProviders(JSON.stringify(rows), '/etc/certrail')

describe('the file of CERTRAIL_DNS_PROVIDERS', () => {
  it('says who writes into each zone; paths stand below its folder', () => {
    expect(
      read(
        UPDATES,
        { ...HOOK, zone: 'Example.NET.', caFile: 'ca.pem' },
        { zone: 'hand.example.com', provider: 'manual' },
      ),
    ).toEqual({
      ok: true,
      providers: [
        {
          zone: 'example.com',
          provider: {
            kind: 'rfc2136',
            server: { host: '192.0.2.53', port: 53 },
            keyFile: '/etc/certrail/tsig.key',
          },
        },
        {
          zone: 'example.net',
          provider: {
            kind: 'webhook',
            url: HOOK.url,
            secretFile: '/etc/hook',
            caFile: '/etc/certrail/ca.pem',
          },
        },
        { zone: 'hand.example.com', provider: { kind: 'manual' } },
      ],
    })
  })

  it.each([
    ['a zone that is no name', { ...UPDATES, zone: 'exa mple' }, '/0/zone'],
    ['an unknown provider', { ...UPDATES, provider: 'cloud' }, '/0/provider'],
    ['a server without sense', { ...UPDATES, server: 'ns1:port' }, '/0/server'],
    ['a URL of another kind', { ...HOOK, url: 'ftp://dns.example/' }, '/0/url'],
    ['a URL with credentials', { ...HOOK, url: 'https://a:b@dns.example/' }, '/0/url'],
    ['a member too many', { ...UPDATES, key: 'x' }, '/0'],
    ['a member too few', { zone: 'example.com', provider: 'rfc2136' }, '/0/server'],
  ])('is refused with %s, by its place', (_, row, place) => {
    const reading = read(row)
    expect(reading.ok).toBe(false)
    expect(!reading.ok && reading.findings.some((one) => one.startsWith(`${place}: `))).toBe(true)
  })

  it('is refused with one zone twice, and when it is no list', () => {
    expect(read(UPDATES, HOOK, { ...UPDATES, zone: 'EXAMPLE.com' })).toEqual({
      ok: false,
      findings: ['/2/zone: the same zone twice'],
    })
    expect(readDnsProviders('{', '/')).toMatchObject({ ok: false })
    expect(readDnsProviders('{}', '/')).toMatchObject({ ok: false })
  })
})
