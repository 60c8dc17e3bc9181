import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { haproxyPlaces, type HaproxyPlaces, layOut } from '../../src/edge/haproxy/list-files.ts'
import { pemText, privateKeyPem } from '../../src/edge/private-key-pem.ts'
import { askAt } from './haproxy-gate.ts'
import { freePort } from '../../scripts/lib/free-port.mjs'
import { untilListening } from './pebble.ts'
import type { TestAuthority } from './self-signed.ts'

export const hasHaproxy = spawnSync('haproxy', ['-v']).error === undefined

export interface TestHaproxy {
  readonly folder: string
  readonly socketPath: string
  /** Of the master CLI. */
  readonly masterPath: string
  readonly places: HaproxyPlaces
  readonly address: { readonly host: string; readonly port: number }
  readonly candidate: { readonly host: string; readonly port: number }
  /** What another network has of the same process: frontends and files of its own. Only where `servesTwo`. */
  readonly other: Pick<TestHaproxy, 'places' | 'address' | 'candidate'>
  /** One command past our own driver, as a colleague with socat would. */
  ask(command: string): Promise<string>
  workerPid(): Promise<number>
  /** SIGUSR2 to the master, as `systemctl reload` does; resolves when the new worker answers. */
  reload(): Promise<void>
  /** SIGKILL to master and worker. */
  kill(): Promise<void>
  start(): Promise<void>
  close(): Promise<void>
}

const TICKET_KEYS = Array.from({ length: 3 }, () => `${randomBytes(48).toString('base64')}\n`).join('')

export async function placeholderPem(authority: TestAuthority): Promise<string> {
  const certificate = await authority.issue(['placeholder.invalid'])
  return (
    pemText('CERTIFICATE', certificate.der) +
    privateKeyPem({ ...certificate, privateKey: () => certificate.privateKey }).toString()
  )
}

export interface TestHaproxyOptions {
  readonly placeholderPem: string
  readonly global?: readonly string[]
  /** Without a bind for names that ask for client certificates. */
  readonly isSingleBind?: boolean
  /** Another pair of frontends, for another network. */
  readonly servesTwo?: boolean
  /** Against our advice: the public bind gives tickets out. */
  readonly hasTickets?: boolean
  /** Starts with a copy of another's lists and certificates. */
  readonly from?: HaproxyPlaces
}

/** Debian's HAProxy as a master with one worker, configured as docs/haproxy.md says. */
export async function startHaproxy(options: TestHaproxyOptions): Promise<TestHaproxy> {
  const folder = await mkdtemp(join(tmpdir(), 'certrail-haproxy-'))
  const places = haproxyPlaces(join(folder, 'edge'))
  if (options.from !== undefined) await copyPlaces(options.from, places)
  const otherPlaces = haproxyPlaces(join(folder, 'other'))
  for (const each of [places, otherPlaces])
    await layOut(each, { placeholderPem: options.placeholderPem, ticketKeys: TICKET_KEYS })
  const [socketPath, masterPath] = [join(folder, 'admin.sock'), join(folder, 'master.sock')]
  const [port, candidatePort] = [await freePort(), await freePort()]
  const otherPorts = options.servesTwo === true ? [await freePort(), await freePort()] : []
  const [other, otherCandidate] = otherPorts.map((each) => ({ host: '127.0.0.1', port: each }))
  const configuration = join(folder, 'haproxy.cfg')
  await writeFile(
    configuration,
    configurationOf({ folder, socketPath, places, port, candidatePort, options }) +
      otherFrontends(otherPlaces, otherPorts),
  )
  let master: ChildProcess | null = null
  let text = ''

  const ask = (command: string): Promise<string> => askAt(socketPath, command)
  const workerPid = async (): Promise<number> => Number(/^Pid: (\d+)$/m.exec(await ask('show info'))?.[1])

  async function start(): Promise<void> {
    const child = spawn('haproxy', ['-W', '-S', masterPath, '-f', configuration], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    master = child
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (piece: Buffer) => {
        text += piece.toString()
      })
    const ended = once(child, 'exit').then(() => Promise.reject(new Error(`haproxy ended:\n${text}`)))
    ended.catch(() => {})
    await Promise.race([ended, Promise.all([untilListening(port), untilListening(candidatePort)])])
    await untilAnswering()
  }

  /** The runtime API comes up a moment after the ports. */
  async function untilAnswering(): Promise<void> {
    for (let look = 0; look < 400; look++) {
      if ((await workerPid().catch(() => 0)) > 0) return
      await delay(25)
    }
    throw new Error(`haproxy does not answer at its socket:\n${text}`)
  }

  async function kill(): Promise<void> {
    const child = master
    master = null
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    const workers = await readFile(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8')
    const exit = once(child, 'exit')
    child.kill('SIGKILL')
    await exit
    for (const pid of workers.trim().split(' ').filter(Boolean).map(Number)) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It went with its master.
      }
      await untilGone(pid)
    }
  }

  async function reload(): Promise<void> {
    const before = await workerPid()
    master?.kill('SIGUSR2')
    for (let look = 0; look < 400; look++) {
      const now = await workerPid().catch(() => before)
      if (now !== before) return
      await delay(25)
    }
    throw new Error(`haproxy was not reloaded:\n${text}`)
  }

  await start()
  return {
    folder,
    socketPath,
    masterPath,
    places,
    address: { host: '127.0.0.1', port },
    candidate: { host: '127.0.0.1', port: candidatePort },
    get other() {
      if (other === undefined || otherCandidate === undefined) throw new Error('it serves one network')
      return { places: otherPlaces, address: other, candidate: otherCandidate }
    },
    ask,
    workerPid,
    reload,
    kill,
    start,
    async close() {
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Lists name their files by whole paths. */
async function copyPlaces(from: HaproxyPlaces, to: HaproxyPlaces): Promise<void> {
  const [old, own] = [dirname(from.placeholder), dirname(to.placeholder)]
  await cp(old, own, { recursive: true })
  for (const { list } of [to.public, to.mutual, to.candidate])
    await writeFile(list, (await readFile(list, 'utf8')).replaceAll(`${old}/`, `${own}/`))
}

async function untilGone(pid: number): Promise<void> {
  for (let look = 0; look < 400; look++) {
    const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
    if (state === null || state.includes(') Z ')) return
    await delay(10)
  }
}

function configurationOf(facts: {
  readonly folder: string
  readonly socketPath: string
  readonly places: HaproxyPlaces
  readonly port: number
  readonly candidatePort: number
  readonly options: TestHaproxyOptions
}): string {
  const { places } = facts
  return `global
  stats socket ${facts.socketPath} mode 600 level admin expose-fd listeners
  tune.ssl.cachesize 0
${(facts.options.global ?? []).map((line) => `  ${line}\n`).join('')}
defaults
  mode http
  timeout connect 5s
  timeout client 10s
  timeout server 10s

${facts.options.isSingleBind === true ? publicFrontend(places, `127.0.0.1:${facts.port}`, facts.options) : dispatched(facts)}
frontend candidate
  bind 127.0.0.1:${facts.candidatePort} ssl crt-list ${places.candidate.list} strict-sni no-tls-tickets
  http-request return status 200 content-type text/plain string "candidate"
`
}

const otherFrontends = (
  { public: { list }, candidate }: HaproxyPlaces,
  [port, candidatePort]: readonly number[],
): string =>
  port === undefined
    ? ''
    : `frontend other
  bind 127.0.0.1:${port} ssl crt-list ${list} strict-sni no-tls-tickets
  http-request return status 200 content-type text/plain string "other"

frontend other-candidate
  bind 127.0.0.1:${candidatePort} ssl crt-list ${candidate.list} strict-sni no-tls-tickets
  http-request return status 200 content-type text/plain string "other candidate"
`

const publicFrontend = (
  { public: { list } }: HaproxyPlaces,
  bind: string,
  options: TestHaproxyOptions,
) => `frontend public
  bind ${bind} ssl crt-list ${list} strict-sni ${options.hasTickets === true ? '' : 'no-tls-tickets'}
  http-request return status 200 content-type text/plain string "public"
`

/** As examples/haproxy/haproxy.cfg does: the name decides which bind a client is led to, before any handshake. */
function dispatched(facts: {
  readonly places: HaproxyPlaces
  readonly folder: string
  readonly port: number
  readonly options: TestHaproxyOptions
}): string {
  const { places, folder } = facts
  const led = (name: string) => `backend ${name}
  mode tcp
  server ${name} unix@${folder}/${name}.sock send-proxy-v2
`
  return `frontend names
  mode tcp
  bind 127.0.0.1:${facts.port}
  tcp-request inspect-delay 5s
  tcp-request content set-var(sess.bind) req.ssl_sni,lower,map_str(${places.map}) if { req.ssl_hello_type 1 }
  tcp-request content set-var(sess.bind) req.ssl_sni,lower,regsub(^[^.]+,*),map_str(${places.map}) if { req.ssl_hello_type 1 } !{ var(sess.bind) -m found }
  tcp-request content accept if { req.ssl_hello_type 1 }
  use_backend mutual if { var(sess.bind) -m str mutual }
  default_backend public

${led('mutual')}
${led('public')}
${publicFrontend(places, `unix@${folder}/public.sock accept-proxy`, facts.options)}
frontend mutual
  bind unix@${folder}/mutual.sock accept-proxy ssl crt-list ${places.mutual.list} strict-sni no-tls-tickets tls-ticket-keys ${places.ticketKeys}
  http-request return status 200 content-type text/plain string "mutual"
`
}
