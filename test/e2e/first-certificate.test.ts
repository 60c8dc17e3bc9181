import { execFile } from 'node:child_process'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { request as plainRequest } from 'node:http'
import { connect } from 'node:tls'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  acknowledgeChallenges,
  createEnrollment,
  dvEnrollment,
  followChange,
  readChange,
} from '../support/enrollments.ts'
import { type Instance, makeHome, removeHome, startInstance } from '../support/instance.ts'

const run = promisify(execFile)
const NAMES = ['www.first.example', 'api.first.example', 'shop.first.example']

describe('first certificate', () => {
  let home: string
  let instance: Instance

  beforeAll(async () => {
    home = await makeHome()
    instance = await startInstance(home)
  })
  afterAll(async () => {
    expect(await instance.stop()).toBe(0)
    await removeHome(home)
  })

  it('keeps the credential to its owner and the roots for everybody', async () => {
    expect((await stat(join(home, 'edgerc'))).mode & 0o777).toBe(0o600)
    expect(await readFile(join(home, 'root.pem'), 'utf8')).toContain('BEGIN CERTIFICATE')
  })

  it('carries three names from the request to both networks', async () => {
    const { client, ready } = instance
    const created = await createEnrollment(
      client,
      ready.contract,
      dvEnrollment(NAMES[0] ?? '', NAMES.slice(1)),
    )
    const resting = await readChange(client, created.change)
    expect(resting.body.statusInfo).toMatchObject({
      state: 'awaiting-input',
      status: 'coodinate-domain-validation',
      description: 'Coordinating domain name validation.',
      error: null,
    })
    expect(resting.body.allowedInput[0].type).toBe('lets-encrypt-challenges')
    const challenges = await client.call('GET', resting.body.allowedInput[0].info, {
      accept: 'application/vnd.akamai.cps.dv-challenges.v2+json',
    })
    expect(challenges.body.dv.map((each: { domain: string }) => each.domain).sort()).toEqual(
      [...NAMES].sort(),
    )

    expect((await acknowledgeChallenges(client, created.change)).status).toBe(200)
    const done = await followChange(client, created.change, ({ state }) => state === 'completed')
    expect(done.body.statusInfo.status).toBe('complete')

    for (const network of [ready.staging, ready.production]) {
      for (const name of NAMES) await expectVerified(home, network, name)
    }
    const enrollment = await client.call('GET', created.enrollment, {
      accept: 'application/vnd.akamai.cps.enrollment.v11+json',
    })
    expect(enrollment.body.pendingChanges).toEqual([])
    expect(enrollment.body.autoRenewalStartTime).toMatch(/Z$/)
    expect(enrollment.body.productionSlots).toEqual(enrollment.body.assignedSlots)
    const deployments = await client.call('GET', `${created.enrollment}/deployments`, {
      accept: 'application/vnd.akamai.cps.deployments.v8+json',
    })
    expect(deployments.body.production.primaryCertificate.certificate).toBe(
      deployments.body.staging.primaryCertificate.certificate,
    )
  })

  it('saw staging in a handshake before production', async () => {
    const { client, ready } = instance
    const created = await createEnrollment(client, ready.contract, dvEnrollment('order.first.example'))
    await acknowledgeChallenges(client, created.change)
    await followChange(client, created.change, ({ state }) => state === 'completed')
    const explained = await client.call('GET', `${created.change.replace('/cps/v2', '/certrail/v1')}/explain`)
    expect(explained.body.handshakes.map((each: { network: string }) => each.network)).toEqual([
      'staging',
      'production',
    ])
    const serials = new Set(
      explained.body.handshakes.map((each: { serialNumber: string }) => each.serialNumber),
    )
    expect(serials.size).toBe(1)
  })

  it('validates a wildcard by DNS', async () => {
    const { client, ready } = instance
    const created = await createEnrollment(
      client,
      ready.contract,
      dvEnrollment('*.wild.example', ['wild.example']),
    )
    await acknowledgeChallenges(client, created.change)
    await followChange(client, created.change, ({ state }) => state === 'completed')
    await expectVerified(home, ready.production, 'anything.wild.example')
    await expectVerified(home, ready.production, 'wild.example')
  })

  it('publishes the revocation list that its certificates could name', async () => {
    const { status, body } = await fetchPlain(`${instance.ready.http}/ca/sandbox-intermediate.crl`)
    expect(status).toBe(200)
    expect(body.length).toBeGreaterThan(100)
  })

  it('revokes at the sandbox CA, whose list then says so to openssl', async () => {
    const { client, ready } = instance
    const created = await createEnrollment(client, ready.contract, dvEnrollment('revoked.first.example'))
    await acknowledgeChallenges(client, created.change)
    await followChange(client, created.change, ({ state }) => state === 'completed')
    const path = `${created.enrollment.replace('/cps/v2', '/certrail/v1')}/revocations`
    const answer = await client.call('POST', path, { body: { reason: 'key-compromise' } })
    expect([answer.status, answer.body.reason]).toEqual([200, 'key-compromise'])
    const again = await client.call('POST', path, {
      body: { reason: 'superseded', serialNumber: answer.body.serialNumber, signedBy: 'certificate' },
    })
    expect(again.status).toBe(200)
    const unknown = await client.call('POST', path, { body: { reason: 'superseded', serialNumber: 'ff' } })
    expect(unknown.status).toBe(404)
    const list = await fetchPlain(`${ready.http}/ca/sandbox-intermediate.crl`)
    await writeFile(join(home, 'list.crl'), list.body)
    const text = await run('openssl', [
      'crl',
      '-inform',
      'DER',
      '-in',
      join(home, 'list.crl'),
      '-noout',
      '-text',
    ])
    expect(text.stdout.toLowerCase()).toContain(`serial number: ${answer.body.serialNumber.toLowerCase()}`)
    expect(text.stdout).toContain('Key Compromise')
    expect(text.stdout).not.toContain('Superseded')
  })

  it('refuses unknown names on both networks', async () => {
    await expect(
      run('openssl', ['s_client', '-connect', instance.ready.production, '-servername', 'nobody.example']),
    ).rejects.toThrow(/unrecognized name/)
  })

  it('reports what each network serves as metrics', async () => {
    const { body } = await fetchPlain(instance.ready.metrics)
    expect(body.toString()).toMatch(
      /certrail_served_certificate_not_after_seconds\{network="production"[^}]*server_name="www.first.example"\} \d+/,
    )
  })

  it('answers a second start on the same home with who holds it', async () => {
    await expect(startInstance(home)).rejects.toThrow(String(instance.pid))
  })
})

async function expectVerified(home: string, network: string, name: string): Promise<void> {
  const ca = await readFile(join(home, 'root.pem'))
  const { hostname, port } = new URL(`tls://${network}`)
  await new Promise<void>((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), servername: name, ca }, () => {
      socket.end()
      resolve()
    })
    socket.on('error', reject)
  })
}

function fetchPlain(url: string): Promise<{ status: number; body: Buffer }> {
  return new Promise((resolve, reject) => {
    plainRequest(url, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }))
    })
      .on('error', reject)
      .end()
  })
}
