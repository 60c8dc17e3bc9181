import { setTimeout as pause } from 'node:timers/promises'
import { npmClient, ourClient, signingRequest } from './lib/acme-clients.mjs'
import { createClient, dvEnrollment } from './lib/client.mjs'
import { row } from './lib/figures.mjs'
import { startInstance } from './lib/instance.mjs'
import { freePort } from '../scripts/lib/free-port.mjs'
import { startPebble } from './lib/pebble.mjs'

/**
 * Orders at a real ACME server (Pebble): through the whole system, from POST to production, one at a time and sixteen at once; and what an order costs our
 * client alone. Baseline: npm's acme-client at the same server, which keeps nothing and deploys nothing.
 */
const ONE_BY_ONE = 8
const AT_ONCE = 16
const MANY = 32
const COUNTED = 30
const ROUNDS = 2

export async function run() {
  const clients = await startPebble({ looks: false })
  const client = { ours: await ourClient(clients), npm: await npmClient(clients) }
  try {
    const cpu = await cpuOf(client)
    const alone = await rate(1, ONE_BY_ONE, (index) => orderBy(client.npm, `one-${index}.npm.example`))
    const together = await rate(AT_ONCE, MANY, (index) => orderBy(client.npm, `many-${index}.npm.example`))
    const system = await throughSystem()
    return [
      row('CPU of our ACME client for an order', 'ms', cpu.ours, cpu.npm, "acme-client's"),
      row(
        'orders through the whole system, one at a time',
        'per second',
        system.alone,
        alone,
        'acme-client alone, one at a time',
      ),
      row(
        'orders through the whole system, 16 at once',
        'per second',
        system.together,
        together,
        'acme-client alone, 16 at once',
      ),
      row('16 at once', 'per second', system.together, system.alone, 'one at a time'),
    ]
  } finally {
    client.ours.close()
    client.npm.close()
    await clients.close()
  }
}

const orderBy = async (client, name) => client.order(name, await signingRequest(name))

/** Milliseconds of this process for an order; the two take turns, since a machine that is shared has moods. */
async function cpuOf(client) {
  const spent = { ours: 0, npm: 0 }
  for (let round = 0; round <= ROUNDS; round += 1)
    for (const who of ['ours', 'npm']) {
      const wishes = await wishesFor(`${who}-${round}`, COUNTED / ROUNDS)
      const begun = process.cpuUsage()
      for (const { name, request } of wishes) await client[who].order(name, request)
      const { user, system } = process.cpuUsage(begun)
      // The first round warms up.
      if (round > 0) spent[who] += (user + system) / 1000
    }
  return { ours: spent.ours / COUNTED, npm: spent.npm / COUNTED }
}

/** Names of their own, or Pebble uses a proof again now and then; signing requests cost both the same and are not counted. */
const wishesFor = (label, count) =>
  Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const name = `${label}-${index}.cpu.example`
      return { name, request: await signingRequest(name) }
    }),
  )

async function times(count, work) {
  for (let turn = 0; turn < count; turn += 1) await work(turn)
}

/** Orders a second with so many under way. */
async function rate(atOnce, count, work) {
  let next = 0
  const begun = performance.now()
  const one = async () => {
    for (let index = next++; index < count; index = next++) await work(index)
  }
  await Promise.all(Array.from({ length: atOnce }, one))
  return count / ((performance.now() - begun) / 1000)
}

/** Pebble looks at every name: at our HTTP port, by our DNS responder. */
async function throughSystem() {
  const [httpPort, dnsPort] = [await freePort(), await freePort()]
  const pebble = await startPebble({ httpPort, dnsPort })
  const instance = await startInstance({
    CERTRAIL_MODE: 'live',
    CERTRAIL_RATE_LIMITS: 'off',
    CERTRAIL_HOST: '127.0.0.1',
    CERTRAIL_HTTP_PORT: String(httpPort),
    CERTRAIL_DNS_PORT: String(dnsPort),
    CERTRAIL_RESOLVER: `127.0.0.1:${dnsPort}`,
    CERTRAIL_VALIDATION_HTTP_PORT: String(httpPort),
    CERTRAIL_VALIDATION_DNS_PORT: String(dnsPort),
    CERTRAIL_ACME_DIRECTORY: pebble.directoryUrl,
    CERTRAIL_ACME_CA_FILE: pebble.caFile,
    CERTRAIL_ALLOW_PRIVATE_TARGETS: 'true',
  })
  const client = await createClient(instance.home)
  const enroll = (name) => toProduction(client, instance.ready.contract, name)
  try {
    await times(3, (index) => enroll(`warm-${index}.bench.example`))
    return {
      alone: await rate(1, ONE_BY_ONE, (index) => enroll(`one-${index}.bench.example`)),
      together: await rate(AT_ONCE, MANY, (index) => enroll(`many-${index}.many.example`)),
    }
  } finally {
    client.close()
    await instance.stop()
    await pebble.close()
  }
}

/** Nobody acknowledges anything: our own port answers, and the change goes on by itself. */
async function toProduction(client, contract, name) {
  const create = () =>
    client.call('POST', `/cps/v2/enrollments?contractId=${contract}`, {
      accept: 'enrollment-status.v1',
      contentType: 'enrollment.v11',
      body: dvEnrollment(name),
    })
  let created = await create()
  // On a machine that is more than busy; clients ask again.
  for (; created.status === 503; created = await create()) await pause(200)
  if (created.status !== 202) throw new Error(JSON.stringify(created.body))
  const [change] = created.body.changes
  for (;;) {
    const { body } = await client.call('GET', change, { accept: 'change.v2', headers: { prefer: 'wait=50' } })
    if (body.statusInfo.state === 'completed') return
    if (body.statusInfo.state === 'error') throw new Error(body.statusInfo.error.description)
  }
}
