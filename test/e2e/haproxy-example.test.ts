import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createProbe } from '../../src/edge/probe.ts'
import { hasHaproxy } from '../support/haproxy.ts'
import { type HaproxyGate, openGate } from '../support/haproxy-gate.ts'
import { ANY_PORTS, makeHome, removeHome } from '../support/instance.ts'
import { freePort } from '../../scripts/lib/free-port.mjs'
import { untilListening } from '../support/pebble.ts'
import { makeTestAuthority } from '../support/self-signed.ts'

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))
const NAME = 'www.example.com'

/** What the README tells a reader to type, in its order. */
async function commandsOf(path: string): Promise<readonly string[]> {
  const text = await readFile(join(PROJECT, path), 'utf8')
  return [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map((match) => match[1] ?? '')
}

describe.skipIf(!hasHaproxy)('examples/haproxy (skipped when the program haproxy is missing)', () => {
  let home: string
  let environment: NodeJS.ProcessEnv
  let commands: readonly string[]
  let port: number
  let gate: HaproxyGate
  let haproxy: ChildProcess | null = null
  let certrail: ChildProcess | null = null
  let output = ''

  beforeAll(async () => {
    home = await makeHome()
    commands = await commandsOf('examples/haproxy/README.md')
    const ports = [await freePort(), await freePort(), await freePort(), await freePort()]
    port = ports[0] ?? 0
    const socket = join(home, 'haproxy.sock')
    gate = await openGate(join(home, 'gate.sock'), socket)
    environment = {
      PATH: process.env['PATH'],
      HOME: home,
      ...ANY_PORTS,
      CERTRAIL_HOME: home,
      CERTRAIL_HTTP_PORT: String(ports[3]),
      HAPROXY_PORT: String(port),
      HAPROXY_CANDIDATE_PORT: String(ports[1]),
      HAPROXY_HTTP_PORT: String(ports[2]),
      HAPROXY_SOCKET: socket,
      CERTRAIL_PRODUCTION_HAPROXY_SOCKET: gate.path,
    }
  })
  afterAll(async () => {
    for (const child of [haproxy, certrail]) if (child !== null) await endGroup(child, 'SIGTERM')
    await gate.close()
    await removeHome(home)
  })

  /** A terminal of its own. */
  function inBackground(command: string): ChildProcess {
    const child = spawn('bash', ['-ec', command], {
      cwd: PROJECT,
      env: environment,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (piece: Buffer) => {
        output += piece.toString()
      })
    return child
  }

  const run = (command: string): Promise<string> =>
    new Promise((resolve, reject) => {
      execFile(
        'bash',
        ['-ec', command],
        { cwd: PROJECT, env: environment, maxBuffer: 8_000_000 },
        (error, stdout, stderr) => {
          if (error === null) resolve(stdout + stderr)
          else reject(new Error(`${command}\n${stdout}${stderr}\n${output.slice(-2_000)}`, { cause: error }))
        },
      )
    })
  const certrailJson = async (verb: string): Promise<Record<string, unknown>> =>
    JSON.parse(await run(`node scripts/certrail.mjs ${verb} --json`)) as Record<string, unknown>

  async function startHaproxy(): Promise<void> {
    haproxy = inBackground(commands[1] ?? '')
    await untilListening(port)
  }
  const probe = createProbe()
  const served = async (): Promise<string> =>
    (await probe({ host: '127.0.0.1', port, serverName: NAME, timeoutMs: 5_000 })).serialNumber

  async function until<T>(look: () => Promise<T>, isEnough: (seen: T) => boolean): Promise<T> {
    for (let turn = 0; ; turn++) {
      const seen = await look()
      if (isEnough(seen)) return seen
      if (turn === 900) throw new Error(`it stayed ${JSON.stringify(seen)}\n${output.slice(-2_000)}`)
      await delay(100)
    }
  }

  it('serves from its README on, with the settings asked for', { timeout: 120_000 }, async () => {
    certrail = inBackground(commands[0] ?? '')
    await until(
      async () => output,
      (text) => text.includes('certrail ready'),
    )
    await startHaproxy()
    await run(commands[2] ?? '')
    const seen = await run(commands[3] ?? '')
    expect(seen).toContain('Verify return code: 0 (ok)')
    expect(seen).toContain('TLSv1.3')
    expect(seen).toContain('protocol version')
    expect(seen).toContain('served by HAProxy')
    expect(commands).toHaveLength(4)
  })

  it.each(['SIGTERM', 'SIGKILL'] as const)('serves the same after HAProxy got %s', async (signal) => {
    const before = await served()
    if (haproxy !== null) await endGroup(haproxy, signal)
    await startHaproxy()
    expect(await served()).toBe(before)
  })

  it('finds a wrong chain that got in between set and commit, rolls back by itself, and goes on when it can', {
    timeout: 120_000,
  }, async () => {
    const before = await served()
    const stranger = await makeTestAuthority()
    const folder = join(home, 'edges/production/public')
    const [file = ''] = await readdir(folder)
    const spares = (await readFile(join(folder, file), 'utf8')).split('\n')[1] ?? ''
    gate.swapChain({ folder, chainPem: stranger.intermediatePem, spares })
    await run(`node scripts/certrail.mjs renew ${NAME} --wait || [ $? = 3 ]`)
    await run(`node scripts/certrail.mjs acknowledge ${NAME}`)
    const failed = await until(
      () => certrailJson(`status ${NAME}`),
      (status) => JSON.stringify(status).includes('another chain'),
    )
    expect(JSON.stringify(failed)).toContain('error')
    expect(gate.swapped()).toBeGreaterThan(0)
    expect(await served()).toBe(before)
    gate.swapChain(null)
    // A retry of its own, seconds later.
    await until(served, (serial) => serial !== before)
  })
})

/** The shell and all that it started. */
async function endGroup(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const ended = once(child, 'close')
  process.kill(-child.pid, signal)
  await ended
}
