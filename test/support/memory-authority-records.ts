import type { AuthorityRecord, AuthorityRecords } from '../../src/authority/local/records.ts'

/** Kept honest by test/contract/authority-records-contract.ts. */
export function createMemoryAuthorityRecords(): AuthorityRecords {
  const records = new Map<string, AuthorityRecord>()
  return {
    load: async (name) => records.get(name) ?? null,
    async insertIfAbsent(name, record) {
      const standing = records.get(name) ?? structuredClone(record)
      records.set(name, standing)
      return standing
    },
  }
}
