import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { rootCertificates } from 'node:tls'
import { type Api, createApi } from './api.ts'
import { type Calls, createCalls } from './calls.ts'
import { readEdgerc } from './edgerc.ts'
import { Failure } from './failure.ts'
import { type Home, homeOf, serviceRoots } from './home.ts'
import { patientApi } from './patient-api.ts'
import type { Surroundings } from './surroundings.ts'

/** Options of every command that talks to an API (common-options.ts). */
export interface ConnectionOptions {
  readonly home?: string
  readonly edgerc?: string
  readonly section?: string
  readonly accountKey?: string
  readonly cacert?: string
}

export interface Session {
  readonly home: Home
  readonly api: Api
  readonly calls: Calls
}

/**
 * The edgerc is `--edgerc`, else the home's. Variables such as AKAMAI_EDGERC are not read: on many machines they name an account of
 * the real service, and a command without options must never reach for that.
 */
function openSession(surroundings: Surroundings, options: ConnectionOptions): Session {
  const home = homeOf(surroundings, options.home)
  const fromHome = options.edgerc === undefined
  const path = fromHome ? home.edgerc : resolve(surroundings.workingDirectory, options.edgerc)
  const section = edgercOf(path, options.section ?? 'default', fromHome)
  const direct = createApi({
    section: { ...section, accountKey: options.accountKey ?? section.accountKey },
    roots: rootsOf(surroundings, options, home, fromHome),
    clock: surroundings.clock,
    random: surroundings.random,
  })
  const api = patientApi(direct, (milliseconds) => pause(milliseconds))
  return { home, api, calls: createCalls(api, surroundings.clock) }
}

export async function withSession<T>(
  surroundings: Surroundings,
  options: ConnectionOptions,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const session = openSession(surroundings, options)
  try {
    return await work(session)
  } finally {
    session.api.close()
  }
}

function edgercOf(path: string, section: string, fromHome: boolean): ReturnType<typeof readEdgerc> {
  try {
    return readEdgerc(path, section)
  } catch (error) {
    if (!(fromHome && error instanceof Failure && error.detail?.includes('no such file'))) throw error
    const detail = `${error.detail} Start a sandbox with: certrail start (or name another with --home or --edgerc).`
    throw new Failure({ title: error.title, detail })
  }
}

/** `--cacert` alone; else the home's service root; with an edgerc from elsewhere the public roots besides. */
function rootsOf(
  surroundings: Surroundings,
  options: ConnectionOptions,
  home: Home,
  fromHome: boolean,
): readonly string[] | null {
  if (options.cacert !== undefined) return [pemOf(resolve(surroundings.workingDirectory, options.cacert))]
  const ours = serviceRoots(home)
  if (ours === null) return null
  return fromHome ? [ours] : [ours, ...rootCertificates]
}

function pemOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    throw new Failure({ title: 'Cannot read the file of --cacert', detail: path })
  }
}
