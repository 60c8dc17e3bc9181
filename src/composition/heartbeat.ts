import { sendHeartbeat } from '../app/watch/heartbeat.ts'
import type { Dependencies } from '../app/dependencies.ts'
import type { Instant } from '../domain/time.ts'
import { every } from '../jobs/every.ts'
import type { Logger } from '../observe/log.ts'
import type { Metrics } from '../observe/metrics.ts'
import { createOutboundFetch } from '../outbound/guarded-fetch.ts'
import { systemAddresses } from '../outbound/system-addresses.ts'
import type { Closers } from './closers.ts'
import type { ServiceSettings } from './settings.ts'

const TIMEOUT_MS = 10_000
const ANSWER_LIMIT_BYTES = 4_096

export interface HeartbeatParts {
  readonly deps: Dependencies
  readonly settings: Pick<ServiceSettings, 'heartbeat' | 'targets'>
  readonly metrics: Pick<Metrics, 'heartbeat'>
  readonly lastRound: () => Instant
}

/** One beat, or the reason for none; null where nobody listens for it. */
export function createHeartbeat({ deps, settings, metrics, lastRound }: HeartbeatParts) {
  const { heartbeat, targets } = settings
  if (heartbeat === null) return null
  const fetch = createOutboundFetch({
    resolve: systemAddresses,
    targets,
    timeoutMs: TIMEOUT_MS,
    bodyLimitBytes: ANSWER_LIMIT_BYTES,
    trust: 'system',
    schemes: ['https:', 'http:'],
  })
  const beat = async (signal: AbortSignal) =>
    (await fetch({ url: heartbeat.url, method: 'GET', headers: {} }, signal)).status
  const beaten = (outcome: string) => metrics.heartbeat({ outcome })
  return (signal: AbortSignal) => sendHeartbeat({ ...deps, lastRound, beat, beaten }, signal)
}

/** Tells a watchdog outside, time and again, that this process does its work. */
export function startHeartbeat(
  parts: HeartbeatParts & { readonly log: Logger; readonly closers: Closers },
): void {
  const send = createHeartbeat(parts)
  if (send === null || parts.settings.heartbeat === null) return
  const stopped = new AbortController()
  const beats = every(parts.settings.heartbeat.everyMs, () => send(stopped.signal), parts.log)
  parts.closers.add('heartbeat', () => {
    stopped.abort()
    return beats.close()
  })
}
