import { createHash } from 'node:crypto'
import { watchFigures } from '../app/watch/figures.ts'
import { createUseCases } from '../app/create-use-cases.ts'
import type { Dependencies } from '../app/dependencies.ts'
import { accountName } from '../app/release.ts'
import { loadHierarchies, type Hierarchies } from '../authority/local/hierarchy.ts'
import { createSandboxAuthority } from '../authority/local/sandbox-authority.ts'
import { OWN_NAME_SERVER } from '../dns/record-source.ts'
import { CPS_RATE_LIMITS } from '../domain/rate-limits/rate-limits.ts'
import type { Verifier } from '../edgegrid/verify.ts'
import { Problem } from '../errors/problem.ts'
import type { Logger } from '../observe/log.ts'
import { createMetrics, type Metrics } from '../observe/metrics.ts'
import { createCertificateReader } from '../pki/certificate-reader.ts'
import { createKeyMaterial } from '../pki/key-material.ts'
import { createRsaKeyPool, type RsaKeyPool } from '../pki/rsa-key-pool.ts'
import type { Random } from '../ports/random.ts'
import type { RateLimits } from '../ports/rate-limits.ts'
import type { Pause } from '../ports/pause.ts'
import type { CertificateId } from '../domain/identifiers.ts'
import type { Store } from '../ports/store.ts'
import { createAcmeBooks } from '../store/acme-books.ts'
import { createAuthorityRecords } from '../store/authority-records.ts'
import { createClockGuard, NO_CLOCK_GUARD } from '../store/clock-guard.ts'
import { createChangeSignals } from '../store/change-signals.ts'
import { createEdgeListeners } from '../store/edge-listeners.ts'
import { createEdgeWishes } from '../store/edge-wishes.ts'
import { createFailpoints } from '../store/failpoints.ts'
import { createKeptZones } from '../store/kept-zones.ts'
import { createSpendOrder } from '../store/order-budgets.ts'
import { createPublishedNames } from '../store/published-names.ts'
import { createRateLimits } from '../store/rate-limits.ts'
import { createSandboxRevocations } from '../store/sandbox-revocations.ts'
import { createSandboxOrders } from '../store/sandbox-orders.ts'
import { createStaples } from '../store/staples.ts'
import { createStore } from '../store/store.ts'
import { dnsChallengeValue } from '../validation/dns-look.ts'
import { createChallengeEdges } from '../validation/edge-confirmation.ts'
import { createPlacement } from '../placement/placement.ts'
import { createLiveAuthority, identityOf } from './authorities.ts'
import type { Closers } from './closers.ts'
import { dnsProviders } from './dns-providers.ts'
import { createEdgeDirectory } from './edges.ts'
import { FIRST_ACCOUNT } from './first-start.ts'
import type { Foundation } from './foundation.ts'
import { type EdgeSide, startEdgeSide } from './listeners.ts'
import { uploadReaderFor } from './trusted-roots.ts'
import { createObserver } from './observer.ts'
import { createStapling, type Stapling } from './stapling.ts'
import type { ServiceSettings } from './settings.ts'
import { createLooks, createNameLooks } from './looks.ts'
import { startVerifier } from './verifier.ts'

const EDGE_ANSWER_TIMEOUT_MS = 3_000
const READY_WITHIN_MS = 2_000

export interface ServiceParts {
  readonly settings: ServiceSettings
  readonly foundation: Foundation
  readonly log: Logger
  readonly random: Random
  readonly pause: Pause
  readonly closers: Closers
  /** Ends this process at once, as the failpoint wants it. */
  readonly kill: () => void
}

/** Everything that use cases and jobs share in this process. */
export interface Services {
  readonly deps: Dependencies
  /** The same, with the store that no burst of requests can hold up. */
  readonly jobDeps: Dependencies
  readonly hierarchies: Hierarchies
  readonly metrics: Metrics
  readonly edgeSide: EdgeSide | null
  readonly verifier: Verifier
  /** Null: there are none. */
  readonly rateLimits: RateLimits | null
  readonly stapling: Stapling
  /** To be started once this process serves. */
  readonly rsaKeys: RsaKeyPool
  /** Whoever turns the clock stops where it stands. */
  readonly stopTurns: () => void
}

export async function createServices(parts: ServiceParts): Promise<Services> {
  const { settings, foundation, log, random, closers } = parts
  const { db, jobsDb, clocks, secrets, notes } = foundation
  const origin = random.uuid()
  const ids = { origin, seed: settings.sandboxSeed }
  const store = createStore(db, ids)
  const metrics = createMetrics({
    changes: () => changeCounts(store, foundation),
    watch: () => watchFigures(deps),
    held: () => heldCounts(store),
  })
  const stopping = new AbortController()
  const records = createAuthorityRecords(jobsDb)
  const hierarchies = await loadHierarchies({ records, secrets, clocks, random })
  const revocations = createSandboxRevocations(jobsDb)
  const listeners = createEdgeListeners(jobsDb, clocks.real)
  const staples = createStaples(jobsDb)
  const certificates = createCertificateReader()
  const { split } = certificates
  const onRevoked = (id: CertificateId) => store.read.certificates.noteRevoked(id, clocks.lifecycle.now())
  const stapling = createStapling({ ...parts, staples, split, metrics, real: clocks.real, onRevoked })
  const failpoints = createFailpoints(jobsDb, {
    wanted: settings.failpoint,
    log,
    real: clocks.real,
    kill: parts.kill,
  })
  const edgeParts = {
    wishes: createEdgeWishes(jobsDb),
    listeners,
    secrets,
    random,
    real: clocks.real,
    notes,
    log,
    closers,
    instance: settings.instance,
    origin,
    staples,
    keepsLoadedMs: settings.edgeKeepsLoadedMs,
  }
  const edgeSide = settings.roles.has('edge')
    ? await startEdgeSide(
        {
          ...edgeParts,
          names: createPublishedNames(jobsDb, dnsChallengeValue),
          keptZones: createKeptZones(jobsDb),
          hierarchies,
          revocations,
          lifecycle: clocks.lifecycle,
          pause: parts.pause,
          failpoints,
        },
        settings,
      )
    : null
  const looks = createLooks(parts, edgeSide)
  const { challenges: look, names: nameLook, resolver } = looks
  const { live } = settings
  const spendOrder = createSpendOrder(jobsDb, clocks.lifecycle)
  const sandbox = createSandboxAuthority({
    orders: createSandboxOrders(jobsDb),
    revocations,
    records,
    secrets,
    look,
    clock: clocks.lifecycle,
    random,
    hierarchy: hierarchies.sandbox,
    authorityUrl: authorityUrl(settings),
    profile: settings.sandboxProfile,
    orderLimit: settings.orderLimit,
    spendOrder,
  })
  const authority =
    live === null
      ? sandbox
      : await createLiveAuthority({
          ...parts,
          live,
          targets: settings.targets,
          books: createAcmeBooks(jobsDb),
          secrets,
          spendOrder,
          clock: clocks.real,
        })
  const rsaKeys = createRsaKeyPool()
  closers.add('RSA keys', () => rsaKeys.close())
  const placement = createPlacement({
    providers: await dnsProviders(settings.dnsProviders, { real: clocks.real, random }),
    resolver,
    valueOf: dnsChallengeValue,
  })
  const zoneNameServers = settings.delegation?.nameServers.map(({ name }) => name) ?? [OWN_NAME_SERVER]
  const deps: Dependencies = {
    store,
    clocks,
    random,
    secrets,
    keys: createKeyMaterial({ rsaKeys: rsaKeys.take }),
    certificates,
    uploads: await uploadReaderFor(settings.trustedRoots),
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
    authorityFor: () => authority,
    look,
    ...createNameLooks({
      settings,
      random,
      looks,
      placement,
      identity: () => identityOf(authority),
      zoneNameServers,
    }),
    nameLook,
    challengeEdges: createChallengeEdges({
      ports: (kind) => listeners.of(kind),
      timeoutMs: EDGE_ANSWER_TIMEOUT_MS,
    }),
    placement,
    edges: createEdgeDirectory(edgeParts, edgeSide?.networks ?? new Map(), random),
    signals: createChangeSignals(notes),
    failpoints,
    pause: parts.pause,
    observer: createObserver(log, metrics),
    validationPolicy: settings.validation,
    renewalLeadDays: settings.renewalLeadDays,
    sandboxProfile: settings.sandboxProfile,
    sendsMail: settings.mail !== null,
    plainWebhooks: settings.targets !== 'public',
    authorityKeyAlgorithm: settings.keyAlgorithm,
    serviceNames: settings.apiNames,
    zoneNameServers,
    delegationZone: settings.delegation?.zone ?? null,
    mode: settings.mode,
    operatorAccount: FIRST_ACCOUNT,
    adopts: settings.adopts,
    clockControl: foundation.clockControl,
    stopping: stopping.signal,
    clockGuard:
      live === null
        ? NO_CLOCK_GUARD
        : createClockGuard(jobsDb, {
            instance: settings.instance,
            real: clocks.real,
            operatorAccount: FIRST_ACCOUNT,
            onStopped: (reason) => log.fatal({ reason }, 'nothing is issued until the clock is confirmed'),
          }),
    lastInstant: hierarchies.sandbox.root.notAfter,
    vettingMs: settings.vettingMs,
    preVerification: settings.preVerification,
    quotas: settings.quotas,
    prepareStaples: stapling.prepare,
  }
  const jobDeps = { ...deps, store: createStore(jobsDb, ids) }
  return {
    deps,
    jobDeps,
    hierarchies,
    metrics,
    edgeSide,
    verifier: startVerifier(parts, deps),
    rateLimits: rateLimitsOf(settings, foundation),
    rsaKeys,
    stapling,
    stopTurns: () => stopping.abort(),
  }
}

/** A port that nobody knows beforehand must not be written into certificates. */
const authorityUrl = ({ ports, apiNames }: ServiceSettings): string | null =>
  ports.http === 0 ? null : `http://${apiNames[0] ?? 'localhost'}:${ports.http}/ca`

const rateLimitsOf = ({ rateLimits }: ServiceSettings, { db, clocks }: Foundation): RateLimits | null =>
  rateLimits === 'off' ? null : createRateLimits(db, { limits: CPS_RATE_LIMITS, real: clocks.real })

async function changeCounts(store: Store, { clocks }: Foundation) {
  const rows = await store.read.changes.countsByStatus()
  const now = clocks.lifecycle.now()
  return rows.map(({ status, state, count, oldestEnteredAt }) => ({
    status,
    state,
    count,
    oldestSeconds: (now - oldestEnteredAt) / 1000,
  }))
}

const heldCounts = async ({ read }: Store) =>
  (await read.renewals.heldCounts()).map(({ account, count }) => ({ account: accountName(account), count }))

export const useCasesOf = ({ deps }: Services) => createUseCases(deps, () => missing(deps))

/** What stands in the way of answering; own API: `/ready`. Who asks that is answered soon, also when the database says nothing at all. */
async function missing({ store, pause, clockGuard }: Dependencies): Promise<readonly string[]> {
  const answered = new AbortController()
  const away = ['the database does not answer']
  const answer = Promise.all([clockGuard.isStopped(), store.read.accounts.isEmpty()]).then(
    ([isStopped]) => (isStopped ? ['a confirmed clock (certrail clock confirm)'] : []),
    (error: unknown) => (error instanceof Problem ? [error.message] : away),
  )
  const silence = pause(READY_WITHIN_MS, answered.signal).then(() => away)
  return Promise.race([answer, silence]).finally(() => answered.abort())
}
