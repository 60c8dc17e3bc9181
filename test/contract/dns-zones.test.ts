import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accountId, contractId } from '../../src/domain/identifiers.ts'
import { createKeptZones } from '../../src/store/kept-zones.ts'
import { createMemoryDnsZones } from '../support/memory-dns-zones.ts'
import { openStore, type StoreUnderTest, T0 } from '../support/store-under-test.ts'
import { describeDnsZones, type ZonesUnderTest } from './dns-zones-contract.ts'

const memory = createMemoryDnsZones()
describeDnsZones('a map', () => ({
  owner: accountId('A-1'),
  stranger: accountId('A-2'),
  contract: 'C-1',
  kept: memory.kept,
  within: (work) => work(memory.zones),
}))

let under: StoreUnderTest
let zones: ZonesUnderTest
beforeAll(async () => {
  under = await openStore()
  const [owner, stranger] = [await under.newAccount(), await under.newAccount()]
  await under.store.read.accounts.insertContract(contractId('C-ZONES'), owner, T0)
  zones = {
    owner,
    stranger,
    contract: 'C-ZONES',
    kept: createKeptZones(under.db),
    within: (work) => under.store.transaction((tx) => work(tx.dnsZones)),
  }
})
afterAll(() => under.close())

describeDnsZones('the database', () => zones)

describe('enrollments and zones of different accounts', () => {
  const claimZone = (account: typeof zones.owner, name: string) =>
    zones.within((dnsZones) => dnsZones.claim(account, name))
  const claimNames = (account: typeof zones.owner, names: readonly string[]) =>
    under.store.transaction((tx) => tx.enrollments.claimNames(account, names))

  it.each([
    ['www.e1.example', 'e1.example', true],
    ['www.e2.example', 'www.e2.example', true],
    ['e3.example', 'www.e3.example', false],
    ['*.e4.example', 'www.e4.example', true],
    ['*.e5.example', 'a.www.e5.example', false],
    ['www.e6.example', 'xe6.example', false],
  ])(
    'an enrollment for %s is in the way of a zone %s of another account: %s',
    async (name, zone, isInTheWay) => {
      await under.newEnrollment(zones.owner, [name])
      expect(await claimZone(zones.stranger, zone)).toBe(isInTheWay ? 'another-account' : null)
      expect(await claimZone(zones.owner, zone)).toBeNull()
    },
  )

  it('a zone is in the way of enrollments of another account for names in it, and for wildcards over it', async () => {
    await zones.within(async (dnsZones) => {
      await dnsZones.insert(
        {
          name: 'kept.f.example',
          accountId: zones.owner,
          contractId: contractId('C-ZONES'),
          comment: '',
          endCustomerId: '',
          signAndServe: false,
          signAndServeAlgorithm: null,
          serial: 1,
          versionId: 'v1',
          realModifiedAt: T0,
          modifiedBy: 'somebody',
        },
        [],
      )
    })
    for (const name of ['kept.f.example', 'a.b.kept.f.example', '*.kept.f.example', '*.f.example']) {
      expect(await claimNames(zones.stranger, ['free.g.example', name])).toBe(name)
      expect(await claimNames(zones.owner, [name])).toBeNull()
    }
    expect(await claimNames(zones.stranger, ['f.example', 'xkept.f.example'])).toBeNull()
  })
})
