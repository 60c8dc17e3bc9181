import type { Network } from '../../src/domain/network.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createClosers } from '../../src/composition/closers.ts'
import { makeFirstAccount } from '../../src/composition/first-start.ts'
import { type Foundation, layFoundation } from '../../src/composition/foundation.ts'
import { startJobs } from '../../src/composition/jobs.ts'
import { createServices, type Services, useCasesOf } from '../../src/composition/services.ts'
import type { ServiceSettings } from '../../src/composition/settings.ts'
import type { UseCases } from '../../src/app/use-cases.ts'
import type { Caller } from '../../src/app/views.ts'
import { accountId } from '../../src/domain/identifiers.ts'
import { CPS_LEAD_DAYS } from '../../src/domain/renewal/renewal-start.ts'
import { createLog } from '../../src/observe/log.ts'
import { systemClock } from '../../src/observe/system-clock.ts'
import { systemRandom } from '../../src/observe/system-random.ts'
import { createTestDatabase, type TestDatabase } from './database.ts'
import { makeHome, removeHome } from './instance.ts'
import { NO_QUOTAS } from './no-quotas.ts'

const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url))

export interface InProcess {
  readonly foundation: Foundation
  readonly services: Services
  readonly useCases: UseCases
  readonly caller: Caller
  readonly database: TestDatabase
  readonly settings: ServiceSettings
  close(): Promise<void>
}

const SETTINGS: Omit<ServiceSettings, 'home'> = {
  instance: 'test',
  mode: 'sandbox',
  live: null,
  roles: new Set(['api', 'jobs', 'edge']),
  hosts: ['127.0.0.1'],
  advertisedHosts: null,
  passOverMissingHosts: false,
  apiNames: ['localhost'],
  ports: { api: 0, staging: 0, production: 0, http: 0, dns: 0, metrics: 0 },
  edges: { staging: { kind: 'builtin', slots: [] }, production: { kind: 'builtin', slots: [] } },
  resolver: null,
  challengeHost: null,
  delegation: null,
  dnsProviders: null,
  validationHttpPort: null,
  validationHttpsPort: null,
  validationDnsPort: null,
  targets: 'loopback',
  validation: {
    triggers: ['acknowledgement'],
    publishes: 'on-trigger',
    dwellMs: 30_000,
    preflight: { default: 'advise', accounts: new Map() },
  },
  keyAlgorithm: 'ECDSA',
  preVerification: 'pass',
  renewalLeadDays: CPS_LEAD_DAYS,
  sandboxProfile: 'classic',
  orderLimit: null,
  rateLimits: 'off',
  quotas: NO_QUOTAS,
  mail: null,
  noticeDigestMs: 10_000,
  heartbeat: null,
  wireSpelling: 'coodinate',
  edgeKeepsLoadedMs: 600_000,
  edgeReadyCertificates: 1_000,
  vettingMs: 5_000,
  failpoint: null,
  adopts: false,
  seed: null,
  sandboxSeed: null,
  trustedRoots: { kind: 'any' },
}

/** Names are validated by an acknowledgement, or by themselves after a while: for what lives through renewals. */
export const VALIDATES_BY_TIME: ServiceSettings['validation'] = {
  triggers: ['acknowledgement', 'dwell'],
  publishes: 'on-trigger',
  dwellMs: 30_000,
  preflight: { default: 'advise', accounts: new Map() },
}

/** The real parts without the API's listener, in the test's process: for faults that only somebody inside can cause. */
export async function startInProcess(overrides: Partial<ServiceSettings> = {}): Promise<InProcess> {
  const [home, database] = await Promise.all([makeHome(), createTestDatabase()])
  const settings = { ...SETTINGS, ...overrides, home }
  const log = createLog('silent')
  const closers = createClosers(log)
  const around = {
    settings,
    log,
    closers,
    real: systemClock(),
    random: systemRandom(),
    pause: (milliseconds: number, signal: AbortSignal) =>
      delay(milliseconds, undefined, { signal }).catch(() => {}),
    kill: () => {
      throw new Error('no failpoint is set')
    },
  }
  const foundation = await layFoundation({
    ...around,
    home,
    databaseUrl: database.url,
    migrations: MIGRATIONS,
    keyEncryptionKeyFile: `${home}/keys/kek`,
    connections: 20,
    seeded: settings.sandboxSeed !== null,
    onDatabaseLost: () => {},
  })
  const parts = { ...around, foundation }
  const services = await createServices(parts)
  const { deps } = services
  await deps.store.transaction((tx) =>
    makeFirstAccount({
      accounts: tx.accounts,
      clients: tx.clients,
      random: deps.random,
      secrets: deps.secrets,
      clock: deps.clocks.real,
    }),
  )
  await startJobs(parts, services)
  return {
    foundation,
    services,
    useCases: useCasesOf(services),
    database,
    settings,
    caller: {
      accountId: accountId('A-SANDBOX'),
      clientId: 'client-1',
      clientName: 'test client',
      role: 'admin',
      requestId: 'request-1',
      source: '127.0.0.1',
    },
    async close() {
      await closers.closeAll()
      await database.drop()
      await removeHome(home)
    },
  }
}

/** Where a network of it listens. */
export function addressOf({ services }: InProcess, network: Network): { host: string; port: number } {
  const address = services.edgeSide?.networks.get(network)?.network.addresses[0]
  if (address === undefined) throw new Error(`${network} does not listen`)
  return address
}
