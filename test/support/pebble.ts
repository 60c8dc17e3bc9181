import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { instant } from '../../src/domain/time.ts'
import { toPem } from '../../src/pki/pem.ts'
import { privateKeyPem } from '../../src/pki/private-key.ts'
import { testLeaf, testRoot } from './test-certificates.ts'
import { freePort } from '../../scripts/lib/free-port.mjs'

/** Debian's, or another one by path: newer ones know renewal information and profiles. */
const PROGRAM = process.env['CERTRAIL_TEST_PEBBLE'] ?? 'pebble'
const USAGE = spawnSync(PROGRAM, ['--help'], { encoding: 'utf8' })

export const hasPebble = USAGE.error === undefined

export interface PebbleOptions {
  /** Where it connects for http-01; resolved by `dnsPort`. */
  readonly httpPort: number
  readonly tlsPort?: number
  readonly dnsPort: number
  /** Percent of good nonces refused; Pebble's own default is 5. */
  readonly nonceReject?: number
  /** Percent of valid authorizations used again; Pebble's own default is 50. */
  readonly authorizationReuse?: number
  readonly alternateRoots?: number
  /** Key identifiers and base64url MAC keys; given: an account needs one. */
  readonly externalAccounts?: Readonly<Record<string, string>>
}

export interface Pebble {
  readonly directoryUrl: string
  /** PEM of what signed its own TLS certificate. */
  readonly caFile: string
  readonly caPem: string
  readonly port: number
  /** The root of what it issues, made anew at each start. */
  rootPem(index?: number): Promise<string>
  /** As its management port says: `Valid` or `Revoked`, and why. Hex. */
  statusOf(serialNumber: string): Promise<{ readonly status: string; readonly reason: number | null }>
  log(): string
  /** SIGKILL: it keeps nothing. */
  kill(): Promise<void>
  /** On the same ports, empty. */
  start(): Promise<void>
  close(): Promise<void>
}

/** Let's Encrypt's test server as a child process, with a certificate of its own making: Debian's package brings none. */
export async function startPebble(options: PebbleOptions): Promise<Pebble> {
  const folder = await mkdtemp(join(tmpdir(), 'certrail-pebble-'))
  const [port, managementPort] = await Promise.all([freePort(), freePort()])
  const caPem = await writeFiles(folder, { port, managementPort }, options)
  let text = ''
  let child: ChildProcess | null = null
  const start = async (): Promise<void> => {
    const started = spawn(PROGRAM, ['-config', 'config.json', '-dnsserver', `127.0.0.1:${options.dnsPort}`], {
      cwd: folder,
      env: environment(options),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child = started
    const from = text.length
    await new Promise<void>((resolve, reject) => {
      const add = (chunk: Buffer): void => {
        text += chunk.toString()
        if (text.indexOf('ACME directory available', from) !== -1) resolve()
      }
      started.stdout?.on('data', add)
      started.stderr?.on('data', add)
      started.once('exit', () => reject(new Error(`pebble ended:\n${text.slice(from)}`)))
    })
    // It says so before it listens.
    await Promise.all([untilListening(port), untilListening(managementPort)])
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
    directoryUrl: `https://localhost:${port}/dir`,
    caFile: join(folder, 'ca.pem'),
    caPem,
    port,
    rootPem: (index = 0) => fetchText(`https://localhost:${managementPort}/roots/${index}`, caPem),
    async statusOf(serialNumber) {
      const path = `cert-status-by-serial/${serialNumber.toLowerCase().replace(/^0+/, '')}`
      const shown = JSON.parse(await fetchText(`https://localhost:${managementPort}/${path}`, caPem))
      return { status: shown.Status, reason: shown.Reason ?? null }
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

async function writeFiles(
  folder: string,
  ports: { readonly port: number; readonly managementPort: number },
  { httpPort, tlsPort = 1, externalAccounts }: PebbleOptions,
): Promise<string> {
  const at = instant(Date.now())
  const root = testRoot({ cn: 'Root of the test server', at })
  const leaf = testLeaf(root, { cn: 'localhost', at })
  const caPem = toPem('CERTIFICATE', root.der)
  const pebble = {
    listenAddress: `127.0.0.1:${ports.port}`,
    managementListenAddress: `127.0.0.1:${ports.managementPort}`,
    certificate: 'cert.pem',
    privateKey: 'key.pem',
    httpPort,
    tlsPort,
    ocspResponderURL: '',
    externalAccountBindingRequired: externalAccounts !== undefined,
    ...(externalAccounts === undefined ? {} : { externalAccountMACKeys: externalAccounts }),
    // Newer ones offer these; older ones pass them over.
    profiles: {
      default: { description: 'an ordinary life', validityPeriod: 7_776_000 },
      shortlived: { description: 'six days', validityPeriod: 518_400 },
    },
  }
  await writeFile(join(folder, 'cert.pem'), toPem('CERTIFICATE', leaf.der))
  await writeFile(join(folder, 'key.pem'), privateKeyPem(leaf.key))
  await writeFile(join(folder, 'ca.pem'), caPem)
  await writeFile(join(folder, 'config.json'), JSON.stringify({ pebble }))
  return caPem
}

const environment = ({
  nonceReject,
  authorizationReuse,
  alternateRoots,
}: PebbleOptions): NodeJS.ProcessEnv => ({
  ...process.env,
  PEBBLE_VA_NOSLEEP: '1',
  ...(nonceReject === undefined ? {} : { PEBBLE_WFE_NONCEREJECT: String(nonceReject) }),
  ...(authorizationReuse === undefined ? {} : { PEBBLE_AUTHZREUSE: String(authorizationReuse) }),
  ...(alternateRoots === undefined ? {} : { PEBBLE_ALTERNATE_ROOTS: String(alternateRoots) }),
})

const LOOKS = 400
const LOOK_EVERY_MS = 25

export async function untilListening(port: number): Promise<void> {
  for (let look = 1; ; look += 1) {
    const socket = connect(port, '127.0.0.1')
    try {
      await once(socket, 'connect')
      return
    } catch (error) {
      if (look === LOOKS) throw error
      await pause(LOOK_EVERY_MS)
    } finally {
      socket.destroy()
    }
  }
}

function fetchText(url: string, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { ca, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => resolve(text))
    })
    sent.on('error', reject)
    sent.end()
  })
}
