import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createHeartbeat } from '../../src/composition/heartbeat.ts'
import { MINUTE, plus } from '../../src/domain/time.ts'
import { type InProcess, startInProcess } from '../support/in-process.ts'

const never = new AbortController().signal

describe('the heartbeat to a watchdog outside', () => {
  let watchdog: Server
  let url: string
  let status = 200
  let heard: string[] = []
  let running: InProcess | null = null
  beforeEach(async () => {
    ;[status, heard] = [200, []]
    watchdog = createServer((request, response) => {
      heard.push(`${request.method} ${request.url}`)
      watchdog.emit('heard')
      response.writeHead(status).end('OK')
    })
    watchdog.listen(0, '127.0.0.1')
    await once(watchdog, 'listening')
    url = `http://127.0.0.1:${(watchdog.address() as AddressInfo).port}/ping/of-nobody-else`
  })
  afterEach(async () => {
    await running?.close()
    watchdog.closeAllConnections()
    await new Promise((resolve) => watchdog.close(resolve))
  })

  async function started(lateMs = 0) {
    running = await startInProcess()
    const { services, settings } = running
    const deps = services.jobDeps
    const lastRound = () => plus(deps.clocks.real.now(), -lateMs)
    const heartbeat = { url, everyMs: MINUTE }
    const outcomes: string[] = []
    const metrics = { heartbeat: ({ outcome }: { outcome: string }) => void outcomes.push(outcome) }
    const parts = { deps, settings: { ...settings, heartbeat }, metrics, lastRound }
    return { parts, outcomes, send: () => createHeartbeat(parts)?.(never) }
  }

  it('comes by itself, time and again, from a process that renews', async () => {
    running = await startInProcess({ heartbeat: { url, everyMs: 20 } })
    while (heard.length < 3) await once(watchdog, 'heard')
    expect(new Set(heard)).toEqual(new Set(['GET /ping/of-nobody-else']))
    expect(await running.services.metrics.render()).toMatch(/certrail_heartbeats_total\{outcome="sent"\} \d/)
  })

  it('is withheld where the renewal engine hangs', async () => {
    const { send, outcomes } = await started(11 * MINUTE)
    await expect(send()).rejects.toThrow(/renewal engine has not been through for 660 s/)
    expect(heard).toEqual([])
    expect(outcomes).toEqual(['withheld'])
  })

  it('is withheld where the database does not answer', async () => {
    const { parts, outcomes } = await started()
    const watch = {
      ...parts.deps.store.read.watch,
      behind: () => Promise.reject(new Error('no connection')),
    }
    const store = { ...parts.deps.store, read: { ...parts.deps.store.read, watch } }
    const send = createHeartbeat({ ...parts, deps: { ...parts.deps, store } })
    await expect(send?.(never)).rejects.toThrow(/database does not answer/)
    expect([heard, outcomes]).toEqual([[], ['withheld']])
  })

  it('is withheld where a change that is due finds no worker', async () => {
    const { parts } = await started()
    const { watch } = parts.deps.store.read
    const behind: typeof watch.behind = async (now) => ({
      ...(await watch.behind(now)),
      changeDueSince: plus(now, -11 * MINUTE),
    })
    const store = {
      ...parts.deps.store,
      read: { ...parts.deps.store.read, watch: { ...watch, behind } },
    }
    const send = createHeartbeat({ ...parts, deps: { ...parts.deps, store } })
    await expect(send?.(never)).rejects.toThrow(/waits for a worker/)
    expect(heard).toEqual([])
  })

  it('that is not heard is told, without the address that holds its secret', async () => {
    const { send, outcomes } = await started()
    status = 503
    await expect(send()).rejects.toThrow(/^The heartbeat was answered with status 503\.$/)
    watchdog.closeAllConnections()
    await new Promise((resolve) => watchdog.close(resolve))
    const away = await send()?.catch((error: unknown) => error)
    expect(String(away)).toMatch(/could not be sent/)
    expect(String(away)).not.toMatch(/of-nobody-else/)
    expect(outcomes).toEqual(['failed', 'failed'])
  })
})
