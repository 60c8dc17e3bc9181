import type { TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DeploymentId } from '../../src/domain/identifiers.ts'
import { createProbe } from '../../src/edge/probe.ts'
import type { EdgeGeneration } from '../../src/ports/edge.ts'
import { getJson, handshake } from '../support/edge-client.ts'
import { startEdge, type EdgeFixture } from '../support/edge-fixture.ts'
import { issueGeneration } from '../support/edge-generation.ts'
import { inProcessEdge } from '../support/in-process-edge.ts'
import { makeTestAuthority } from '../support/self-signed.ts'

const NAME = 'www.example.com'
const UPDATES = 50
const LONG_CONNECTIONS = 20
const HANDSHAKE_EVERY_MS = 10
/** On a machine that cannot keep the rate, wait instead of piling up. */
const HANDSHAKES_AT_ONCE = 20
const ASK_EVERY_MS = 100
/** So that each update is followed by handshakes of its own: 50 updates in 2 s at the full rate. */
const HANDSHAKES_BETWEEN_UPDATES = 4

/** A handshake may show what was live when it began, when it ended, or between: never anything older or newer. */
interface Sighting {
  readonly liveBefore: number
  readonly liveAfter: number
  readonly serialNumber: string
}

let edge: EdgeFixture
let generations: readonly EdgeGeneration[]

beforeAll(async () => {
  const authority = await makeTestAuthority()
  edge = await startEdge()
  generations = await Promise.all(
    Array.from({ length: UPDATES + 1 }, () => issueGeneration(authority, [NAME])),
  )
})
afterAll(() => edge.network.close())

const serialOf = (index: number): string => generations[index]?.certificates[0]?.serialNumber ?? ''

/** Handshakes at a fixed rate, without waiting for earlier ones, until stopped. */
function startProber(live: () => number) {
  const probe = createProbe()
  const sightings: Sighting[] = []
  const failures: unknown[] = []
  const running = new Set<Promise<void>>()
  const waiting: { readonly count: number; readonly resolve: () => void }[] = []

  async function once(): Promise<void> {
    const liveBefore = live()
    try {
      const { serialNumber } = await probe({ ...edge.address, serverName: NAME, timeoutMs: 10_000 })
      sightings.push({ liveBefore, liveAfter: live(), serialNumber })
    } catch (error) {
      failures.push(error)
    }
    const done = sightings.length + failures.length
    for (const { resolve } of waiting.filter(({ count }) => count <= done)) resolve()
  }

  const timer = setInterval(() => {
    if (running.size >= HANDSHAKES_AT_ONCE) return
    const run = once().finally(() => running.delete(run))
    running.add(run)
  }, HANDSHAKE_EVERY_MS)

  return {
    sightings,
    failures,
    until: (count: number) => new Promise<void>((resolve) => waiting.push({ count, resolve })),
    stop: async () => {
      clearInterval(timer)
      await Promise.all(running)
    },
  }
}

/** Asks again and again on one connection; resolves with how often, and rejects when the connection ends or the certificate changes. */
async function keepAsking(tls: TLSSocket, isDone: () => boolean): Promise<number> {
  let answers = 0
  while (!isDone()) {
    const answer = await getJson(tls, NAME)
    expect(answer.status).toBe(200)
    expect(JSON.parse(answer.body)).toMatchObject({ serialNumber: serialOf(0) })
    answers++
    await new Promise((next) => setTimeout(next, ASK_EVERY_MS))
  }
  return answers
}

describe('50 updates of one name under load', () => {
  it('fail no handshake, break no connection and show no certificate other than old or new', async () => {
    const control = inProcessEdge(edge.network, createProbe())
    const { signal } = new AbortController()
    await control.deploy(generations[0] as EdgeGeneration, signal)
    const long = await Promise.all(
      Array.from({ length: LONG_CONNECTIONS }, () => handshake(edge.address, NAME)),
    )
    let live = 0
    let isDone = false
    const asking = Promise.all(long.map((tls) => keepAsking(tls, () => isDone)))
    const prober = startProber(() => live)

    for (let next = 1; next <= UPDATES; next++) {
      await prober.until(prober.sightings.length + prober.failures.length + HANDSHAKES_BETWEEN_UPDATES)
      const before: DeploymentId | undefined = generations[live]?.id
      await control.deploy(generations[next] as EdgeGeneration, signal)
      live = next
      const seen = await control.probe(NAME, signal)
      expect(seen.serialNumber).toBe(serialOf(next))
      if (before !== undefined) edge.network.drop(before)
    }
    await prober.until(prober.sightings.length + prober.failures.length + HANDSHAKES_BETWEEN_UPDATES)
    await prober.stop()
    isDone = true
    const answers = await asking

    expect(prober.failures).toEqual([])
    expect(prober.sightings.length).toBeGreaterThanOrEqual(UPDATES * HANDSHAKES_BETWEEN_UPDATES)
    const wrong = prober.sightings.filter(({ liveBefore, liveAfter, serialNumber }) => {
      // One past the live one: the edge answers with the new before the test has noted that deploy returned.
      const allowed = generations
        .slice(liveBefore, liveAfter + 2)
        .map((_, offset) => serialOf(liveBefore + offset))
      return !allowed.includes(serialNumber)
    })
    expect(wrong).toEqual([])
    expect(new Set(prober.sightings.map(({ serialNumber }) => serialNumber)).size).toBeGreaterThan(
      UPDATES / 2,
    )
    expect(Math.min(...answers)).toBeGreaterThan(0)
    expect(long.every((tls) => !tls.destroyed)).toBe(true)
    expect(edge.ended('handshake-failed') + edge.ended('unknown-name')).toBe(0)
    for (const tls of long) tls.destroy()
  })
})
