import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createTestClient, type TestClient } from './test-client.ts'

const START_SCRIPT = fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url))
const PROJECT = fileURLToPath(new URL('../..', import.meta.url))

export interface Ready {
  readonly api: string
  readonly console: string
  readonly staging: string
  readonly production: string
  readonly http: string
  readonly dns: string
  readonly metrics: string
  readonly contract: string
  readonly mode: string
  readonly pid: number
}

export interface Instance {
  readonly home: string
  readonly ready: Ready
  readonly client: TestClient
  readonly pid: number
  /** All that the process has written so far, both streams. */
  output(): string
  /** SIGTERM, and its exit code. */
  stop(): Promise<number | null>
  /** SIGKILL to the process that ready.json names. */
  kill(): Promise<void>
  /** Resolves when the process has ended by itself; with the signal that ended it. */
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>
}

export const ANY_PORTS = {
  CERTRAIL_API_PORT: '0',
  CERTRAIL_STAGING_PORT: '0',
  CERTRAIL_PRODUCTION_PORT: '0',
  CERTRAIL_HTTP_PORT: '0',
  CERTRAIL_DNS_PORT: '0',
  CERTRAIL_METRICS_PORT: '0',
} as const

export const makeHome = (): Promise<string> => mkdtemp(join(tmpdir(), 'certrail-test-'))
export const removeHome = (home: string): Promise<void> => rm(home, { recursive: true, force: true })

/** The real server, started as a user starts it, on free ports. Rejects with its output when it does not become ready. */
export async function startInstance(
  home: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Instance> {
  const child = spawn(process.execPath, [START_SCRIPT], {
    cwd: PROJECT,
    env: { ...cleanEnvironment(), ...ANY_PORTS, CERTRAIL_HOME: home, CERTRAIL_LOG: 'info', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = collect(child)
  const exited = once(child, 'exit').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
  }))
  await Promise.race([
    output.line('certrail ready'),
    exited.then(() => Promise.reject(new Error(`not ready:\n${output.text()}`))),
  ])
  const ready = JSON.parse(await readFile(join(home, 'ready.json'), 'utf8')) as Ready
  return {
    home,
    ready,
    client: await createTestClient(home),
    pid: ready.pid,
    output: output.text,
    exited,
    async stop() {
      child.kill('SIGTERM')
      return (await exited).code
    },
    async kill() {
      process.kill(ready.pid, 'SIGKILL')
      await exited
    },
  }
}

/** Settings of whoever runs the tests must not reach the instance. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('CERTRAIL_') && name !== 'DATABASE_URL',
  )
  return Object.fromEntries(entries)
}

function collect(child: ChildProcess) {
  let text = ''
  const waiting = new Set<() => void>()
  const add = (chunk: Buffer) => {
    text += chunk.toString()
    for (const look of waiting) look()
  }
  child.stdout?.on('data', add)
  child.stderr?.on('data', add)
  return {
    text: () => text,
    line: (wanted: string) =>
      new Promise<void>((resolve) => {
        const look = () => {
          if (!text.split('\n').some((line) => line.trim() === wanted)) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
  }
}
