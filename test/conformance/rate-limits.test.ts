import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { CPS_RATE_LIMITS } from '../../src/domain/rate-limits/rate-limits.ts'
import { type Instant, instant, MINUTE, plus, SECOND } from '../../src/domain/time.ts'
import { bodyOf, createdBy, expectRefusal } from '../support/api-calls.ts'
import { type Answer, type ApiUnderTest, type Sending, startApi } from '../support/api-under-test.ts'
import { createMemoryRateLimits } from '../support/memory-rate-limits.ts'

/** In the middle of a second, as clocks are. */
let now: Instant = instant(1_795_000_000_645)
let api: ApiUnderTest
const clock = { now: () => now }
beforeAll(async () => {
  api = await startApi({ clock, rateLimits: createMemoryRateLimits(CPS_RATE_LIMITS, clock) })
})
afterAll(() => api.close())
beforeEach(() => {
  now = plus(now, 2 * MINUTE)
})

const list = (sending: Sending = {}) => api.call('GET', '/cps/v2/enrollments', sending)
const several = (count: number, call: () => Promise<Answer>) =>
  Promise.all(Array.from({ length: count }, call))

/** As the Go SDK reads them (spec: api 1): how long it waits before it calls again. */
function backOffOf({ headers }: Answer): number {
  const [next, date] = [String(headers['x-ratelimit-next']), String(headers['date'])]
  expect(next).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  expect(date).toMatch(/^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/)
  return Date.parse(next) - Date.parse(date)
}

describe('an account that calls too often', () => {
  it('is told so in the words of the CPS API, with the moment from which it is let through again', async () => {
    await several(20, list)
    const refused = await list()
    expectRefusal(refused, 429, 'HTTP 429 - Too many requests')
    expect(bodyOf(refused)).toMatchObject({
      type: 'Too many Requests',
      status: 429,
      detail: 'You have exhausted your API Request Quota using Account: A-1',
      instance: expect.stringMatching(/\?id=[0-9a-f]{32}$/),
    })
    expect(refused.headers).toMatchObject({
      'retry-after': '2',
      'retry-after-': '2',
      'x-ratelimit-limit': '20',
      'x-ratelimit-remaining': '0',
    })
    expect(Date.parse(String(refused.headers['x-ratelimit-next']))).toBe(plus(now, 2 * SECOND))
  })

  it('is let through when a client that reads X-RateLimit-Next and Date comes back, at the first try', async () => {
    await several(20, list)
    const waitMs = backOffOf(await list())
    // Date has whole seconds, so nobody comes too early.
    expect(waitMs).toBeGreaterThanOrEqual(2 * SECOND)
    expect(waitMs).toBeLessThan(3 * SECOND)
    now = plus(now, waitMs)
    expect((await list()).status).toBe(200)
  })

  it('is let through when a client that reads Retry-After alone comes back, also of a minute', async () => {
    await several(20, list)
    now = plus(now, 3 * SECOND)
    await several(15, list)
    const refused = await list()
    expect(refused.status).toBe(429)
    now = plus(now, Number(refused.headers['retry-after']) * SECOND)
    expect((await list()).status).toBe(200)
  })

  it('is told on every answer what remains', async () => {
    const { headers } = await list()
    expect(headers).toMatchObject({ 'x-ratelimit-limit': '20', 'x-ratelimit-remaining': '19' })
    expect(backOffOf({ status: 200, headers, text: '' })).toBeLessThan(SECOND)
  })

  it('is counted over all of its clients and methods, and nobody else is', async () => {
    await several(10, list)
    await several(10, () => list({ client: 'ct-reader' }))
    expect((await api.call('POST', '/cps/v2/enrollments?contractId=C-1', { body: '{' })).status).toBe(429)
    expect((await api.call('GET', '/cps/v2/nothing')).status).toBe(429)
    expect((await list({ client: 'ct-two' })).status).toBe(200)
    expect((await list({ client: 'ct-admin' })).status).toBe(429)
  })

  it('is counted for the account that a switch key names', async () => {
    await several(20, list)
    const switched = '/cps/v2/enrollments?accountSwitchKey=1-TWO%3A1-8BYUX'
    expect((await api.call('GET', switched, { client: 'ct-admin' })).status).toBe(200)
  })

  it('does nothing with what it refuses', async () => {
    await several(20, list)
    const before = api.fake.calls.length
    const sending = { client: 'ct-admin', body: JSON.stringify({ acknowledgement: 'acknowledge' }) }
    const path = '/cps/v2/enrollments/1/changes/1/input/update/change-management-ack'
    expect((await api.call('POST', path, sending)).status).toBe(429)
    expect(api.fake.calls.length).toBe(before)
  })

  it('reads active certificates ten times a minute', async () => {
    const active = () => api.call('GET', '/cps/v2/active-certificates')
    const answers = await several(11, active)
    expect(answers.map(({ status }) => status).filter((status) => status === 200)).toHaveLength(10)
    const refused = answers.find(({ status }) => status === 429)
    expect(refused?.headers).toMatchObject({ 'x-ratelimit-limit': '10', 'retry-after': '60' })
    expect((await list()).status).toBe(200)
  })

  it('who has no valid signature uses nothing up, and neither do our own API and pages without a signature', async () => {
    await several(30, () => list({ secret: 'another' }))
    await several(30, () => api.call('GET', '/certrail/v1/clock'))
    await several(30, () => api.call('GET', '/cps/v2/error-types/not-found', { authorization: null }))
    expect((await list()).headers['x-ratelimit-remaining']).toBe('19')
  })

  it('one call that waits is one call', async () => {
    const { c, e } = await createdBy(api, `wait${now}.example.com`)
    const before = Number((await list()).headers['x-ratelimit-remaining'])
    await api.call('GET', `/cps/v2/enrollments/${e}/changes/${c}`, { headers: { prefer: 'wait=1' } })
    expect(Number((await list()).headers['x-ratelimit-remaining'])).toBe(before - 2)
  })
})
