import { connect } from 'node:tls'
import { createClient, enroll } from './lib/client.mjs'
import { median, quantile, row } from './lib/figures.mjs'
import { startInstance } from './lib/instance.mjs'

/**
 * Time from POST (acknowledged at once) to the first production handshake that shows the new certificate, one at a time; then many at once.
 * Baseline: a handshake with a name that is served already, in the same run.
 */
const ONE_BY_ONE = 30
const AT_ONCE = 200

function handshake(address, servername) {
  const { hostname, port } = new URL(`tls://${address}`)
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port, servername, rejectUnauthorized: false }, () => {
      socket.destroy()
      resolve()
    })
    socket.once('error', reject)
  })
}

export async function run() {
  const instance = await startInstance()
  const memoryAtStart = await instance.residentMegabytes()
  const client = await createClient(instance.home)
  try {
    await enroll(client, instance.ready.contract, 'warm.bench.example')
    const latencies = []
    const handshakes = []
    for (let index = 0; index < ONE_BY_ONE; index += 1) {
      const name = `one-${index}.bench.example`
      const begun = performance.now()
      await enroll(client, instance.ready.contract, name)
      await handshake(instance.ready.production, name)
      latencies.push(performance.now() - begun)
      const again = performance.now()
      await handshake(instance.ready.production, name)
      handshakes.push(performance.now() - again)
    }
    const begun = performance.now()
    await Promise.all(
      Array.from({ length: AT_ONCE }, (_, index) =>
        enroll(client, instance.ready.contract, `many-${index}.many.example`),
      ),
    )
    const seconds = (performance.now() - begun) / 1000
    return [
      row(
        'request to production handshake, one at a time, median',
        'ms',
        median(latencies),
        median(handshakes),
        'a handshake with a name served already',
      ),
      row('the same, 95th percentile', 'ms', quantile(latencies, 0.95), median(latencies), 'the median'),
      row(
        `${AT_ONCE} enrollments at once`,
        'per second',
        AT_ONCE / seconds,
        1000 / median(latencies),
        'one at a time',
      ),
      row(
        'memory of the server afterwards',
        'MB',
        await instance.residentMegabytes(),
        memoryAtStart,
        'when it was ready',
      ),
    ]
  } finally {
    client.close()
    await instance.stop()
  }
}
