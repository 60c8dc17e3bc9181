import { createUseCases } from '../../../src/app/create-use-cases.ts'
import type { Dependencies } from '../../../src/app/dependencies.ts'
import type { UseCases } from '../../../src/app/use-cases.ts'
import type { Caller } from '../../../src/app/views.ts'
import type { Change } from '../../../src/domain/change/change.ts'
import { PACED_STATUSES } from '../../../src/domain/change/pace.ts'
import { accountId, type EnrollmentId } from '../../../src/domain/identifiers.ts'
import type { Network } from '../../../src/domain/network.ts'
import { ISSUING_PROFILES, type IssuingProfile } from '../../../src/domain/policy/rules.ts'
import { afterOrder, type OrderLimit } from '../../../src/domain/renewal/order-limit.ts'
import { CPS_LEAD_DAYS } from '../../../src/domain/renewal/renewal-start.ts'
import { DAY, type Instant, instant, MINUTE } from '../../../src/domain/time.ts'
import type { OrderRequest } from '../../../src/ports/certificate-authority.ts'
import type { EdgeGeneration } from '../../../src/ports/edge.ts'
import type { OrderAccount } from '../../../src/ports/order-budgets.ts'
import type { Store } from '../../../src/ports/store.ts'
import { NO_QUOTAS } from '../no-quotas.ts'
import { type AuthorityLife, createSimulatedAuthority, type SimulatedAuthority } from './authority.ts'
import { createSimulatedEdges, type SimulatedEdges } from './edges.ts'
import { createMemoryStore, type MemoryStore } from './memory/store.ts'
import { createSimulatedKeys, simulatedReader, simulatedSecrets, simulatedUploads } from './papers.ts'
import { drawOrderLimit } from './authority-wishes.ts'
import { simulatedStandings } from './names.ts'
import { createDraws, type Draws, digestOf } from './seeded.ts'
import { drawTroubles, type Trouble } from './troubles.ts'

export const BEGINS = instant(Date.UTC(2026, 0, 1))
export const ACCOUNT = accountId('A-SANDBOX')

export interface WorldOptions {
  readonly seed: number
  readonly days: number
  /** Nothing breaks and nobody dies: the CA signs for 90 days, takes every order and wishes for nothing. */
  readonly isQuiet?: boolean
  /** Something else than what Certrail would have: for tests of the rules themselves. */
  readonly instead?: (deps: Dependencies) => Partial<Dependencies>
  /** Another store in front of the one in memory. */
  readonly storeOver?: (memory: MemoryStore) => Store
}

/** Told of what happens, to hold it against the rules. */
export interface Witness {
  moved(change: Change, event: string): void
  served(generation: EdgeGeneration): void
  ordered(request: OrderRequest): void
}

export interface World {
  readonly draws: Draws
  readonly deps: Dependencies
  readonly useCases: UseCases
  readonly store: MemoryStore
  readonly edges: SimulatedEdges
  readonly now: () => Instant
  readonly caller: Caller
  readonly profile: IssuingProfile
  /** The chance that on a day somebody does what waits for them. */
  readonly diligence: number
  readonly ca: SimulatedAuthority
  /** Null: the CA takes as many orders as anybody likes. */
  readonly orderLimit: OrderLimit | null
  /** Whatever can keep a renewal from production. */
  readonly troubles: readonly Trouble[]
  /** When a person last ended a change of an enrollment, or brought what only a person can bring: before that nothing could go on. */
  readonly hands: Map<EnrollmentId, Instant>
  /** When somebody gave the account other windows and freezes. */
  readonly windowsSet: Instant[]
  /** Somebody once went back to an older generation of these, which is due for renewal sooner. */
  readonly wentBack: Set<EnrollmentId>
  /** Whatever was held back by a pause, and for how long. */
  readonly pauses: LivedPause[]
}

export interface LivedPause {
  readonly of: EnrollmentId | 'account'
  readonly network: Network | null
  readonly from: Instant
  /** Null: it still is. */
  until: Instant | null
}

/** Thrown where a process would have been killed. */
export class Killed extends Error {}

/** One process in a hundred runs of a step dies there. */
const KILLS = 1 / 300

/** The real domain, use cases and plan over a clock, a CA, edges, keys and a store that follow from the seed alone. */
export function createWorld(options: WorldOptions, witness: Witness): World {
  const draws = createDraws(options.seed)
  let at: Instant = BEGINS
  const now = () => at
  const store = createMemoryStore((change, event) => witness.moved(change, event))
  const { isQuiet = false } = options
  const profile = isQuiet ? 'classic' : draws.pick(ISSUING_PROFILES)
  // What lasts longer than a short certificate has left is nobody's fault but the CA's.
  const longestMs = profile === 'shortlived' ? 0.4 * DAY : draws.pick([2, 2, 8]) * DAY
  const trouble = (often: number) =>
    isQuiet ? [] : drawTroubles(draws, { begins: BEGINS, days: options.days, often, longestMs })
  const authorityLife: AuthorityLife = {
    profile,
    outages: trouble(2),
    limits: trouble(2),
    slow: trouble(2),
    lies: trouble(2),
    impatient: trouble(3),
    orderLimit: isQuiet ? null : drawOrderLimit(draws, profile),
    hasWindows: !isQuiet && draws.chance(0.5),
    spend: (account, limit) => spendOrder(usual.store, account, limit, now()),
  }
  const lost = { staging: trouble(2), production: trouble(2) }
  const late = { staging: trouble(1), production: trouble(1) }
  const edges = createSimulatedEdges(now, {
    lost,
    late,
    wish: (network, name) => store.tables.names.get(`${network} ${name}`) ?? null,
    onServed: (generation) => witness.served(generation),
  })
  const { outages, limits, slow, lies } = authorityLife
  const troubles = [{ outages, limits, slow, lies }, lost, late].flatMap((kind) =>
    Object.values<readonly Trouble[]>(kind).flat(),
  )
  const ca = createSimulatedAuthority(draws, now, authorityLife)
  const usual = {
    ...fixed(draws, profile),
    standingLook: simulatedStandings(options.seed, now),
    ...(isQuiet && QUIET),
    store: options.storeOver?.(store) ?? store,
    clocks: { lifecycle: { now }, real: { now } },
    authorityFor: () => ({
      ...ca.authority,
      order(request: OrderRequest) {
        witness.ordered(request)
        return ca.authority.order(request)
      },
    }),
    edges,
    clockControl: clockControl((to) => (at = to)),
  } as unknown as Dependencies
  const deps = { ...usual, ...options.instead?.(usual) }
  const useCases = createUseCases(deps, async () => [])
  return {
    draws,
    diligence: draws.pick([0.02, 0.1, 0.4]),
    deps,
    useCases,
    store,
    edges,
    now,
    caller: PERSON,
    profile,
    ca,
    orderLimit: authorityLife.orderLimit,
    troubles,
    hands: new Map(),
    windowsSet: [],
    wentBack: new Set(),
    pauses: [],
  }
}

/** As the real adapter does before it asks for an order that nobody counted. */
const spendOrder = (store: Store, account: OrderAccount, limit: OrderLimit, now: Instant): Promise<void> =>
  store.transaction(async (tx) =>
    tx.orderBudgets.save(account, afterOrder(await tx.orderBudgets.lock(account, limit, now), limit, now)),
  )

const PERSON: Caller = {
  accountId: ACCOUNT,
  clientId: 'client',
  clientName: 'person',
  role: 'admin',
  requestId: 'request',
  source: '127.0.0.1',
}

const AFTER_A_DWELL: Dependencies['validationPolicy'] = {
  triggers: ['acknowledgement', 'dwell'],
  publishes: 'on-trigger',
  dwellMs: 30_000,
  preflight: { default: 'off', accounts: new Map() },
}

/** Then nothing is validated before somebody acknowledged it; a renewal at its last safe moment. */
const AT_A_PACE: Dependencies['validationPolicy'] = {
  ...AFTER_A_DWELL,
  triggers: ['acknowledgement'],
  pace: Object.fromEntries(PACED_STATUSES.map((status) => [status, 5 * MINUTE])),
}

const QUIET: Partial<Dependencies> = {
  failpoints: { reach: async () => {} },
  preVerification: 'pass',
  validationPolicy: AFTER_A_DWELL,
}

/** What does not depend on the moment. */
const fixed = (draws: Draws, profile: IssuingProfile): Partial<Dependencies> => ({
  random: draws,
  secrets: simulatedSecrets,
  keys: createSimulatedKeys(draws),
  certificates: simulatedReader,
  uploads: simulatedUploads,
  sha256: digestOf,
  placement: { isEmpty: true } as Dependencies['placement'],
  challengeEdges: { confirm: async () => [] } as unknown as Dependencies['challengeEdges'],
  look: { look: async () => ({ found: true, error: null, records: [] }) },
  requestLook: null,
  signals: { subscribe: () => () => {} },
  failpoints: {
    reach: async () => {
      if (draws.chance(KILLS)) throw new Killed('killed')
    },
  },
  pause: async () => {},
  stopping: new AbortController().signal,
  observer: new Proxy({}, { get: () => () => {} }) as Dependencies['observer'],
  validationPolicy: draws.pick([AFTER_A_DWELL, AFTER_A_DWELL, AT_A_PACE]),
  renewalLeadDays: CPS_LEAD_DAYS,
  sandboxProfile: profile,
  authorityKeyAlgorithm: 'ECDSA',
  sendsMail: false,
  plainWebhooks: true,
  serviceNames: [],
  zoneNameServers: ['ns.example'],
  delegationZone: null,
  mode: 'sandbox',
  operatorAccount: ACCOUNT,
  lastInstant: instant(Date.UTC(2070, 0, 1)),
  vettingMs: DAY / 2,
  adopts: false,
  preVerification: draws.chance(0.2) ? 'review' : 'pass',
  quotas: NO_QUOTAS,
  prepareStaples: async () => {},
  clockGuard: { isStopped: async () => false, checks: async () => [], confirm: async () => {} },
})

function clockControl(stand: (at: Instant) => void): Dependencies['clockControl'] {
  let target: Instant | null = null
  const control = {
    exclusively: (work: () => Promise<unknown>) => work(),
    target: async () => target,
    isTurned: () => false,
    async setTarget(to: Instant) {
      target = to
    },
    agree: async () => {},
    async standAt(to: Instant) {
      stand(to)
    },
    async runFrom(to: Instant) {
      stand(to)
      target = null
    },
  }
  return control as unknown as Dependencies['clockControl']
}
