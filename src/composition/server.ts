import type { Logger } from '../observe/log.ts'
import type { Network } from '../domain/network.ts'
import { startMetricsServer } from '../observe/metrics-server.ts'
import type { Clock } from '../ports/clock.ts'
import type { Pause } from '../ports/pause.ts'
import type { Random } from '../ports/random.ts'
import { advertisedHosts } from './advertised.ts'
import { startApi } from './api.ts'
import type { Closers } from './closers.ts'
import { hostAndPort } from './edges.ts'
import { administratorCredential, firstContract, makeFirstAccount, plantSeed } from './first-start.ts'
import { type Foundation, layFoundation } from './foundation.ts'
import { type Ready, writeEdgerc, writeReady, writeRoots } from './home-files.ts'
import { startJobs } from './jobs.ts'
import { createServices, type Services } from './services.ts'
import type { ServiceSettings } from './settings.ts'

export interface ServerOptions {
  readonly settings: ServiceSettings
  readonly databaseUrl: string | null
  readonly migrations: string
  readonly keyEncryptionKeyFile: string
  readonly log: Logger
  readonly real: Clock
  readonly random: Random
  readonly pause: Pause
  readonly closers: Closers
  readonly kill: () => void
  readonly onDatabaseLost: (error: Error) => void
}

/** For requests, and again for jobs: well above the changes that are carried at once, since each holds one for its lock and asks more beside it. */
const CONNECTIONS = 16

/** Starts every part that this process's roles ask for, in the order in which they need one another; `ready.json` comes last. */
export async function startServer(options: ServerOptions): Promise<Ready> {
  const { settings, closers } = options
  const foundation = await layFoundation({
    ...options,
    home: settings.home,
    connections: CONNECTIONS,
    seeded: settings.sandboxSeed !== null,
  })
  const services = await createServices({ ...options, foundation })
  await writeRoots(settings.home, services.hierarchies)
  const contract = await firstStart(foundation, services, options)
  const metrics = await startMetricsServer(settings.ports.metrics, services.metrics)
  closers.add('metrics', () => metrics.close())
  let ready = readyOf(settings, services, { api: settings.ports.api, metrics: metrics.port, contract })
  if (settings.roles.has('jobs')) await startJobs({ ...options, foundation }, services)
  if (settings.roles.has('api')) {
    const api = await startApi({ ...options, services, ready: () => ready })
    ready = { ...ready, ...apiAddresses(settings, api.port) }
  }
  // The first that is stopped: who asked for it is answered, and the others need not wait for the end of a year.
  closers.add('turns of the clock', services.stopTurns)
  const administrator = await administratorCredential(services.deps)
  // Nobody can use the one that is there, and it may be somebody's memory of what was.
  if (administrator !== null) await writeEdgerc(settings.home, new URL(ready.api).host, administrator)
  await writeReady(settings.home, ready)
  if (settings.roles.has('jobs')) services.rsaKeys.start()
  return ready
}

async function firstStart(
  foundation: Foundation,
  { deps }: Services,
  { random, real, settings: { seed } }: ServerOptions,
): Promise<string> {
  const around = { random, secrets: foundation.secrets, clock: real }
  await deps.store.transaction(async (tx) => {
    const accounts = { ...around, accounts: tx.accounts, clients: tx.clients }
    await tx.accounts.waitForFirstStart()
    await makeFirstAccount(accounts)
    if (seed !== null) await plantSeed(accounts, seed)
  })
  return (await firstContract(deps.store.read.accounts)) ?? ''
}

function readyOf(
  settings: ServiceSettings,
  { edgeSide }: Services,
  known: { readonly api: number; readonly metrics: number; readonly contract: string },
): Ready {
  const [shown = '127.0.0.1'] = advertisedHosts(settings)
  const at = (port: number) => (shown.includes(':') ? `[${shown}]:${port}` : `${shown}:${port}`)
  const ports = edgeSide?.ports ?? settings.ports
  const networkAt = (network: Network) => {
    const edge = settings.edges[network]
    const [first] = edge.kind === 'builtin' ? [] : edge.addresses
    return first === undefined ? at(ports[network]) : hostAndPort(first)
  }
  return {
    ...apiAddresses(settings, known.api),
    staging: networkAt('staging'),
    production: networkAt('production'),
    http: `http://${at(ports.http)}`,
    dns: at(ports.dns),
    metrics: `http://127.0.0.1:${known.metrics}/metrics`,
    contract: known.contract,
    mode: settings.mode,
    pid: process.pid,
  }
}

function apiAddresses({ apiNames }: ServiceSettings, port: number): Pick<Ready, 'api' | 'console'> {
  const [name = 'localhost'] = apiNames
  const host = name.includes(':') ? `[${name}]` : name
  return { api: `https://${host}:${port}`, console: `https://${host}:${port}/` }
}
