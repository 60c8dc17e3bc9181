import { promises as dns } from 'node:dns'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PublishedNames } from '../ports/published-names.ts'
import { createDelegatedZone } from './delegated-zone.ts'
import { createDnsResponder, type DnsResponder } from './responder.ts'

const ZONE = 'acme.operator.test'
const names: PublishedNames = {
  httpChallenge: async () => null,
  textRecords: async (owner) => (owner === '_acme-challenge.www.site.example' ? ['apex', 'wildcard'] : []),
  enrolledAmong: async (asked) =>
    new Set(asked.filter((it) => ['www.site.example', 'quiet.example'].includes(it))),
  isAboveEnrolled: async (name) => ['site.example', 'example'].includes(name),
}

/** The zone to which users alias `_acme-challenge`, asked by c-ares, which knows nothing of ours. */
describe('the delegation zone', () => {
  const responders: DnsResponder[] = []
  let ask: dns.Resolver

  const start = async () => {
    const zone = createDelegatedZone({
      zone: ZONE,
      nameServers: [
        { name: `ns1.${ZONE}`, addresses: ['192.0.2.1', '2001:db8::1'] },
        { name: 'ns2.elsewhere.test', addresses: [] },
      ],
      names,
    })
    const listen = { hosts: ['127.0.0.1'], port: 0 }
    const responder = await createDnsResponder({
      listen,
      names,
      zones: [zone],
      addresses: ['127.0.0.1'],
      log: { warn: () => undefined },
    })
    responders.push(responder)
    const resolver = new dns.Resolver({ timeout: 2_000, tries: 1 })
    resolver.setServers([`127.0.0.1:${responder.port}`])
    return resolver
  }

  beforeEach(async () => {
    ask = await start()
  })
  afterEach(async () => {
    await Promise.all(responders.splice(0).map((one) => one.close()))
  })

  it('has a start of authority, its name servers, and the addresses of those that lie in it', async () => {
    expect(await ask.resolveSoa(ZONE)).toMatchObject({
      nsname: `ns1.${ZONE}`,
      hostmaster: `hostmaster.${ZONE}`,
    })
    expect((await ask.resolveNs(ZONE)).toSorted()).toEqual([`ns1.${ZONE}`, 'ns2.elsewhere.test'])
    expect(await ask.resolve4(`ns1.${ZONE}`)).toEqual(['192.0.2.1'])
    expect(await ask.resolve6(`ns1.${ZONE}`)).toEqual(['2001:db8::1'])
  })

  it('answers with the challenges of the name before it, apex and wildcard together, in any case of letters', async () => {
    const values = [['apex'], ['wildcard']]
    expect(await ask.resolveTxt(`www.site.example.${ZONE}`)).toEqual(values)
    expect(await ask.resolveTxt(`WwW.siTe.Example.${ZONE.toUpperCase()}`)).toEqual(values)
  })

  it.each([
    ['a name without challenges now', 'quiet.example'],
    ['what lies above an enrolled name (RFC 8020)', 'site.example'],
    ['the level above that', 'example'],
  ])('says of %s that it exists without such a record', async (_, name) => {
    await expect(ask.resolveTxt(`${name}.${ZONE}`)).rejects.toMatchObject({ code: 'ENODATA' })
  })

  it('says of any other name that there is none, and nothing of other zones', async () => {
    await expect(ask.resolveTxt(`other.test.${ZONE}`)).rejects.toMatchObject({ code: 'ENOTFOUND' })
    await expect(ask.resolveTxt(`x${ZONE}`)).rejects.toMatchObject({ code: 'EREFUSED' })
  })

  it('is the same from a second process', async () => {
    const second = await start()
    const from = (resolver: dns.Resolver) =>
      Promise.all([resolver.resolveSoa(ZONE), resolver.resolveTxt(`www.site.example.${ZONE}`)])
    expect(await from(second)).toEqual(await from(ask))
  })
})
