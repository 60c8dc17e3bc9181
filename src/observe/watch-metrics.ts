import { Gauge, type Registry } from 'prom-client'

/** What a scrape shows of the things that alerts are written about. Seconds. */
export interface WatchReading {
  readonly served: readonly {
    readonly network: string
    readonly enrollmentId: number
    readonly name: string
    readonly notAfter: number
    readonly lifeLeft: number
    readonly problem: string | null
  }[]
  readonly neverLooked: number
  readonly oldestLookSeconds: number
  readonly oldestDueSeconds: number
  readonly renewalOverdueSeconds: { readonly free: number; readonly held: number }
  readonly deliveries: readonly {
    readonly channel: string
    readonly waiting: number
    readonly failing: number
  }[]
  readonly lostNames: readonly { readonly reason: string; readonly count: number }[]
  readonly authorities: readonly { readonly name: string; readonly state: string }[]
  readonly clockChecks: readonly {
    readonly instance: string
    readonly differenceMs: number
    readonly stoppedSince: number | null
  }[]
  readonly clockOffsetSeconds: number
}

interface Family {
  readonly name: string
  readonly help: string
  readonly labelNames: readonly string[]
  readonly samples: (
    reading: WatchReading,
  ) => readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[]
}

const NETWORKS = ['staging', 'production']
const TROUBLES = ['limited', 'down', 'action-required']
const servedLabels = ({ network, enrollmentId, name }: WatchReading['served'][number]) => ({
  network,
  enrollment: String(enrollmentId),
  server_name: name,
})

const single = (name: string, help: string, value: (reading: WatchReading) => number): Family => ({
  name,
  help,
  labelNames: [],
  samples: (reading) => [{ labels: {}, value: value(reading) }],
})

/** docs/metrics.md says the same, and is held to this table. */
const FAMILIES: readonly Family[] = [
  {
    name: 'certrail_served_certificate_not_after_seconds',
    help: 'Expiry (Unix time) of the certificate that a network served, as seen in the last full handshake.',
    labelNames: ['network', 'enrollment', 'server_name'],
    samples: ({ served }) =>
      served.map((one) => ({ labels: servedLabels(one), value: one.notAfter / 1_000 })),
  },
  {
    name: 'certrail_served_certificate_life_left_ratio',
    help: 'Share of its lifetime that this certificate has left, by the lifecycle clock; 0: expired.',
    labelNames: ['network', 'enrollment', 'server_name'],
    samples: ({ served }) => served.map((one) => ({ labels: servedLabels(one), value: one.lifeLeft })),
  },
  {
    name: 'certrail_served_disagreements',
    help: 'Live deployments for which an address of the network showed another certificate at the last look, or none.',
    labelNames: ['network'],
    samples: ({ served }) =>
      NETWORKS.map((network) => ({
        labels: { network },
        value: served.filter((one) => one.network === network && one.problem !== null).length,
      })),
  },
  single(
    'certrail_served_never_looked',
    'Live deployments that were not looked at yet since they were proven.',
    ({ neverLooked }) => neverLooked,
  ),
  single(
    'certrail_served_oldest_look_seconds',
    'Real time since the look at what is served that is the longest ago.',
    ({ oldestLookSeconds }) => oldestLookSeconds,
  ),
  single(
    'certrail_changes_oldest_due_seconds',
    'How long the oldest change that has something to do waits for a worker, lifecycle time; 0: none.',
    ({ oldestDueSeconds }) => oldestDueSeconds,
  ),
  {
    name: 'certrail_renewals_overdue_seconds',
    help: 'How long the planned begin of a renewal has passed, the longest (lifecycle time); held: another change of the enrollment is open.',
    labelNames: ['held'],
    samples: ({ renewalOverdueSeconds: { free, held } }) => [
      { labels: { held: 'false' }, value: free },
      { labels: { held: 'true' }, value: held },
    ],
  },
  {
    name: 'certrail_notice_deliveries_waiting',
    help: 'Mails and webhook calls that are to be sent.',
    labelNames: ['channel'],
    samples: ({ deliveries }) =>
      deliveries.map(({ channel, waiting }) => ({ labels: { channel }, value: waiting })),
  },
  {
    name: 'certrail_notice_deliveries_failing',
    help: 'Of those: failed at least once, and tried again.',
    labelNames: ['channel'],
    samples: ({ deliveries }) =>
      deliveries.map(({ channel, failing }) => ({ labels: { channel }, value: failing })),
  },
  {
    name: 'certrail_names_lost',
    help: 'Names of what is live that could not be proven again as they stand, so that the renewal would fail or wait for somebody.',
    labelNames: ['reason'],
    samples: ({ lostNames }) => lostNames.map(({ reason, count }) => ({ labels: { reason }, value: count })),
  },
  {
    name: 'certrail_authority_trouble',
    help: '1 while the CA of the account asked to be left alone (limited), does not answer (down), or wants a person to act (action-required).',
    labelNames: ['account', 'state'],
    samples: ({ authorities }) =>
      authorities.flatMap(({ name, state }) =>
        TROUBLES.map((trouble) => ({
          labels: { account: name, state: trouble },
          value: state === trouble ? 1 : 0,
        })),
      ),
  },
  {
    name: 'certrail_clock_database_difference_seconds',
    help: "Live mode: the clock of a process ahead of the database's, at the last look.",
    labelNames: ['clock'],
    samples: ({ clockChecks }) =>
      clockChecks.map(({ instance, differenceMs }) => ({
        labels: { clock: instance },
        value: differenceMs / 1_000,
      })),
  },
  {
    name: 'certrail_issuance_stopped',
    help: 'Live mode: 1 while a process issues nothing, because its clock moved by itself and nobody has confirmed it.',
    labelNames: ['clock'],
    samples: ({ clockChecks }) =>
      clockChecks.map(({ instance, stoppedSince }) => ({
        labels: { clock: instance },
        value: stoppedSince === null ? 0 : 1,
      })),
  },
  single(
    'certrail_clock_offset_seconds',
    'The lifecycle clock ahead of the real one; 0 unless a sandbox was turned.',
    ({ clockOffsetSeconds }) => clockOffsetSeconds,
  ),
]

/** Shows a reading; called before each rendering, since prom-client asks one gauge at a time and would render some before they are brought up to date. */
export function registerWatchGauges(registry: Registry): (reading: WatchReading) => void {
  const gauges = FAMILIES.map(({ name, help, labelNames, samples }) => ({
    samples,
    gauge: new Gauge({ name, help, labelNames: [...labelNames], registers: [registry] }),
  }))
  return (reading) => {
    for (const { gauge, samples } of gauges) {
      gauge.reset()
      for (const { labels, value } of samples(reading)) gauge.set(labels, value)
    }
  }
}
