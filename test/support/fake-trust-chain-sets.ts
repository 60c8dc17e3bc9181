import type { UseCases } from '../../src/app/use-cases.ts'
import type { Caller, TrustChainSetView } from '../../src/app/views.ts'
import { instant } from '../../src/domain/time.ts'
import { Problem } from '../../src/errors/problem.ts'

type TrustChainSetUseCases = Pick<
  UseCases,
  | 'listTrustChainSets'
  | 'getTrustChainSet'
  | 'createTrustChainSet'
  | 'reviseTrustChainSet'
  | 'activateTrustChainSet'
  | 'removeTrustChainSet'
>

/** Sets over a map, without their certificates: for tests of what is in front of the use cases. */
export function createFakeTrustChainSets(): TrustChainSetUseCases {
  const sets = new Map<string, TrustChainSetView>()
  function find(caller: Caller, id: string): TrustChainSetView {
    const found = sets.get(id)
    if (found?.set.accountId !== caller.accountId) throw new Problem('not-found')
    return found
  }
  return {
    listTrustChainSets: async (caller) =>
      [...sets.values()].map(({ set }) => set).filter(({ accountId }) => accountId === caller.accountId),
    getTrustChainSet: async (caller, id) => find(caller, id),
    async createTrustChainSet({ accountId, clientName }, { id, name }) {
      const set = {
        accountId,
        id: id ?? String(sets.size + 1),
        name,
        active: { staging: 1, production: 1 },
        realCreatedAt: instant(0),
      }
      const revisions = [{ revision: 1, createdBy: clientName, createdAt: instant(0), certificates: [] }]
      const view = { set, revisions, references: [] }
      sets.set(set.id, view)
      return view
    },
    reviseTrustChainSet: async (caller, id) => find(caller, id),
    activateTrustChainSet: async (caller, id) => find(caller, id),
    async removeTrustChainSet(caller, id) {
      find(caller, id)
      sets.delete(id)
    },
  }
}
