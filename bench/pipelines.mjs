import { createClient } from './lib/client.mjs'
import { median, row } from './lib/figures.mjs'
import { startInstance } from './lib/instance.mjs'
import { makeOutsideAuthority } from './lib/outside-authority.mjs'
import { createProvider } from './lib/provider.mjs'

/**
 * What `terraform apply` and `terraform destroy` wait for: the provider's request sequences, its 10 and 30 seconds between two looks slept in full. Against
 * as many reads of a status, one after the other: what the same conversation costs when nothing has to be done.
 */
const RUNS = 10

export async function run() {
  const instance = await startInstance()
  const client = await createClient(instance.home)
  const authority = makeOutsideAuthority()
  const provider = createProvider(client, instance.ready.contract)
  const sequences = {
    'provider: DV create, validate, destroy': async (index) => {
      const { enrollment } = await provider.createDv(`dv-${index}.pipeline.example`)
      await provider.validate(enrollment)
      await provider.settle(enrollment)
      await provider.destroy(enrollment)
    },
    'provider: third-party create, CSR, upload, acknowledge, destroy': async (index) => {
      const { enrollment, requests } = await provider.createThirdParty(`third-${index}.pipeline.example`, {
        changeManagement: true,
      })
      const signed = requests
        .toSorted((one, other) => one.keyAlgorithm.localeCompare(other.keyAlgorithm))
        .map(({ csr, keyAlgorithm }) => ({
          keyAlgorithm,
          certificate: authority.sign(csr),
          trustChain: authority.rootPem,
        }))
      const deployed = await provider.upload(enrollment, signed, { acknowledged: true })
      if (deployed?.status !== 'completed') throw new Error('the upload is not deployed')
      await provider.destroy(enrollment)
    },
  }
  const rows = []
  try {
    for (const [name, sequence] of Object.entries(sequences)) rows.push(...(await measure(name, sequence)))
    return rows
  } finally {
    authority.close()
    client.close()
    await instance.stop()
  }

  async function measure(name, sequence) {
    const seconds = []
    const reads = []
    const total = { waits: 0, slept: 0 }
    let calls = 0
    for (let index = 0; index < RUNS; index += 1) {
      seconds.push(await timed(() => sequence(index)))
      const taken = provider.taken()
      total.waits += taken.waits
      total.slept += taken.slept
      calls = taken.calls
      reads.push(await timed(() => readTimes(taken.calls)))
    }
    const label = `${name} (${calls} calls)`
    const as = `${calls} reads of a clock`
    return [
      row(`${label}, median`, 's', median(seconds), median(reads), as),
      row(`${label}, slowest of ${RUNS}`, 's', Math.max(...seconds), Math.max(...reads), as),
      row(`${name}: polls slept`, 'polls', total.slept, total.waits, `what was waited for in ${RUNS} runs`),
    ]
  }

  async function readTimes(count) {
    for (let index = 0; index < count; index += 1) await client.call('GET', '/certrail/v1/clock')
  }
}

async function timed(work) {
  const begun = performance.now()
  await work()
  return (performance.now() - begun) / 1000
}
