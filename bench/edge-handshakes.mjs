import { fork, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cpuSeconds, isThere, SERVERS } from './lib/edge-servers.mjs'
import { median, row } from './lib/figures.mjs'
import { makeManyCertificates } from './lib/many-certificates.mjs'

/**
 * Full TLS 1.3 handshakes, each with a name at random, per second of the server's processor time: the built-in edge, HAProxy with the lines that our driver
 * writes, and nginx. One thread each, server and client on a core of their own; every name was asked for once before. `CERTRAIL_BENCH_CERTIFICATES=10,1000`: other
 * counts.
 */
const COUNTS = (process.env.CERTRAIL_BENCH_CERTIFICATES ?? '10,1000,10000').split(',').map(Number)
const SECONDS = 4
const ROUNDS = 3
const CONCURRENCY = 16
const CLIENT = fileURLToPath(new URL('lib/handshake-client.mjs', import.meta.url))
const EVERY_READY = 'built-in edge, every certificate ready'
/** Below that the built-in edge keeps every certificate ready unasked. */
const READY_UNASKED = 1_000
const PAIRS = [
  ['HAProxy', 'nginx'],
  ['built-in edge', 'HAProxy'],
  ['built-in edge', 'nginx'],
  [EVERY_READY, 'HAProxy'],
]
const PROGRAMS = { HAProxy: 'haproxy', nginx: 'nginx' }

export async function run() {
  const present = Object.keys(SERVERS).filter(
    (name) => PROGRAMS[name] === undefined || isThere(PROGRAMS[name]),
  )
  const rows = []
  const all = makeManyCertificates(Math.max(...COUNTS))
  for (const count of COUNTS) {
    const certificates = { ...all, leaves: all.leaves.slice(0, count) }
    const figures = new Map()
    for (const name of present)
      if (name !== EVERY_READY || count > READY_UNASKED) figures.set(name, await measured(name, certificates))
    rows.push(...rowsOf(count, figures))
  }
  return rows
}

async function measured(name, certificates) {
  const folder = mkdtempSync(join(tmpdir(), 'certrail-bench-edge-'))
  mkdirSync(folder, { recursive: true })
  const server = await SERVERS[name]({ folder, certificates })
  try {
    await perCpuSecond(server, certificates.leaves.length, { asksForEach: true })
    const rates = []
    for (let round = 0; round < ROUNDS; round += 1)
      rates.push(await perCpuSecond(server, certificates.leaves.length))
    const status = readFileSync(`/proc/${server.pid}/status`, 'utf8')
    const megabytes = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024
    return { rate: median(rates), startMs: server.startMs, megabytes }
  } finally {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function perCpuSecond({ port, pid }, count, { asksForEach = false } = {}) {
  const client = fork(CLIENT)
  spawnSync('taskset', ['-cp', '1', String(client.pid)])
  client.send({ port, count, concurrency: CONCURRENCY, asksForEach })
  await answerOf(client)
  const used = () => cpuSeconds(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  const before = used()
  await new Promise((resolve) => setTimeout(resolve, SECONDS * 1000))
  client.send('stop')
  const { handshakes, failures } = await answerOf(client)
  if (failures > 0) throw new Error(`${failures} handshakes failed`)
  return handshakes / (used() - before)
}

const answerOf = (client) =>
  new Promise((resolve, reject) => {
    client.once('message', resolve)
    client.once('exit', (code) => reject(new Error(`the client ended with ${code}`)))
  })

function rowsOf(count, figures) {
  const rows = []
  for (const [name, baseline] of PAIRS) {
    const [measuredOne, other] = [figures.get(name), figures.get(baseline)]
    if (measuredOne === undefined || other === undefined) continue
    const compared = (what, unit, member) =>
      rows.push(
        row(`${count} certificates, ${name}: ${what}`, unit, measuredOne[member], other[member], baseline),
      )
    compared('handshakes per CPU-second', 'per CPU-second', 'rate')
    if (name === 'HAProxy') continue
    compared('memory', 'MB', 'megabytes')
    compared('from its start to the first handshake', 'ms', 'startMs')
  }
  return rows
}
