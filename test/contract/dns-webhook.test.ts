import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { instant } from '../../src/domain/time.ts'
import { createWebhook } from '../../src/placement/webhook.ts'
import { startDnsWebhook } from '../support/dns-webhook.ts'
import { createNodeRandom } from '../support/node-random.ts'
import { dnsProviderContract } from './dns-provider-contract.ts'

const SECRET = randomBytes(32)
const never = new AbortController().signal
const around = {
  secret: SECRET,
  roots: null,
  timeoutMs: 2_000,
  real: { now: () => instant(Date.now()) },
  random: createNodeRandom(),
}
const record = { zone: 'zone.example', owner: '_acme-challenge.zone.example', value: 'value' }

describe('the webhook for DNS records', () => {
  dnsProviderContract(async () => {
    const receiver = await startDnsWebhook(SECRET)
    return { ...receiver, zone: 'zone.example', provider: createWebhook({ ...around, url: receiver.url }) }
  })

  it('is told what to do, signed as Standard Webhooks has it; another secret is not believed', async () => {
    const receiver = await startDnsWebhook(SECRET)
    const { url, told } = receiver
    await createWebhook({ ...around, url }).place(record, never)
    await createWebhook({ ...around, url }).remove(record, never)
    expect(told).toEqual(['dns.txt.place', 'dns.txt.remove'])
    const forged = createWebhook({ ...around, url, secret: randomBytes(32) }).place(record, never)
    await expect(forged).rejects.toThrow(`The webhook at ${new URL(url).host} answered with status 401.`)
    await receiver.close()
    await expect(createWebhook({ ...around, url }).place(record, never)).rejects.toThrow('ECONNREFUSED')
  })
})
