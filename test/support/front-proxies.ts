import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../scripts/lib/free-port.mjs'
import { untilListening } from './pebble.ts'

const ENVIRONMENT = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` }
const isThere = (program: string): boolean =>
  spawnSync(program, ['-v'], { env: ENVIRONMENT }).error === undefined

export const hasHaproxy = isThere('haproxy')
export const hasNginx = isThere('nginx')

export interface FrontProxy {
  readonly port: number
  close(): Promise<void>
}

/** What examples/ says, with its addresses replaced by ours and changed by `edit`. */
async function example(
  path: string,
  port: number,
  { backends, edit = (text) => text }: FrontProxyOptions,
): Promise<string> {
  const text = await readFile(fileURLToPath(new URL(`../../examples/${path}`, import.meta.url)), 'utf8')
  const [first = 1, second = 1] = backends
  const replaced = text
    .replace('192.0.2.10:8080', `127.0.0.1:${first}`)
    .replace('192.0.2.11:8080', `127.0.0.1:${second}`)
    .replace('bind :80', `bind 127.0.0.1:${port}`)
    .replace('listen 80 ', `listen 127.0.0.1:${port} `)
  return edit(replaced)
}

export interface FrontProxyOptions {
  /** Ports of Certrail's HTTP listeners, at most two; one that is lacking is a port where nobody listens. */
  readonly backends: readonly number[]
  readonly edit?: (configuration: string) => string
}

/** examples/haproxy/challenge-path.cfg in the real program. */
export async function startHaproxy(options: FrontProxyOptions): Promise<FrontProxy> {
  const port = await freePort()
  const around = 'defaults\n    timeout client 10s\n    timeout connect 2s\n    timeout server 10s\n'
  const configuration = around + (await example('haproxy/challenge-path.cfg', port, options))
  return start('haproxy', (folder) => ['-db', '-f', join(folder, 'configuration')], { port, configuration })
}

/** examples/nginx/challenge-path.conf in the real program. */
export async function startNginx(options: FrontProxyOptions): Promise<FrontProxy> {
  const port = await freePort()
  const configuration = [
    'daemon off; master_process off; pid nginx.pid; error_log stderr;',
    'events { }',
    'http {',
    'access_log off;',
    ...['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${name};`),
    await example('nginx/challenge-path.conf', port, options),
    '}',
  ].join('\n')
  return start('nginx', (folder) => ['-p', folder, '-e', 'stderr', '-c', join(folder, 'configuration')], {
    port,
    configuration,
  })
}

async function start(
  program: string,
  argumentsIn: (folder: string) => string[],
  { port, configuration }: { readonly port: number; readonly configuration: string },
): Promise<FrontProxy> {
  const folder = await mkdtemp(join(tmpdir(), `certrail-${program}-`))
  await writeFile(join(folder, 'configuration'), `${configuration}\n`)
  const child = spawn(program, argumentsIn(folder), {
    cwd: folder,
    env: ENVIRONMENT,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let text = ''
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()))
  const ended = once(child, 'exit')
  await Promise.race([
    untilListening(port),
    ended.then(() => Promise.reject(new Error(`${program} ended:\n${text}`))),
  ])
  return {
    port,
    async close() {
      if (isRunning(child)) child.kill('SIGKILL')
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const isRunning = ({ exitCode, signalCode }: ChildProcess): boolean =>
  exitCode === null && signalCode === null
