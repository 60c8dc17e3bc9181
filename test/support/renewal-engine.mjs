/** What the renewal engine needs to begin renewals of a CA account with so many orders, over a store; in whatever process. */
export const renewalEngine = (store, { account, limit, now }) => ({
  store,
  clocks: { lifecycle: { now: () => now }, real: { now: () => now } },
  clockGuard: { isStopped: async () => false },
  authorityFor: () => ({ orderAllowance: async () => ({ account, limit, limitedUntil: null }) }),
  observer: { renewalsHeld: () => {} },
  validationPolicy: { triggers: ['acknowledgement'], publishes: 'on-trigger', dwellMs: 30_000 },
})
