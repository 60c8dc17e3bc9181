import { describe, expect, it } from 'vitest'
import { type AccountId, contractId } from '../../src/domain/identifiers.ts'
import { instant } from '../../src/domain/time.ts'
import type { RecordSet } from '../../src/domain/zones/record-set.ts'
import type { DnsZones, ZoneRecord } from '../../src/ports/dns-zones.ts'
import type { KeptZones } from '../../src/ports/kept-zones.ts'

export interface ZonesUnderTest {
  readonly owner: AccountId
  readonly stranger: AccountId
  readonly contract: string
  readonly kept: KeptZones
  /** In one transaction where there are such. */
  within<T>(work: (zones: DnsZones) => Promise<T>): Promise<T>
}

const set = (name: string, type: RecordSet['type'], ...data: string[]): RecordSet => ({
  name,
  type,
  ttlSeconds: 60,
  data,
})

/** DnsZones and KeptZones, for the database and for the map that stands for it. */
export function describeDnsZones(what: string, open: () => ZonesUnderTest): void {
  let number = 0
  /** A domain that no other test uses. */
  const domain = () => `z${(number += 1)}.example`

  const zoneOf = (accountId: AccountId, name: string): ZoneRecord => ({
    name,
    accountId,
    contractId: contractId(open().contract),
    comment: 'kept',
    endCustomerId: '',
    signAndServe: false,
    signAndServeAlgorithm: null,
    serial: 1,
    versionId: 'v1',
    realModifiedAt: instant(1_795_000_000_000),
    modifiedBy: 'somebody',
  })

  async function keep(name: string, sets: readonly RecordSet[] = [], account = open().owner) {
    const zone = zoneOf(account, name)
    await open().within(async (zones) => {
      expect(await zones.claim(account, name)).toBeNull()
      await zones.insert(zone, [
        set(name, 'SOA', `ns.${name}. root.${name}. 1 2 3 4 5`),
        set(name, 'NS', `ns.${name}.`),
        ...sets,
      ])
    })
    return zone
  }

  describe(`zones in ${what}`, () => {
    it('are found, listed, changed and removed by their own account alone', async () => {
      const { owner, stranger, within } = open()
      const name = domain()
      const zone = await keep(name)
      expect(await within((zones) => zones.find(owner, name))).toEqual(zone)
      expect(await within((zones) => zones.take(owner, name))).toEqual(zone)
      expect(await within((zones) => zones.list(owner))).toContainEqual(zone)
      for (const look of ['find', 'take'] as const)
        expect(await within((zones) => zones[look](stranger, name))).toBeNull()
      expect(await within((zones) => zones.list(stranger))).not.toContainEqual(zone)
      const changed = { ...zone, comment: 'changed', serial: 7, signAndServeAlgorithm: 'RSA_SHA256' }
      await within((zones) => zones.save(changed))
      expect(await within((zones) => zones.find(owner, name))).toEqual(changed)
      await within((zones) => zones.remove(stranger, name))
      expect(await within((zones) => zones.find(owner, name))).toEqual(changed)
      await within((zones) => zones.remove(owner, name))
      expect(await within((zones) => zones.find(owner, name))).toBeNull()
      expect(await within((zones) => zones.recordSets(name))).toEqual([])
    })

    it('stand in the way of zones at, above and below them: the own one at its name, those of others everywhere', async () => {
      const { owner, stranger, within } = open()
      const name = domain()
      await keep(`mid.${name}`)
      const claims = (account: AccountId, asked: string) => within((zones) => zones.claim(account, asked))
      expect(await claims(owner, `mid.${name}`)).toBe('zone')
      for (const asked of [name, `low.mid.${name}`, `other.${name}`])
        expect([asked, await claims(owner, asked)]).toEqual([asked, null])
      for (const asked of [name, `mid.${name}`, `low.mid.${name}`])
        expect([asked, await claims(stranger, asked)]).toEqual([asked, 'another-account'])
      expect(await claims(stranger, `xmid.${name}`)).toBeNull()
    })

    it('have record sets, one for a name and a type', async () => {
      const { within } = open()
      const name = domain()
      const www = set(`www.${name}`, 'A', '192.0.2.1', '192.0.2.2')
      const text = set(`www.${name}`, 'TXT', '"a \\"quoted\\" one"')
      await keep(name, [www])
      await within((zones) => zones.putRecordSets(name, [text]))
      expect(await within((zones) => zones.recordSetsAt(name, `www.${name}`))).toEqual([www, text])
      const keys = (await within((zones) => zones.recordSets(name))).map(
        (each) => `${each.name} ${each.type}`,
      )
      expect(keys).toEqual([`www.${name} A`, `www.${name} TXT`, `${name} NS`, `${name} SOA`])
      const other = { ...www, ttlSeconds: 5, data: ['192.0.2.9'] }
      await within((zones) => zones.putRecordSets(name, [other]))
      expect(await within((zones) => zones.recordSetsAt(name, `www.${name}`))).toEqual([other, text])
      await within((zones) => zones.removeRecordSets(name, [text]))
      expect(await within((zones) => zones.recordSetsAt(name, `www.${name}`))).toEqual([other])
    })

    it('are read for a name by the longest zone: its SOA, the sets at the name, the NS on the way', async () => {
      const { kept } = open()
      const name = domain()
      const cut = set(`sub.${name}`, 'NS', 'ns.elsewhere.example.')
      await keep(name, [cut, set(`www.${name}`, 'A', '192.0.2.1'), set(`x.sub.${name}`, 'A', '192.0.2.2')])
      await keep(`own.${name}`)
      const types = (slice: Awaited<ReturnType<KeptZones['sliceFor']>>) =>
        slice?.sets.map(({ name: at, type }) => `${at} ${type}`).toSorted()
      const www = await kept.sliceFor(`www.${name}`)
      expect([www?.apex, www?.serial]).toEqual([name, 1])
      expect(types(www)).toEqual([`www.${name} A`, `${name} NS`, `${name} SOA`].toSorted())
      expect(types(await kept.sliceFor(`y.x.sub.${name}`))).toEqual(
        [`sub.${name} NS`, `${name} NS`, `${name} SOA`].toSorted(),
      )
      expect((await kept.sliceFor(`www.own.${name}`))?.apex).toBe(`own.${name}`)
      expect(await kept.sliceFor(`no${name}`)).toBeNull()
      expect(await kept.sliceFor('example')).toBeNull()
    })

    it('know which names exist: those with records, and those above them', async () => {
      const { kept } = open()
      const name = domain()
      await keep(name, [set(`a_b.c.${name}`, 'TXT', 'x'), set(`*.wild.${name}`, 'A', '192.0.2.1')])
      const asked = [
        `a_b.c.${name}`,
        `c.${name}`,
        `axb.c.${name}`,
        `b.c.${name}`,
        `wild.${name}`,
        `d.${name}`,
        name,
      ]
      expect([...(await kept.existing(name, asked))].toSorted()).toEqual(
        [`a_b.c.${name}`, `c.${name}`, `wild.${name}`, name].toSorted(),
      )
      expect(await kept.setsAt(name, `*.wild.${name}`)).toEqual([set(`*.wild.${name}`, 'A', '192.0.2.1')])
    })

    it('keep what became of a deletion, for the account that asked for it', async () => {
      const { owner, stranger, within } = open()
      const deletion = {
        id: `deletion-${domain()}`,
        accountId: owner,
        deleted: ['one.example'],
        failed: [{ zone: 'two.example', reason: 'ZONE_NOT_FOUND' }],
        realAt: instant(1_795_000_000_000),
      }
      await within((zones) => zones.insertDeletion(deletion))
      expect(await within((zones) => zones.findDeletion(owner, deletion.id))).toEqual(deletion)
      expect(await within((zones) => zones.findDeletion(stranger, deletion.id))).toBeNull()
    })
  })
}
