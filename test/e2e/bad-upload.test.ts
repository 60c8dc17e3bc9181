import { spawnSync } from 'node:child_process'
import { beforeAll, describe, expect, it } from 'vitest'
import { createEnrollment, followChange, readChange } from '../support/enrollments.ts'
import { hasOpenssl } from '../support/outside-authority.ts'
import { instanceAndAuthority } from '../support/outside-frame.ts'
import {
  acknowledgeChangeManagement,
  fingerprintOf,
  readChangeManagement,
  readSigningRequests,
  servedFingerprint,
  thirdPartyEnrollment,
  uploadTo,
} from '../support/third-party.ts'

const cps = (entity: string) => `application/vnd.akamai.cps.${entity}+json`
const CERTIFICATE = '/certificatesAndTrustChains/0/certificate'

interface Waiting {
  readonly enrollment: string
  readonly change: string
  readonly name: string
  readonly csr: string
}

describe.skipIf(!hasOpenssl)('bad uploads (skipped when the program openssl is missing)', () => {
  const outside = instanceAndAuthority()
  let waiting: Waiting
  let good: string
  let count = 0

  beforeAll(async () => {
    waiting = await waitForUpload()
    good = await outside.authority.sign(waiting.csr)
  })

  async function waitForUpload(changeManagement = false): Promise<Waiting> {
    const { client, ready } = outside.instance
    count += 1
    const name = `www.bad-${count}.example`
    const created = await createEnrollment(
      client,
      ready.contract,
      thirdPartyEnrollment(name, [], { changeManagement }),
    )
    await followChange(client, created.change, ({ status }) => status === 'wait-upload-third-party')
    const { body } = await readSigningRequests(client, created.change)
    return { ...created, name, csr: body.csrs[0].csr }
  }

  const until = (change: string, status: string) =>
    followChange(outside.instance.client, change, (info) => info.status === status || info.state === 'error')
  const statusOf = async (change: string) =>
    (await readChange(outside.instance.client, change)).body.statusInfo.status
  const put = (change: string, certificate: string, trustChain = outside.authority.intermediatePem) =>
    uploadTo(outside.instance.client, change, [{ keyAlgorithm: 'RSA', certificate, trustChain }])
  const acknowledgeFindings = (change: string) =>
    outside.instance.client.call('POST', `${change}/input/update/post-verification-warnings-ack`, {
      accept: cps('change-id.v1'),
      contentType: cps('acknowledgement.v1'),
      body: { acknowledgement: 'acknowledge' },
    })
  const historyOf = async (enrollment: string) =>
    (
      await outside.instance.client.call('GET', `${enrollment}/history/changes`, {
        accept: cps('change-history.v5'),
      })
    ).body.changes[0]

  it.each<[string, () => Promise<string>, RegExp]>([
    [
      'made for another key',
      async () => outside.authority.sign((await waitForUpload()).csr),
      /its key is another one/,
    ],
    [
      'that has expired',
      () => outside.authority.sign(waiting.csr, { days: -1, from: '20200101000000Z' }),
      /expired/,
    ],
    [
      'that is not valid yet',
      () => outside.authority.sign(waiting.csr, { from: '20400101000000Z', to: '20400201000000Z' }),
      /not valid before/,
    ],
    ['that is no PEM', async () => 'nothing of the kind', /PEM/],
    [
      'with its chain in the same text',
      async () => good + outside.authority.intermediatePem,
      /One certificate/,
    ],
  ])('a certificate %s is a 400 that says so, and changes nothing', async (_what, made, detail) => {
    const refused = await put(waiting.change, await made())
    expect([refused.status, refused.body.errors]).toEqual([
      400,
      [{ field: CERTIFICATE, detail: expect.stringMatching(detail) }],
    ])
    expect(await statusOf(waiting.change)).toBe('wait-upload-third-party')
    expect((await historyOf(waiting.enrollment)).primaryCertificate.certificate).toBeNull()
  })

  it('a chain that cannot be read is a 400 at the chain', async () => {
    const refused = await put(
      waiting.change,
      good,
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
    )
    expect([refused.status, refused.body.errors[0].field]).toEqual([
      400,
      '/certificatesAndTrustChains/0/trustChain',
    ])
    expect(await statusOf(waiting.change)).toBe('wait-upload-third-party')
  })

  it('a certificate sent as one of another key type is a 400 at the type', async () => {
    const refused = await uploadTo(outside.instance.client, waiting.change, [
      { keyAlgorithm: 'ECDSA', certificate: good },
    ])
    expect([refused.status, refused.body.errors[0].field]).toEqual([
      400,
      '/certificatesAndTrustChains/0/keyAlgorithm',
    ])
  })

  it('ten megabytes of PEM are refused', async () => {
    const huge = outside.authority.intermediatePem.repeat(
      Math.ceil(10_000_000 / outside.authority.intermediatePem.length),
    )
    const refused = await put(waiting.change, good, huge)
    expect([refused.status, refused.body.title]).toEqual([413, 'Payload Too Large'])
    expect(await statusOf(waiting.change)).toBe('wait-upload-third-party')
  })

  it('text, CRLF and empty lines inside the PEM are no fault, and come back as they were sent', async () => {
    const { change, enrollment, name, csr } = await waitForUpload()
    const certificate = await outside.authority.sign(csr)
    const lines = certificate.trimEnd().split('\n')
    const dressed = `Bag Attributes\r\n\r\n${[lines[0], '', ...lines.slice(1)].join('\r\n')}\r\n\r\ndisable frontend f\r\n`
    const trustChain = `# issuing\r\n\r\n${outside.authority.intermediatePem.replaceAll('\n', '\r\n')}`
    const uploaded = await put(change, dressed, trustChain)
    expect([uploaded.status, uploaded.text]).toEqual([200, expect.anything()])
    await until(change, 'complete')
    expect(await servedFingerprint(outside.instance.ready.production, name)).toBe(fingerprintOf(certificate))
    const { primaryCertificate } = await historyOf(enrollment)
    expect([primaryCertificate.certificate, primaryCertificate.trustChain]).toEqual([dressed, trustChain])
  })

  it.each<[string, (leaf: string) => string]>([
    ['in the wrong order', () => outside.authority.rootPem + outside.authority.intermediatePem],
    ['with the leaf in it', (leaf) => leaf + outside.authority.intermediatePem],
  ])('a chain %s is reviewed, and served in order, without the leaf', async (_what, chainOf) => {
    const { change, name, csr } = await waitForUpload()
    const certificate = await outside.authority.sign(csr)
    expect((await put(change, certificate, chainOf(certificate))).status).toBe(200)
    await until(change, 'wait-review-third-party-cert')
    const { body } = await outside.instance.client.call(
      'GET',
      `${change}/input/info/post-verification-warnings`,
      {
        accept: cps('warnings.v1'),
      },
    )
    expect(body.warnings).not.toBe('')
    expect((await acknowledgeFindings(change)).status).toBe(200)
    await until(change, 'complete')
    const [address, port] = outside.instance.ready.production.split(':')
    const { stdout } = spawnSync(
      'openssl',
      ['s_client', '-connect', `${address}:${port}`, '-servername', name, '-showcerts'],
      { input: '', encoding: 'utf8' },
    )
    const sent = stdout.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
    expect(sent.map(fingerprintOf)).toEqual(
      [certificate, outside.authority.intermediatePem].map(fingerprintOf),
    )
  })

  it('the hash of another change is a 409, and the change goes on waiting', async () => {
    const [one, other] = [await waitForUpload(true), await waitForUpload(true)]
    for (const { change, csr } of [one, other]) {
      await put(change, await outside.authority.sign(csr))
      await until(change, 'wait-ack-change-management')
    }
    const { body: info } = await readChangeManagement(outside.instance.client, one.change)
    const refused = await acknowledgeChangeManagement(
      outside.instance.client,
      other.change,
      info.validationResultHash,
    )
    expect([refused.status, refused.body.title]).toEqual([409, 'Hash mismatch'])
    expect(await statusOf(other.change)).toBe('wait-ack-change-management')
    expect(await servedFingerprint(outside.instance.ready.production, other.name)).toBeNull()
  })

  it.each([
    ['pre-verification-warnings-ack', 'acknowledgement.v1'],
    ['post-verification-warnings-ack', 'acknowledgement.v1'],
    ['change-management-ack', 'acknowledgement.v1'],
    ['change-management-ack', 'acknowledgement-with-hash.v1'],
    ['lets-encrypt-challenges-completed', 'acknowledgement.v1'],
  ])('%s (%s) at another moment is a 404, and moves nothing', async (tail, entity) => {
    for (const acknowledgement of ['acknowledge', 'deny']) {
      const refused = await outside.instance.client.call('POST', `${waiting.change}/input/update/${tail}`, {
        accept: cps('change-id.v1'),
        contentType: cps(entity),
        body: { acknowledgement, ...(entity.includes('hash') && { hash: '0'.repeat(40) }) },
      })
      expect([refused.status, refused.body.title]).toEqual([404, 'Not Found'])
    }
    expect(await statusOf(waiting.change)).toBe('wait-upload-third-party')
  })

  it.each([
    [
      'input/update/third-party-cert-and-trust-chain',
      'certificate-and-trust-chain.v2',
      () => ({ certificatesAndTrustChains: [{ keyAlgorithm: 'RSA', certificate: good }] }),
    ],
    ['input/update/change-management-ack', 'acknowledgement.v1', () => ({ acknowledgement: 'acknowledge' })],
  ])('by another account there is no such change: %s', async (tail, entity, body) => {
    const { client } = outside.instance
    const account = await client.call('POST', '/certrail/v1/accounts', { body: { name: `Stranger ${tail}` } })
    expect(account.status).toBe(201)
    const key = encodeURIComponent(account.body.switchKey)
    const refused = await client.call('POST', `${waiting.change}/${tail}?accountSwitchKey=${key}`, {
      accept: cps('change-id.v1'),
      contentType: cps(entity),
      body: body(),
    })
    expect([refused.status, refused.body.title]).toEqual([404, 'Not Found'])
    expect(await statusOf(waiting.change)).toBe('wait-upload-third-party')
  })
})
