import { type Acts, fresh, type Subject } from './act.ts'

const trustChainSet = (id: string): Subject => ({ kind: 'trust-chain-set', id })

/** What is done to trust-chain sets. */
export const TRUST_CHAIN_SET_ACTS = {
  createTrustChainSet: {
    action: 'create-trust-chain-set',
    subject: ({ id }) => (id === null ? fresh() : trustChainSet(id)),
    detail: ({ name }) => ({ name }),
    digested: ({ certificates }) => ({ certificates }),
  },
  reviseTrustChainSet: {
    action: 'revise-trust-chain-set',
    subject: trustChainSet,
    detail: () => ({}),
    digested: (_id, certificates) => ({ certificates }),
  },
  activateTrustChainSet: {
    action: 'activate-trust-chain-set',
    subject: trustChainSet,
    detail: (_id, { network, revision }) => ({ network, revision }),
  },
  removeTrustChainSet: {
    action: 'remove-trust-chain-set',
    subject: trustChainSet,
    detail: () => ({}),
  },
  listTrustChainSets: 'reads',
  getTrustChainSet: 'reads',
} satisfies Partial<Acts>
