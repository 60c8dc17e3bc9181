import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

const PROJECT = join(import.meta.dirname, '../..')
const CHILD = join(import.meta.dirname, 'postgres-child.mjs')

export interface Build {
  readonly directory: string
  remove(): Promise<void>
}

/** Node 20 runs no TypeScript: what the child process imports is built once, as `npm run build` does it, below node_modules so that packages are found. */
export async function buildForChildren(): Promise<Build> {
  const root = await mkdtemp(join(PROJECT, 'node_modules', '.certrail-test-'))
  const remove = (): Promise<void> => rm(root, { recursive: true, force: true })
  const directory = join(root, 'dist')
  const settings = {
    extends: join(PROJECT, 'tsconfig.build.json'),
    compilerOptions: {
      outDir: directory,
      rootDir: join(PROJECT, 'src'),
      types: ['node'],
      typeRoots: [join(PROJECT, 'node_modules/@types')],
    },
    files: ['store/postgres/launcher.ts', 'store/migrate.ts'].map((file) => join(PROJECT, 'src', file)),
    include: [],
  }
  await writeFile(join(root, 'tsconfig.json'), JSON.stringify(settings))
  await writeFile(join(root, 'package.json'), '{"type":"module"}')
  await symlink(join(PROJECT, 'scripts'), join(root, 'scripts'))
  try {
    await promisify(execFile)(process.execPath, [
      join(PROJECT, 'node_modules/typescript/bin/tsc'),
      '-p',
      root,
    ])
  } catch (cause) {
    await remove()
    throw cause
  }
  return { directory, remove }
}

export interface Message {
  readonly ready?: { readonly highest: number; readonly rows: number; readonly counter: number }
  readonly stored?: number
  readonly stopping?: true
  readonly stopped?: true
  readonly migrated?: readonly string[]
}

export interface Child {
  readonly process: ChildProcess
  /** In the order in which they came. */
  readonly messages: readonly Message[]
  /** Resolves with the first message that satisfies, past or future; null when the child ends before. */
  saying(test: (message: Message) => boolean): Promise<Message | null>
  /** Resolves when it has ended and everything it said has been read. */
  readonly ended: Promise<void>
  errors(): string
}

export function startChild(build: Build, verb: 'serve' | 'migrate', ...rest: readonly string[]): Child {
  const child = spawn(process.execPath, [CHILD, build.directory, verb, ...rest], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const messages: Message[] = []
  let errors = ''
  const waiting = new Set<() => void>()
  const wake = (): void => {
    for (const look of waiting) look()
  }
  createInterface({ input: child.stdout }).on('line', (line) => {
    messages.push(JSON.parse(line) as Message)
    wake()
  })
  child.stderr.on('data', (data) => (errors += String(data)))
  child.stdin.on('error', () => undefined)
  let over = false
  const ended = once(child, 'close').then(() => {
    over = true
    wake()
  })
  const saying = (test: (message: Message) => boolean): Promise<Message | null> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = messages.find(test)
        if (found === undefined && !over) return
        waiting.delete(look)
        resolve(found ?? null)
      }
      waiting.add(look)
      look()
    })
  return { process: child, messages, saying, ended, errors: () => errors }
}

/** The process and all that come from it, children after their parents. */
export async function familyOf(pid: number): Promise<readonly number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid='])
  const pairs = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
  const family = [pid]
  for (const parent of family) {
    family.push(...pairs.filter((pair) => pair[1] === parent).map((pair) => pair[0] ?? 0))
  }
  return family
}

/** Living processes that name the directory in their command line or, PostgreSQL's own, work in it. */
export async function processesOf(directory: string): Promise<readonly string[]> {
  if (process.platform !== 'linux') {
    const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,command='])
    return stdout.split('\n').filter((line) => line.includes(directory))
  }
  const found: string[] = []
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ')
    const workplace = await readlink(`/proc/${pid}/cwd`).catch(() => '')
    if (command.includes(directory) || workplace.startsWith(directory))
      found.push(`${pid} ${command.slice(0, 200)}`)
  }
  return found
}

/** Longer than an orderly and then a hard shutdown may take together (supervise.ts). */
export const GONE_WITHIN_MS = 15_000

/** After a test that failed: what it could not end must not outlive it. */
export async function endProcessesOf(directory: string): Promise<void> {
  for (const line of await processesOf(directory)) kill(Number.parseInt(line, 10))
}

/** SIGKILL, to a process that may have gone by itself. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ESRCH')) throw cause
  }
}

/** Small seeded generator (mulberry32): the same seed, the same rounds. */
export function seededBelow(seed: number): (limit: number) => number {
  let state = seed >>> 0
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit)
  }
}
