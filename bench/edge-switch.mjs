import { fork } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { startEmbeddedPostgres } from '../dist/store/postgres/launcher.js'
import { createClient, enroll, followToItsEnd } from './lib/client.mjs'
import { isThere } from './lib/edge-servers.mjs'
import { median, quantile, row } from './lib/figures.mjs'
import { haproxyProduction } from './lib/haproxy-production.mjs'
import { makeHome, startIn } from './lib/instance.mjs'
import { makeManyCertificates } from './lib/many-certificates.mjs'
import { openSecrets, wishedGenerations, writeServedFleet } from './lib/served-fleet.mjs'

/**
 * From the commit in the control plane (its notification, as every edge process hears it) to the end of the first public handshake with the new certificate,
 * while ten thousand certificates are served and clients ask for names at random. Baseline: a handshake of the same client. `CERTRAIL_BENCH_CERTIFICATES=1000`:
 * another count.
 */
const COUNT = Number(process.env.CERTRAIL_BENCH_CERTIFICATES ?? 10_000)
const ROUNDS = Number(process.env.CERTRAIL_BENCH_ROUNDS ?? 25)
const WARM_ROUNDS = 3
const CONCURRENCY = 2
const NAME = 'switch.bench.example'
const PROBER = fileURLToPath(new URL('lib/switch-prober.mjs', import.meta.url))
const LOAD = fileURLToPath(new URL('lib/handshake-client.mjs', import.meta.url))

export async function run() {
  const certificates = makeManyCertificates(COUNT)
  const rows = []
  for (const kind of ['built-in edge', ...(isThere('haproxy') ? ['HAProxy'] : [])]) {
    const { switches, handshakes, load } = await measured(kind, certificates)
    const what = `${COUNT} certificates, ${kind}: from the commit to the first public handshake`
    rows.push(row(`${what}, median`, 'ms', median(switches), median(handshakes), 'a handshake'))
    rows.push(row(`${what}, 95th percentile`, 'ms', quantile(switches, 0.95), median(switches), 'the median'))
    rows.push(
      row(
        `the same: handshakes of the load`,
        '',
        load.handshakes,
        load.handshakes,
        `${load.failures} failed`,
      ),
    )
  }
  return rows
}

async function measured(kind, certificates) {
  const [home, data] = [await makeHome(), await mkdtemp(join(tmpdir(), 'certrail-bench-'))]
  const database = await startEmbeddedPostgres({
    homeDirectory: data,
    log: () => {},
    onUnexpectedExit: () => {},
  })
  const pool = new pg.Pool({ connectionString: database.connectionString(), max: 2 })
  const haproxy = kind === 'HAProxy' ? await haproxyProduction(home) : null
  const env = { DATABASE_URL: database.connectionString(), ...haproxy?.env }
  try {
    const enrollment = await firstEnrollment(home, env, haproxy)
    await fill(pool, home, certificates, haproxy)
    const instance = await startIn(home, env)
    try {
      const port = haproxy?.port ?? Number(instance.ready.production.split(':')[1])
      await untilServed(port, certificates.leaves.at(-1).name)
      return await switches(instance, { pool: database.connectionString(), port, enrollment })
    } finally {
      await instance.stop()
    }
  } finally {
    await haproxy?.stop()
    await pool.end()
    await database.stop()
    for (const folder of [home, data]) await rm(folder, { recursive: true, force: true })
  }
}

async function firstEnrollment(home, env, haproxy) {
  const instance = await startIn(home, env)
  haproxy?.start()
  const client = await createClient(home)
  try {
    const change = await enroll(client, instance.ready.contract, NAME)
    return change.split('/changes/')[0]
  } finally {
    client.close()
    await instance.stop()
    await haproxy?.stop()
  }
}

async function fill(pool, home, { leaves, rootPem }, haproxy) {
  const secrets = await openSecrets(pool, home)
  await writeServedFleet(pool, { leaves, rootPem, secrets })
  if (haproxy === null) return
  await haproxy.writeFiles(await wishedGenerations(pool, secrets))
  haproxy.start()
}

async function switches(instance, { pool, port, enrollment }) {
  const client = await createClient(instance.home)
  const notes = new pg.Client({ connectionString: pool })
  await notes.connect()
  await notes.query('listen certrail_edge')
  const prober = fork(PROBER)
  const load = fork(LOAD)
  try {
    prober.send({ port, servername: NAME })
    await messageOf(prober)
    load.send({ port, count: COUNT, concurrency: CONCURRENCY })
    await messageOf(load)
    const found = { switches: [], handshakes: [] }
    for (let round = 0; round < WARM_ROUNDS + ROUNDS; round += 1) {
      const { ms, handshakeMs } = await oneSwitch(client, { notes, prober, enrollment })
      if (round < WARM_ROUNDS) continue
      found.switches.push(ms)
      found.handshakes.push(handshakeMs)
    }
    load.send('stop')
    const outcome = await messageOf(load)
    if (outcome.failures > 0) throw new Error(`${outcome.failures} handshakes of the load failed`)
    return { ...found, load: outcome }
  } finally {
    for (const child of [prober, load]) child.kill()
    await notes.end()
    client.close()
  }
}

async function oneSwitch(client, { notes, prober, enrollment }) {
  const committed = new Promise((resolve) => {
    const hear = ({ payload }) => {
      if (!payload.startsWith('production ')) return
      notes.off('notification', hear)
      resolve(performance.timeOrigin + performance.now())
    }
    notes.on('notification', hear)
  })
  const seen = messageOf(prober)
  const { status, body } = await client.call('PUT', `${enrollment}?force-renewal=true`, {
    accept: 'enrollment-status.v1',
    contentType: 'enrollment.v11',
    body: (await client.call('GET', enrollment, { accept: 'enrollment.v11' })).body,
  })
  if (status !== 202) throw new Error(`the renewal was answered with ${status}: ${JSON.stringify(body)}`)
  await followToItsEnd(client, body.changes[0])
  const [begun, { at, fingerprint, ms }] = await Promise.all([committed, seen])
  if (fingerprint === 'failed') throw new Error('a handshake with the name failed')
  return { ms: at - begun, handshakeMs: ms }
}

const messageOf = (child) =>
  new Promise((resolve, reject) => {
    const ended = (code) => reject(new Error(`a client ended with ${code}`))
    child.once('exit', ended)
    child.once('message', (message) => {
      child.off('exit', ended)
      resolve(message)
    })
  })

async function untilServed(port, servername) {
  for (;;) {
    if (await isServed(port, servername)) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

const isServed = (port, servername) =>
  new Promise((resolve) => {
    const tls = connect({ host: '127.0.0.1', port, servername, rejectUnauthorized: false }, () => {
      tls.destroy()
      resolve(true)
    })
    tls.once('error', () => resolve(false))
  })
