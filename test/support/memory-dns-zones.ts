import type { RecordSet } from '../../src/domain/zones/record-set.ts'
import { isWithin, nameAndAbove } from '../../src/domain/zones/owner-name.ts'
import type { DnsZones, ZoneDeletion, ZoneRecord } from '../../src/ports/dns-zones.ts'
import type { KeptZones } from '../../src/ports/kept-zones.ts'

const keyOf = ({ name, type }: Pick<RecordSet, 'name' | 'type'>): string => `${name} ${type}`

/** Zones in a map, as a keeper and as the responder see them. Knows of no enrollments. */
export function createMemoryDnsZones(): { readonly zones: DnsZones; readonly kept: KeptZones } {
  const zones = new Map<string, ZoneRecord>()
  const sets = new Map<string, Map<string, RecordSet>>()
  const deletions = new Map<string, ZoneDeletion>()

  const own = (account: string, name: string): ZoneRecord | null => {
    const zone = zones.get(name)
    return zone?.accountId === account ? zone : null
  }
  const sorted = (zone: string): readonly RecordSet[] =>
    [...(sets.get(zone)?.values() ?? [])].toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1))
  const put = (zone: string, given: readonly RecordSet[]): void => {
    for (const set of given) sets.get(zone)?.set(keyOf(set), set)
  }
  const setsAt = (zone: string, name: string) => sorted(zone).filter((set) => set.name === name)

  return {
    zones: {
      async claim(account, name) {
        const foreign = [...zones.values()].filter((zone) => zone.accountId !== account)
        if (foreign.some((zone) => isWithin(zone.name, name) || isWithin(name, zone.name)))
          return 'another-account'
        return own(account, name) === null ? null : 'zone'
      },
      async insert(zone, given) {
        zones.set(zone.name, zone)
        sets.set(zone.name, new Map())
        put(zone.name, given)
      },
      find: async (account, name) => own(account, name),
      take: async (account, name) => own(account, name),
      list: async (account) =>
        [...zones.values()]
          .filter((zone) => zone.accountId === account)
          .toSorted((one, other) => (one.name < other.name ? -1 : 1)),
      save: async (zone) => void zones.set(zone.name, zone),
      async remove(account, name) {
        if (own(account, name) === null) return
        zones.delete(name)
        sets.delete(name)
      },
      recordSets: async (zone) => sorted(zone),
      recordSetsAt: async (zone, name) => setsAt(zone, name),
      putRecordSets: async (zone, given) => put(zone, given),
      async removeRecordSets(zone, gone) {
        for (const set of gone) sets.get(zone)?.delete(keyOf(set))
      },
      insertDeletion: async (deletion) => void deletions.set(deletion.id, deletion),
      async findDeletion(account, id) {
        const found = deletions.get(id)
        return found?.accountId === account ? found : null
      },
    },
    kept: {
      async sliceFor(name) {
        const above = nameAndAbove(name)
        const zone = above.map((each) => zones.get(each)).find((each) => each !== undefined)
        if (zone === undefined) return null
        const matters = sorted(zone.name).filter(
          (set) =>
            set.name === name ||
            (set.name === zone.name && set.type === 'SOA') ||
            (set.type === 'NS' && above.includes(set.name)),
        )
        return { apex: zone.name, serial: zone.serial, sets: matters }
      },
      existing: async (apex, names) =>
        new Set(names.filter((name) => sorted(apex).some((set) => isWithin(set.name, name)))),
      setsAt: async (apex, name) => setsAt(apex, name),
    },
  }
}
