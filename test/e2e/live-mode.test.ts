import { X509Certificate } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createEnrollment, dvEnrollment, followChange } from '../support/enrollments.ts'
import {
  endOfChange,
  hasPebble,
  type Live,
  ordersOf,
  productionOf,
  startLive,
} from '../support/live-instance.ts'

const NAMES = ['www.live.example', 'api.live.example', 'shop.live.example', '*.apps.live.example']

describe.skipIf(!hasPebble)('live mode against Pebble (skipped when the program pebble is missing)', () => {
  let live: Live
  beforeAll(async () => {
    live = await startLive()
  })
  afterAll(() => live?.close())

  it('carries three names and a wildcard from the request to production, with the CA’s chain and one order', async () => {
    const { client, ready } = live.instance()
    expect(ready.mode).toBe('live')
    const created = await createEnrollment(
      client,
      ready.contract,
      dvEnrollment(NAMES[0] ?? '', NAMES.slice(1)),
    )
    expect(await endOfChange(live, created.change), live.instance().output()).toMatchObject({
      status: 'complete',
      state: 'completed',
    })
    const served = await productionOf(live, created.enrollment)
    const leaf = new X509Certificate(served?.certificate ?? '')
    const intermediate = new X509Certificate(served?.trustChain ?? '')
    expect(leaf.subjectAltName?.split(', ').toSorted()).toEqual(NAMES.map((name) => `DNS:${name}`).toSorted())
    expect(leaf.verify(intermediate.publicKey)).toBe(true)
    expect(intermediate.verify(new X509Certificate(await live.pebble.rootPem()).publicKey)).toBe(true)
    expect(ordersOf(live)).toBe(1)
  })

  it('compares its clock with the database, lets an administrator confirm it, and nobody turn it', async () => {
    const { client } = live.instance()
    const clocks = [{ differenceSeconds: expect.any(Number), stoppedSince: null, reason: null }]
    expect(await client.call('GET', '/certrail/v1/clock/checks')).toMatchObject({
      status: 200,
      body: { clocks },
    })
    expect(await client.call('POST', '/certrail/v1/clock/confirm')).toMatchObject({
      status: 200,
      body: { clocks },
    })
    const advance = await client.call('POST', '/certrail/v1/clock/advance', { body: { by: 'P1D' } })
    expect(advance.status).toBe(404)
  })

  const begin = (name: string) => {
    const { client, ready } = live.instance()
    return createEnrollment(client, ready.contract, dvEnrollment(name))
  }
  const authority = async () => {
    const { body } = await live.instance().client.call('GET', '/certrail/v1/authorities')
    return body.authorities.find(({ name }: { name: string }) => name === 'lets-encrypt')
  }

  it.each(['account', 'certificate'] as const)('revokes, signed by the key of the %s', async (signedBy) => {
    const { enrollment, change } = await begin(`revoked-by-${signedBy}.example`)
    expect(await endOfChange(live, change)).toMatchObject({ status: 'complete' })
    const path = `${enrollment.replace('/cps/v2', '/certrail/v1')}/revocations`
    const reason = signedBy === 'account' ? 'superseded' : 'key-compromise'
    const { status, body } = await live.instance().client.call('POST', path, { body: { reason, signedBy } })
    expect(status, JSON.stringify(body)).toBe(200)
    expect(await live.pebble.statusOf(body.serialNumber)).toEqual({
      status: 'Revoked',
      reason: signedBy === 'account' ? 4 : 1,
    })
  })

  it('leaves a CA alone that asked for it, says so, and goes on when the time has come', async () => {
    expect(await authority()).toMatchObject({
      state: 'healthy',
      account: expect.stringContaining('https://'),
    })
    const limited = { type: 'urn:ietf:params:acme:error:rateLimited', detail: 'too many orders' }
    let asked = 0
    live.proxy.tamper(({ path, headers }) => {
      if (!path.startsWith('/order-plz')) return undefined
      asked += 1
      return {
        status: 429,
        headers: { ...headers, 'content-type': 'application/problem+json', 'retry-after': '5' },
        body: Buffer.from(JSON.stringify(limited)),
      }
    })
    const { change } = await begin('limited.example')
    const { client } = live.instance()
    await followChange(client, change, ({ state }) => state === 'error')
    expect(await authority()).toMatchObject({ state: 'limited', reason: 'too many orders (rateLimited)' })
    const { body } = await client.call('GET', `${change.replace('/cps/v2', '/certrail/v1')}/explain`)
    expect(JSON.stringify(body)).toContain('too many orders')
    live.proxy.tamper(null)
    await followChange(client, change, ({ state }) => state === 'completed')
    expect(asked).toBe(1)
    expect(await authority()).toMatchObject({ state: 'healthy', limitedUntil: null })
  })

  it('has no clock that could be turned', async () => {
    const { client } = live.instance()
    const answer = await client.call('POST', '/certrail/v1/clock/advance', {
      accept: 'application/json',
      contentType: 'application/json',
      body: { by: 'P1D' },
    })
    expect(answer.status).toBe(404)
  })
})
