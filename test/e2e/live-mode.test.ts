import { X509Certificate } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createEnrollment, dvEnrollment } from '../support/enrollments.ts'
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
