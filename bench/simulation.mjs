import { createClient, enroll } from './lib/client.mjs'
import { row } from './lib/figures.mjs'
import { startInstance } from './lib/instance.mjs'
import { compileSimulation } from './lib/simulation-harness.mjs'

/**
 * Enrollment-years that the simulation lives through in a second, every rule looked at after each step. Baseline: a real server, its database and its edges, whose
 * clock is turned over as many days. The figure for each second of processor time says how much of the other one was the machine's load.
 */
const SEEDS = Number(process.env.CERTRAIL_BENCH_SEEDS ?? 200)
/** The lives that `npm test` lives through. */
const FLEET = { enrollments: 2, days: 120 }
const SERVED = { enrollments: 10, days: 120 }
/** They find what the others have compiled. */
const WARM_UP = 10

const DAYS_A_YEAR = 365
const yearsOf = ({ enrollments, days }, lives = 1) => (lives * enrollments * days) / DAYS_A_YEAR

export async function run({ stop } = {}) {
  const simulated = await simulatedLives(stop)
  const real = await turnedServer()
  return [
    row(
      `simulated enrollment-years, ${SEEDS} seeds`,
      'per second',
      yearsOf(FLEET, SEEDS) / simulated.seconds,
      yearsOf(SERVED) / real.seconds,
      `a real server whose clock is turned, ${SERVED.enrollments} enrollments over ${SERVED.days} days`,
    ),
    row(
      'the same for each second of processor time',
      'per second',
      yearsOf(FLEET, SEEDS) / simulated.processorSeconds,
      yearsOf(FLEET, SEEDS) / simulated.seconds,
      'by the clock on the wall',
    ),
    row(
      'certificates brought to production in a simulation',
      'per second',
      simulated.deployed / simulated.seconds,
      real.deployed / real.seconds,
      'the same real server',
    ),
  ]
}

async function simulatedLives(stop) {
  const { simulate, remove } = await compileSimulation(stop)
  try {
    for (let seed = 1; seed <= WARM_UP; seed += 1) await simulate({ seed: SEEDS + seed, ...FLEET })
    let deployed = 0
    const [begun, processor] = [performance.now(), process.cpuUsage()]
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const { history } = await simulate({ seed, ...FLEET })
      deployed += history.filter((line) => line.includes('production-deployed')).length
    }
    const seconds = (performance.now() - begun) / 1000
    const { user, system } = process.cpuUsage(processor)
    return { seconds, processorSeconds: (user + system) / 1e6, deployed }
  } finally {
    await remove()
  }
}

/** Its first certificates are counted, as they are in the simulation. */
async function turnedServer() {
  const instance = await startInstance()
  const client = await createClient(instance.home)
  const { contract } = instance.ready
  try {
    await enroll(client, contract, 'warm.bench.example')
    const begun = performance.now()
    const changes = []
    for (let index = 0; index < SERVED.enrollments; index += 1)
      changes.push(await enroll(client, contract, `n${index}.turned.example`))
    const { status, body } = await client.call('POST', '/certrail/v1/clock/advance', {
      body: { by: `P${SERVED.days}D` },
    })
    if (status !== 200) throw new Error(`the clock was not turned: ${JSON.stringify(body)}`)
    const seconds = (performance.now() - begun) / 1000
    return { seconds, deployed: await deployedOf(client, changes) }
  } finally {
    client.close()
    await instance.stop()
  }
}

async function deployedOf(client, changes) {
  let deployed = 0
  for (const change of changes) {
    const [enrollment] = change.split('/changes/')
    const { status, body } = await client.call('GET', `${enrollment}/history/changes`, {
      accept: 'change-history.v5',
    })
    if (status !== 200) throw new Error(`the history answered ${status}`)
    deployed += body.changes.filter((one) => one.status === 'completed').length
  }
  return deployed
}
