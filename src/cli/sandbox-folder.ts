import {
  chmodSync,
  closeSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { type Home, homeAt } from './home.ts'
import { commandScript } from './package-paths.ts'
import { credentialVariables, toolEnvironment } from './tool-environment.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** A temporary place for one sandbox: home, log, and a `certrail` to put on PATH. */
export interface SandboxFolder {
  readonly path: string
  readonly home: Home
  readonly programs: string
  readonly log: string
  readonly logDescriptor: number
  close(): void
}

export function makeSandboxFolder(configFile: string | null): SandboxFolder {
  const path = mkdtempSync(join(tmpdir(), 'certrail-exec-'))
  // As root the database runs under another user, who has to get through here; the home guards itself.
  chmodSync(path, 0o711)
  const home = homeAt(join(path, 'home'))
  mkdirSync(home.path, { mode: 0o700 })
  if (configFile !== null) copyFileSync(configFile, join(home.path, 'certrail.config.json'))
  const programs = join(path, 'bin')
  mkdirSync(programs, { mode: 0o700 })
  writePrograms(programs)
  const log = join(path, 'sandbox.log')
  const logDescriptor = openSync(log, 'a', 0o600)
  return {
    path,
    home,
    programs,
    log,
    logDescriptor,
    close: () => {
      closeSync(logDescriptor)
      rmSync(path, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

function writePrograms(directory: string): void {
  const node = process.execPath
  const script = commandScript()
  const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
  writeFileSync(join(directory, 'certrail'), `#!/bin/sh\nexec ${quoted(node)} ${quoted(script)} "$@"\n`, {
    mode: 0o700,
  })
  writeFileSync(join(directory, 'certrail.cmd'), `@"${node}" "${script}" %*\r\n`)
}

const PORTS = ['API', 'STAGING', 'PRODUCTION', 'HTTP', 'DNS', 'METRICS'] as const

/** Belongs to another installation than the temporary one: its database, its keys, its share of roles. */
const NOT_INHERITED = ['DATABASE_URL', 'CERTRAIL_KEK_FILE', 'CERTRAIL_ROLES']

/** For the sandbox: free ports, the temporary home; every other CERTRAIL_ setting of the caller counts. */
export function sandboxEnvironment(environment: Environment, home: Home): Environment {
  return {
    ...without(environment, NOT_INHERITED),
    ...Object.fromEntries(PORTS.map((name) => [`CERTRAIL_${name}_PORT`, '0'])),
    CERTRAIL_MODE: 'sandbox',
    CERTRAIL_HOME: home.path,
  }
}

/** For the command: the variables of `certrail env`, our `certrail` first on PATH, no credentials of another service. */
export function commandEnvironment(environment: Environment, folder: SandboxFolder): Environment {
  const path = environment['PATH'] ?? ''
  return {
    ...without(environment, credentialVariables(environment)),
    ...toolEnvironment(folder.home),
    PATH: path === '' ? folder.programs : `${folder.programs}${delimiter}${path}`,
  }
}

const without = (environment: Environment, names: readonly string[]): Environment =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !names.includes(name)))
