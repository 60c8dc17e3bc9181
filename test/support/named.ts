import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { promises as dns } from 'node:dns'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../scripts/lib/free-port.mjs'

const ENVIRONMENT = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` }
const PROGRAM = 'named'

export const hasNamed = spawnSync(PROGRAM, ['-v'], { env: ENVIRONMENT }).error === undefined

export interface NamedKey {
  readonly name: string
  readonly algorithm?: 'hmac-sha256' | 'hmac-sha384' | 'hmac-sha512'
  /** Base64. */
  readonly secret: string
}

export interface NamedZone {
  /** Names of keys that may change TXT records anywhere in it. */
  readonly writers?: readonly string[]
  /** Lines of its zone file. */
  readonly records?: readonly string[]
  /** Of its name server `ns.APEX`, 127.0.0.1 if not said otherwise. */
  readonly address?: string
}

export interface NamedOptions {
  readonly keys: readonly NamedKey[]
  /** By apex. */
  readonly zones: Readonly<Record<string, NamedZone>>
  /** By apex: zones that others answer, as `host port N`. With any it resolves for its askers, and keeps nothing for longer than a second. */
  readonly forwards?: Readonly<Record<string, readonly string[]>>
}

export interface Named {
  /** UDP and TCP of 127.0.0.1. */
  readonly port: number
  /** As tsig-keygen writes it. */
  keyFile(name: string): string
  /** TXT values at an owner name, sorted; empty: none. */
  texts(owner: string): Promise<readonly string[]>
  /** Other records for a zone that nobody writes into. */
  rewrite(apex: string, records: readonly string[]): Promise<void>
  log(): string
  kill(): Promise<void>
  /** On the same port, with its zones as they were left. */
  start(): Promise<void>
  close(): Promise<void>
}

/** Debian's BIND as an authoritative server. Each zone has `ns.APEX` as its name server, and is served at 127.0.0.1. */
export async function startNamed(options: NamedOptions): Promise<Named> {
  const folder = await mkdtemp(join(tmpdir(), 'certrail-named-'))
  await chmod(folder, 0o700)
  const port = await freePort()
  await writeFiles(folder, port, options)
  const resolver = new dns.Resolver({ timeout: 2_000, tries: 2 })
  resolver.setServers([`127.0.0.1:${port}`])
  let text = ''
  let child: ChildProcess | null = null
  const start = async (): Promise<void> => {
    const started = spawn(PROGRAM, ['-g', '-n', '1', '-c', join(folder, 'named.conf')], {
      cwd: folder,
      env: ENVIRONMENT,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    child = started
    const from = text.length
    await new Promise<void>((resolve, reject) => {
      started.stderr?.on('data', (chunk: Buffer) => {
        text += chunk.toString()
        if (/\brunning$/m.test(text.slice(from))) resolve()
      })
      started.once('exit', () => reject(new Error(`named ended:\n${text.slice(from)}`)))
    })
  }
  const kill = async (): Promise<void> => {
    const running = child
    child = null
    if (running === null || running.exitCode !== null || running.signalCode !== null) return
    running.kill('SIGKILL')
    await once(running, 'exit')
  }
  await start()
  return {
    port,
    keyFile: (name) => join(folder, `${name}.key`),
    async texts(owner) {
      const found = await resolver.resolveTxt(owner).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENODATA' || error.code === 'ENOTFOUND') return []
        throw error
      })
      return found.map((strings) => strings.join('')).toSorted()
    },
    async rewrite(apex, records) {
      await kill()
      await writeZone(folder, apex, { records })
      await start()
    },
    log: () => text,
    kill,
    start,
    async close() {
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function writeZone(
  folder: string,
  apex: string,
  { records = [], address = '127.0.0.1' }: Pick<NamedZone, 'records' | 'address'>,
): Promise<void> {
  const lines = [
    '$TTL 5',
    `@ SOA ns.${apex}. root.${apex}. 1 3600 600 86400 1`,
    `@ NS ns.${apex}.`,
    `ns A ${address}`,
    ...records,
  ]
  await writeFile(join(folder, `${apex}.zone`), `${lines.join('\n')}\n`)
}

async function writeFiles(
  folder: string,
  port: number,
  { keys, zones, forwards = {} }: NamedOptions,
): Promise<void> {
  for (const { name, algorithm = 'hmac-sha256', secret } of keys) {
    const clause = `key "${name}" {\n\talgorithm ${algorithm};\n\tsecret "${secret}";\n};\n`
    await writeFile(join(folder, `${name}.key`), clause)
  }
  for (const [apex, zone] of Object.entries(zones)) await writeZone(folder, apex, zone)
  const clauses = Object.entries(zones).map(([apex, { writers = [] }]) => {
    const policy = writers.map((key) => `grant ${key} zonesub TXT;`).join(' ')
    const updates = writers.length === 0 ? '' : `update-policy { ${policy} };`
    return `zone "${apex}" { type primary; file "${apex}.zone"; ${updates} };`
  })
  const forwarded = Object.entries(forwards).map(
    ([apex, servers]) =>
      `zone "${apex}" { type forward; forward only; forwarders { ${servers.join('; ')}; }; };`,
  )
  const recursion =
    forwarded.length === 0
      ? 'recursion no;'
      : 'recursion yes; allow-recursion { any; }; max-cache-ttl 1; max-ncache-ttl 1;'
  const configuration = [
    `options { directory "${folder}"; listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; };`,
    '  pid-file "named.pid"; session-keyfile "session.key"; managed-keys-directory ".";',
    `  ${recursion} notify no; dnssec-validation no; };`,
    'controls { };',
    ...keys.map(({ name }) => `include "${join(folder, `${name}.key`)}";`),
    ...clauses,
    ...forwarded,
  ]
  await writeFile(join(folder, 'named.conf'), `${configuration.join('\n')}\n`)
}
