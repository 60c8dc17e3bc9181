import { createClient, dvEnrollment, enroll } from './lib/client.mjs'
import { median, row } from './lib/figures.mjs'
import { startInstance } from './lib/instance.mjs'

/** Status reads and whole enrollments while 500 changes are open, against the same before there were any. */
const OPEN = 500
const READS = 200
const ENROLLMENTS = 10

export async function run() {
  const instance = await startInstance({ CERTRAIL_SANDBOX_VALIDATION: 'acknowledged' })
  const client = await createClient(instance.home)
  const { contract } = instance.ready
  const timed = async (work) => {
    const begun = performance.now()
    const result = await work()
    return { ms: performance.now() - begun, result }
  }
  const measure = async (prefix) => {
    const enrollments = []
    let change = ''
    for (let index = 0; index < ENROLLMENTS; index += 1) {
      const { ms, result } = await timed(() =>
        enroll(client, contract, `${prefix}-${index}.${prefix}.example`),
      )
      enrollments.push(ms)
      change = result
    }
    const reads = []
    for (let index = 0; index < READS; index += 1) {
      reads.push((await timed(() => client.call('GET', change, { accept: 'change.v2' }))).ms)
    }
    return { enrollment: median(enrollments), read: median(reads) }
  }
  try {
    await measure('warm')
    const before = await measure('before')
    for (let index = 0; index < OPEN; index += 1) {
      const { status } = await client.call('POST', `/cps/v2/enrollments?contractId=${contract}`, {
        accept: 'enrollment-status.v1',
        contentType: 'enrollment.v11',
        body: dvEnrollment(`open-${index}.open${index}.example`),
      })
      if (status !== 202) throw new Error(`POST answered ${status}`)
    }
    const after = await measure('after')
    return [
      row(`status read with ${OPEN} open changes, median`, 'ms', after.read, before.read, 'with none open'),
      row(
        `request to production with ${OPEN} open changes, median`,
        'ms',
        after.enrollment,
        before.enrollment,
        'with none open',
      ),
    ]
  } finally {
    client.close()
    await instance.stop()
  }
}
