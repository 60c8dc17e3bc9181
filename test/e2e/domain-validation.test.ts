import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { contractId } from '../../src/domain/identifiers.ts'
import { MINUTE } from '../../src/domain/time.ts'
import type { Preflight } from '../../src/domain/validation/preflight.ts'
import { createDnsResponder, type DnsResponder } from '../../src/dns/responder.ts'
import type { RecordSource } from '../../src/dns/record-source.ts'
import { createEdgeListeners } from '../../src/store/edge-listeners.ts'
import { type InProcess, startInProcess } from '../support/in-process.ts'
import { dvSettings } from '../support/settings.ts'

/** Our look, the CA's look and what lies between: real DNS, real HTTP, the sandbox CA, which really looks. */
const NO_SCHEDULE = { notBefore: null, notAfter: null }
const GOOD = 'good.site.example'
const LATE = 'late.site.example'
const never = new AbortController().signal

let running: InProcess
const others: (DnsResponder | Server)[] = []

afterEach(async () => {
  await running.close()
  for (const other of others.splice(0)) {
    if ('closeAllConnections' in other) other.closeAllConnections()
    await other.close()
  }
})

const enroll = (cn: string, sans: readonly string[] = []) =>
  running.useCases.createEnrollment(running.caller, {
    contractId: contractId('1-SANDBOX'),
    settings: dvSettings(cn, sans),
    schedule: NO_SCHEDULE,
    allowDuplicateCn: false,
  })

type Ref = Awaited<ReturnType<typeof enroll>>

async function follow(ref: Ref, done: (change: { state: string; status: string }) => boolean) {
  let change = await running.useCases.getChange(running.caller, ref)
  for (let look = 0; look < 60 && !done(change); look += 1)
    change = await running.useCases.waitForChange(running.caller, ref, 1, never)
  return change
}

const rests = ({ state }: { state: string }) => state === 'awaiting-input'
const hasEnded = ({ state }: { state: string }) => state === 'completed' || state === 'error'
const acknowledge = (ref: Ref) => running.useCases.acknowledgeChallenges(running.caller, ref, 'acknowledge')
const advance = (minutes: number) => running.useCases.advanceClock(running.caller, { by: minutes * MINUTE })

async function namesOf(ref: Ref) {
  const names = await running.useCases.getChallenges(running.caller, ref)
  return new Map(names.map((name) => [name.domain, name]))
}

const tokenOf = (name: Awaited<ReturnType<typeof namesOf>> extends Map<string, infer N> ? N : never) => {
  const challenge = name.challenges.find(({ type }) => type === 'http-01')
  if (challenge === undefined) throw new Error('no http-01 challenge')
  return challenge
}

/** A site of the user's own, which we do not run: every name resolves to it, and it serves what the user has placed. */
async function startWithSite(preflight: Preflight) {
  const placed = new Map<string, string>()
  const site = createServer((request, response) => {
    const text = placed.get(`${request.headers.host?.replace(/:\d+$/, '')}${request.url}`)
    response.writeHead(text === undefined ? 404 : 200).end(text)
  })
  site.listen(0, '127.0.0.1')
  await once(site, 'listening')
  const zone = {
    apex: 'example',
    nameServer: 'ns.example',
    mailbox: 'root.example',
    serial: 1,
    ttlSeconds: 1,
  }
  const source: RecordSource = {
    lookup: async (name, type) =>
      type === 'A' && name.endsWith('site.example')
        ? { outcome: 'records', zone, records: [{ name, type, ttl: 1, data: '127.0.0.1' }] }
        : { outcome: 'no-data', zone },
  }
  const dns = await createDnsResponder({
    listen: { hosts: ['127.0.0.1'], port: 0 },
    names: {
      httpChallenge: async () => null,
      textRecords: async () => [],
      isAboveEnrolled: async () => false,
      enrolledAmong: async () => new Set(),
    },
    zones: [source],
    addresses: [],
    log: { warn: () => undefined },
  })
  others.push(site, dns)
  running = await startInProcess({
    resolver: { host: '127.0.0.1', port: dns.port },
    validationHttpPort: (site.address() as AddressInfo).port,
    validation: {
      triggers: ['acknowledgement'],
      publishes: 'never',
      dwellMs: 0,
      preflight: { default: preflight, accounts: new Map() },
    },
  })
  return {
    async place(ref: Ref, domain: string) {
      const name = (await namesOf(ref)).get(domain)
      if (name === undefined) throw new Error(`no ${domain}`)
      const { token, keyAuthorization } = tokenOf(name)
      placed.set(`${domain}/.well-known/acme-challenge/${token}`, keyAuthorization)
    },
  }
}

describe('our own look before the CA is asked (CERTRAIL_PREFLIGHT)', () => {
  it('advise: offers what it has seen, delays the rest a bounded time, and only a refused name gets new tokens', async () => {
    const { place } = await startWithSite('advise')
    const ref = await enroll(GOOD, [LATE])
    await follow(ref, rests)
    await place(ref, GOOD)
    const first = await namesOf(ref)
    await acknowledge(ref)
    const looked = await namesOf(ref)
    expect(looked.get(GOOD)?.status).toBe('valid')
    expect(looked.get(LATE)).toMatchObject({ status: 'failed-look' })
    expect(looked.get(LATE)?.error).toMatch(/late\.site\.example.*status 404/)
    expect(tokenOf(looked.get(LATE)!).token).toBe(tokenOf(first.get(LATE)!).token)

    await advance(29)
    expect(tokenOf((await namesOf(ref)).get(LATE)!).token).toBe(tokenOf(first.get(LATE)!).token)
    await advance(2)
    const change = await follow(ref, rests)
    expect(change.status).toBe('coordinate-domain-validation')
    const again = await namesOf(ref)
    expect(tokenOf(again.get(LATE)!).token).not.toBe(tokenOf(first.get(LATE)!).token)
    expect(again.get(GOOD)?.status).toBe('valid')

    const history = await running.useCases.dvHistory(running.caller, ref.enrollmentId)
    const late = history.find(({ domain }) => domain === LATE)?.generations ?? []
    expect(late.map(({ status }) => status).toSorted()).toEqual(['awaiting', 'invalid'])
    const { timeline, validations, failedLooks } = await running.useCases.explain(running.caller, ref)
    expect(timeline.map(({ event }) => event)).toContain('names-invalidated')
    expect(validations.map(({ domain }) => domain).toSorted()).toEqual([GOOD, LATE])
    expect(failedLooks).toMatchObject([{ domain: LATE, error: expect.stringMatching(/status 404/) }])

    const { rows: told } = await running.database.pool.query(
      `select text from notices where occasion = 'validation-refused'`,
    )
    expect(told.map(({ text }) => text)).toEqual([
      expect.stringContaining(`looked at ${LATE} and found no proof`),
    ])

    await place(ref, LATE)
    await acknowledge(ref)
    expect(await follow(ref, hasEnded)).toMatchObject({ state: 'completed' })
  })

  it('strict: offers nothing unseen, however long it takes', async () => {
    const { place } = await startWithSite('strict')
    const ref = await enroll(LATE)
    await follow(ref, rests)
    const first = await namesOf(ref)
    await acknowledge(ref)
    await advance(24 * 60)
    expect(tokenOf((await namesOf(ref)).get(LATE)!).token).toBe(tokenOf(first.get(LATE)!).token)
    await place(ref, LATE)
    await acknowledge(ref)
    expect(await follow(ref, hasEnded)).toMatchObject({ state: 'completed' })
  })

  it('off: the CA is asked as soon as somebody says that the value stands', async () => {
    await startWithSite('off')
    const ref = await enroll(LATE)
    await follow(ref, rests)
    const first = await namesOf(ref)
    await acknowledge(ref)
    await follow(ref, rests)
    expect(tokenOf((await namesOf(ref)).get(LATE)!).token).not.toBe(tokenOf(first.get(LATE)!).token)
  })

  it('an authorization that ends by age brings new tokens by itself', async () => {
    await startWithSite('advise')
    const ref = await enroll(LATE)
    await follow(ref, rests)
    const first = await namesOf(ref)
    const end = first.get(LATE)?.expires ?? null
    if (end === null) throw new Error('authorizations end')
    await running.useCases.advanceClock(running.caller, { to: end })
    const change = await follow(ref, rests)
    expect(change.status).toBe('coordinate-domain-validation')
    const again = await namesOf(ref)
    expect(tokenOf(again.get(LATE)!).token).not.toBe(tokenOf(first.get(LATE)!).token)
    const history = await running.useCases.dvHistory(running.caller, ref.enrollmentId)
    expect(history[0]?.generations.map(({ status }) => status).toSorted()).toEqual(['awaiting', 'expired'])
  })
})

describe('a token that our own edges answer with', () => {
  it('is offered only when every edge has it; the edge that cannot is named', async () => {
    running = await startInProcess()
    const listeners = createEdgeListeners(running.foundation.db, running.foundation.clocks.real)
    const closed = createServer()
    closed.listen(0, '127.0.0.1')
    await once(closed, 'listening')
    const address = `127.0.0.1:${(closed.address() as AddressInfo).port}`
    closed.close()
    await listeners.beat({ id: 'http@cut-off', network: 'http', addresses: [address], status: null })

    const ref = await enroll('www.edges.example')
    await follow(ref, rests)
    const first = await namesOf(ref)
    await acknowledge(ref)
    const { validations } = await running.useCases.explain(running.caller, ref)
    expect(validations[0]).toMatchObject({ status: 'failed-look' })
    expect(validations[0]?.error).toContain(`edge http@cut-off at ${address}`)
    const kept = (await namesOf(ref)).get('www.edges.example')
    expect(tokenOf(kept!)).toMatchObject({
      token: tokenOf(first.get('www.edges.example')!).token,
      status: 'pending',
    })

    await listeners.leave('http@cut-off')
    await advance(1)
    expect(await follow(ref, hasEnded)).toMatchObject({ state: 'completed' })
  })
})
