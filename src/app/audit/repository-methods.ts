import type { Repositories } from '../../ports/store.ts'

/** `writes`: what it does belongs into the audit log when a use case does it. A wake-up tells nobody anything: `reads`. */
export type MethodKind = 'reads' | 'writes'

type Kinds = {
  readonly [Repository in keyof Repositories]: Repositories[Repository] extends (...args: never[]) => unknown
    ? MethodKind
    : { readonly [Method in keyof Repositories[Repository]]: MethodKind }
}

/** Every method of every repository. One that is missing here does not compile, so that no write of a use case can pass the log by. */
export const METHOD_KINDS: Kinds = {
  lifecycle: {
    settled: 'reads',
    settle: 'writes',
    removalWish: 'reads',
    wishRemoval: 'writes',
    remove: 'writes',
    releaseSlots: 'writes',
    destroyKeys: 'writes',
    withdraw: 'writes',
  },
  accounts: {
    insert: 'writes',
    find: 'reads',
    bySwitchKey: 'reads',
    insertContract: 'writes',
    contractOwner: 'reads',
    contractsOf: 'reads',
    insertClient: 'writes',
    hasClientToken: 'reads',
    isEmpty: 'reads',
    waitForFirstStart: 'reads',
  },
  enrollments: {
    insert: 'writes',
    find: 'reads',
    list: 'reads',
    save: 'writes',
    hasCommonName: 'reads',
    overlappingNames: 'reads',
    claimNames: 'reads',
    recordNames: 'writes',
  },
  changes: {
    insert: 'writes',
    record: 'writes',
    find: 'reads',
    outline: 'reads',
    load: 'reads',
    openOf: 'reads',
    save: 'writes',
    isDue: 'reads',
    due: 'reads',
    countsByStatus: 'reads',
  },
  events: { ofChange: 'reads', ofAccountAfter: 'reads', newestId: 'reads' },
  certificates: {
    insertKeyPair: 'writes',
    keyPairsOf: 'reads',
    keyPair: 'reads',
    destroyKeys: 'writes',
    insert: 'writes',
    ofChange: 'reads',
    withKeyPairsOf: 'reads',
    withKeyPairs: 'reads',
    byIds: 'reads',
  },
  uploads: { put: 'writes', ofChange: 'reads', discard: 'writes', keysOfOthers: 'reads' },
  // The note of a new enrollment comes in the transaction that stores it.
  usage: {
    hold: 'reads',
    enrollments: 'reads',
    openChanges: 'reads',
    uploads: 'reads',
    noteEnrollment: 'reads',
  },
  frozenContents: { keep: 'writes', discard: 'writes', find: 'reads' },
  validations: { save: 'writes', currentOf: 'reads', setPublished: 'writes' },
  deployments: {
    find: 'reads',
    ofChange: 'reads',
    active: 'reads',
    activeOfAccount: 'reads',
    begin: 'writes',
    activate: 'writes',
    revert: 'writes',
  },
  handshakes: { insert: 'writes', ofChange: 'reads' },
  histories: {
    changesOf: 'reads',
    signingRequestsOf: 'reads',
    certificatesOf: 'reads',
    ordersOf: 'reads',
    validationsOf: 'reads',
    deploymentsOf: 'reads',
    active: 'reads',
  },
  vettings: {
    find: 'reads',
    begin: 'writes',
    decide: 'writes',
    organizations: 'reads',
    organization: 'reads',
    organizationLike: 'reads',
    rememberOrganization: 'writes',
  },
  due: { earliest: 'reads' },
  renewals: { due: 'reads', take: 'writes', postpone: 'writes' },
  dnsZones: {
    claim: 'reads',
    insert: 'writes',
    find: 'reads',
    take: 'reads',
    list: 'reads',
    save: 'writes',
    remove: 'writes',
    recordSets: 'reads',
    recordSetsAt: 'reads',
    putRecordSets: 'writes',
    removeRecordSets: 'writes',
    insertDeletion: 'writes',
    findDeletion: 'reads',
  },
  // The log itself: who appends is in the transaction already.
  audit: { append: 'reads', after: 'reads' },
  wake: 'reads',
}
