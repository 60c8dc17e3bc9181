import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import { registerWatchGauges, type WatchReading } from './watch-metrics.ts'

const REQUEST_BUCKETS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60]
const LAG_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300]
const DURATION_BUCKETS = [0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 3600, 86_400]

export interface ChangeCount {
  readonly status: string
  readonly state: string
  readonly count: number
  /** How long the oldest of them has been there, lifecycle time. */
  readonly oldestSeconds: number
}

/** What is asked at every scrape. */
export interface Asked {
  readonly changes: () => Promise<readonly ChangeCount[]>
  readonly watch: () => Promise<WatchReading>
  /** Renewals that wait for the orders of a CA account, by account. */
  readonly held: () => Promise<readonly { readonly account: string; readonly count: number }[]>
}

/** docs/metrics.md lists each with its meaning. */
export function createMetrics({ changes, watch, held }: Asked) {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const requests = new Histogram({
    name: 'certrail_http_request_duration_seconds',
    help: 'Duration of API requests by route.',
    labelNames: ['method', 'route', 'status'],
    buckets: REQUEST_BUCKETS,
    registers,
  })
  const jobLag = new Histogram({
    name: 'certrail_job_lag_seconds',
    help: 'Time that a change which has something to do waits for its turn at a worker.',
    buckets: LAG_BUCKETS,
    registers,
  })
  const moves = new Counter({
    name: 'certrail_change_events_total',
    help: 'Events of changes by the status and state they led to.',
    labelNames: ['event', 'status', 'state'],
    registers,
  })
  const completions = new Histogram({
    name: 'certrail_change_duration_seconds',
    help: 'Lifecycle time from the start of a change to its completion.',
    buckets: DURATION_BUCKETS,
    registers,
  })
  const failures = new Counter({
    name: 'certrail_step_failures_total',
    help: 'Failed attempts at a step.',
    labelNames: ['effect', 'code'],
    registers,
  })
  const noticeFailures = new Counter({
    name: 'certrail_notice_failures_total',
    help: 'Failed attempts at delivering a notice by mail or webhook.',
    labelNames: ['channel', 'given_up'],
    registers,
  })
  const staplesAsked = new Counter({
    name: 'certrail_ocsp_answers_total',
    help: 'Answers of OCSP responders about served certificates; failed: none that counts.',
    labelNames: ['outcome'],
    registers,
  })
  const givenUp = new Counter({
    name: 'certrail_changes_given_up_total',
    help: 'Changes that stay in error until a person acts.',
    labelNames: ['action', 'status'],
    registers,
  })
  const authorizationsLost = new Counter({
    name: 'certrail_authorizations_lost_total',
    help: 'Names whose tokens are dead: the CA refused them, or their time ended.',
    labelNames: ['status'],
    registers,
  })
  const recordsLeftBehind = new Counter({
    name: 'certrail_text_records_left_behind_total',
    help: 'Failed attempts at taking a TXT record of ours out of a zone.',
    registers,
  })
  const heartbeats = new Counter({
    name: 'certrail_heartbeats_total',
    help: 'Heartbeats to the watchdog outside: sent, withheld because renewals do not go on, or failed on the way.',
    labelNames: ['outcome'],
    registers,
  })
  const heldPastSafe = new Counter({
    name: 'certrail_held_past_safe_total',
    help: 'Looks at a change that a pause or a pin keeps from production although what is live there is not safe any more.',
    registers,
  })
  const noWayBack = new Counter({
    name: 'certrail_no_way_back_total',
    help: 'Failed attempts at production that could not be led back, since what was served before is worse.',
    registers,
  })
  const showChanges = registerChangeGauges(registry)
  const showWatch = registerWatchGauges(registry)
  registerHeldGauge(registry, held)
  return {
    contentType: registry.contentType,
    async render() {
      const [counts, reading] = await Promise.all([changes(), watch()])
      showChanges(counts)
      showWatch(reading)
      return registry.metrics()
    },
    request: (labels: { method: string; route: string; status: string }, seconds: number) =>
      requests.observe(labels, seconds),
    jobStarted: (waitedSeconds: number) => jobLag.observe(waitedSeconds),
    changeMoved: (labels: { event: string; status: string; state: string }) => moves.inc(labels),
    changeCompleted: (seconds: number) => completions.observe(seconds),
    authorizationLost: (labels: { status: string }) => authorizationsLost.inc(labels),
    noWayBack: () => noWayBack.inc(),
    heartbeat: (labels: { outcome: string }) => heartbeats.inc(labels),
    heldPastSafe: () => heldPastSafe.inc(),
    recordLeftBehind: () => recordsLeftBehind.inc(),
    noticeFailed: (labels: { channel: string; given_up: string }) => noticeFailures.inc(labels),
    stapleAsked: (labels: { outcome: string }) => staplesAsked.inc(labels),
    changeGivenUp: (labels: { action: string; status: string }) => givenUp.inc(labels),
    stepFailed: (labels: { effect: string; code: string }) => failures.inc(labels),
  }
}

export type Metrics = ReturnType<typeof createMetrics>

function registerChangeGauges(registry: Registry): (counts: readonly ChangeCount[]) => void {
  const labelNames = ['status', 'state']
  const registers = [registry]
  const oldest = new Gauge({
    name: 'certrail_changes_oldest_seconds',
    help: 'How long the oldest open change has been in its status and state (lifecycle time).',
    labelNames,
    registers,
  })
  const open = new Gauge({
    name: 'certrail_changes_open',
    help: 'Open changes by status and state.',
    labelNames,
    registers,
  })
  return (counts) => {
    open.reset()
    oldest.reset()
    for (const { status, state, count, oldestSeconds } of counts) {
      open.set({ status, state }, count)
      oldest.set({ status, state }, oldestSeconds)
    }
  }
}

function registerHeldGauge(registry: Registry, held: Asked['held']): void {
  new Gauge({
    name: 'certrail_renewals_held',
    help: 'Renewals that are due and wait for their turn among the orders of a CA account.',
    labelNames: ['account'],
    registers: [registry],
    async collect() {
      const rows = await held()
      this.reset()
      for (const { account, count } of rows) this.set({ account }, count)
    },
  })
}
