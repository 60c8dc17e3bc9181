import { z } from 'zod'
import { TrustChainSet, TrustChainSets } from './answers.ts'
import { type Exchanges, PLAIN_JSON } from './exchanges.ts'

export interface NewTrustChainSet {
  readonly id?: string
  readonly name: string
  readonly certificates: string
}

const SETS = '/certrail/v1/trust-chain-sets'
const one = (id: string): string => `${SETS}/${encodeURIComponent(id)}`

/** Our own API: trust-chain sets. */
export function createTrustCalls({ get, send }: Exchanges) {
  const post = (path: string, value: unknown): Promise<TrustChainSet> =>
    send('POST', path, { accept: PLAIN_JSON, shape: TrustChainSet, content: { type: PLAIN_JSON, value } })
  return {
    trustChainSets: async () => (await get(SETS, PLAIN_JSON, TrustChainSets)).trustChainSets,
    trustChainSet: (id: string): Promise<TrustChainSet> => get(one(id), PLAIN_JSON, TrustChainSet),
    createTrustChainSet: (set: NewTrustChainSet): Promise<TrustChainSet> => post(SETS, set),
    reviseTrustChainSet: (id: string, certificates: string): Promise<TrustChainSet> =>
      post(`${one(id)}/revisions`, { certificates }),
    activateTrustChainSet: (id: string, network: string, revision: number): Promise<TrustChainSet> =>
      post(`${one(id)}/activations`, { network, revision }),
    removeTrustChainSet: async (id: string): Promise<void> => {
      await send('DELETE', one(id), { accept: PLAIN_JSON, shape: z.unknown() })
    },
  }
}
