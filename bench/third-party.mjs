import { createClient, dvEnrollment } from './lib/client.mjs'
import { median, row } from './lib/figures.mjs'
import { startInstance } from './lib/instance.mjs'
import { makeOutsideAuthority } from './lib/outside-authority.mjs'

/**
 * Third-party with change management: from the upload to staging, and from the acknowledgement to production. Both calls answer when the change
 * rests, and it rests when a full handshake has seen the network. Baseline: one read of the change's status.
 */
const COUNT = 20

export async function run() {
  const instance = await startInstance()
  const client = await createClient(instance.home)
  const authority = makeOutsideAuthority()
  const timed = async (work) => {
    const begun = performance.now()
    const response = await work()
    if (response.status !== 200) throw new Error(JSON.stringify(response.body))
    return performance.now() - begun
  }
  const figures = { upload: [], acknowledgement: [], read: [] }
  try {
    for (let index = 0; index < COUNT; index += 1) {
      const change = await begin(client, instance.ready.contract, `third-${index}.bench.example`)
      const { body } = await client.call('GET', `${change}/input/info/third-party-csr`, { accept: 'csr.v2' })
      const certificate = authority.sign(body.csrs[0].csr)
      const upload = { keyAlgorithm: 'RSA', certificate, trustChain: authority.rootPem }
      figures.upload.push(
        await timed(() =>
          client.call('POST', `${change}/input/update/third-party-cert-and-trust-chain`, {
            accept: 'change-id.v1',
            contentType: 'certificate-and-trust-chain.v2',
            body: { certificatesAndTrustChains: [upload] },
          }),
        ),
      )
      await expectStatus(client, change, 'wait-ack-change-management')
      figures.read.push(await timed(() => client.call('GET', change, { accept: 'change.v2' })))
      figures.acknowledgement.push(
        await timed(() =>
          client.call('POST', `${change}/input/update/change-management-ack`, {
            accept: 'change-id.v1',
            contentType: 'acknowledgement.v1',
            body: { acknowledgement: 'acknowledge' },
          }),
        ),
      )
      await expectStatus(client, change, 'complete')
    }
    const read = median(figures.read)
    return [
      row('third-party: upload to staging, median', 'ms', median(figures.upload), read, 'a status read'),
      row(
        'third-party: acknowledgement to production, median',
        'ms',
        median(figures.acknowledgement),
        read,
        'a status read',
      ),
    ]
  } finally {
    authority.close()
    client.close()
    await instance.stop()
  }
}

async function begin(client, contract, name) {
  const response = await client.call('POST', `/cps/v2/enrollments?contractId=${contract}`, {
    accept: 'enrollment-status.v1',
    contentType: 'enrollment.v11',
    body: {
      ...dvEnrollment(name),
      ra: 'third-party',
      validationType: 'third-party',
      certificateType: 'third-party',
      changeManagement: true,
      thirdParty: { excludeSans: false },
    },
  })
  if (response.status !== 202) throw new Error(JSON.stringify(response.body))
  await expectStatus(client, response.body.changes[0], 'wait-upload-third-party')
  return response.body.changes[0]
}

async function expectStatus(client, change, status) {
  for (;;) {
    const { body } = await client.call('GET', change, { accept: 'change.v2' })
    if (body.statusInfo.status === status) return
    if (body.statusInfo.state === 'error') throw new Error(body.statusInfo.error.description)
    await client.call('GET', change, { accept: 'change.v2', headers: { prefer: 'wait=10' } })
  }
}
