import type { LocalRevocations } from '../../src/authority/local/revocations.ts'

export function createMemoryLocalRevocations(): LocalRevocations {
  const all = new Map<string, Parameters<LocalRevocations['add']>[0]>()
  return {
    async add(revoked) {
      if (!all.has(revoked.serialNumber)) all.set(revoked.serialNumber, revoked)
    },
    all: async () => [...all.values()],
  }
}
