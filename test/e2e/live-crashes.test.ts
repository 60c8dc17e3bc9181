import { X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { ProxiedAnswer } from '../support/acme-proxy.ts'
import { type Created, createEnrollment, dvEnrollment } from '../support/enrollments.ts'
import {
  acknowledgeIssued,
  approveOrganization,
  endOfChange,
  hasPebble,
  HMAC_KEY,
  KID,
  type Live,
  openChange,
  ordersOf,
  productionOf,
  startLive,
} from '../support/live-instance.ts'

const namesOf = (label: string): readonly string[] => [
  `www.${label}.example`,
  `api.${label}.example`,
  `shop.${label}.example`,
  `*.apps.${label}.example`,
]

type Moment = (answer: ProxiedAnswer) => boolean
const answersTo =
  (path: string, status: number): Moment =>
  (answer) =>
    answer.path.startsWith(path) && answer.status === status

/** The CA has seen the last of them. Before that the same process has to answer its look. */
function lastProof(count: number): Moment {
  const proven = new Set<string>()
  return ({ path, status, body }) => {
    if (path.startsWith('/authZ/') && status === 200 && JSON.parse(body.toString()).status === 'valid')
      proven.add(path)
    return proven.size === count
  }
}

/** The process dies as the CA answers: what the CA has done it never hears. */
const DEAF_MOMENTS: readonly (readonly [string, () => Moment])[] = [
  ['new-order', () => answersTo('/order-plz', 201)],
  ['the last challenge', () => lastProof(namesOf('').length)],
  ['finalize', () => answersTo('/finalize-order/', 200)],
  ['the certificate', () => answersTo('/certZ/', 200)],
]

/** Whatever waits for a person is answered; the organisation is approved. */
async function carryToProduction(live: Live, { change }: Created): Promise<void> {
  const end = await endOfChange(live, change)
  if (end.status === 'wait-review-cert-warning') {
    await acknowledgeIssued(live, change)
    return carryToProduction(live, { change, enrollment: '' })
  }
  expect(end, live.instance().output()).toMatchObject({ status: 'complete', state: 'completed' })
}

async function expectPebblesChain(
  live: Live,
  { enrollment }: Created,
  names: readonly string[],
): Promise<void> {
  const served = await productionOf(live, enrollment)
  const [leaf, issuer] = [
    new X509Certificate(served?.certificate ?? ''),
    new X509Certificate(served?.trustChain ?? ''),
  ]
  expect(leaf.subjectAltName?.split(', ').toSorted()).toEqual(names.map((name) => `DNS:${name}`).toSorted())
  expect(leaf.verify(issuer.publicKey)).toBe(true)
  expect(issuer.verify(new X509Certificate(await live.pebble.rootPem()).publicKey)).toBe(true)
}

/**
 * Arms the proxy: the instance is killed at each of these moments in turn, and started again. While it starts the CA's answers are held back, so that no
 * moment is missed.
 */
async function killedAtEach(live: Live, moments: readonly Moment[]): Promise<void> {
  let running: Promise<unknown> = Promise.resolve()
  const left = [...moments]
  await new Promise<void>((resolve, reject) => {
    live.proxy.tamper(async (answer) => {
      await running
      if (left[0]?.(answer) !== true) return undefined
      left.shift()
      await live.instance().kill()
      running = live.restart()
      running.then(() => (left.length === 0 ? resolve() : undefined), reject)
      return null
    })
  })
}

/** Each fires once in the life of a home. In OV all that concerns the CA is one step; its inner moments are the deaf ones. */
const FAILPOINTS = {
  dv: ['after:place-order', 'after:check-validation', 'during:request-certificate'],
  ov: ['after:generate-keys', 'after:request-certificate'],
}

interface Flow {
  readonly kind: 'dv' | 'ov'
  readonly by: 'deafness' | 'failpoints'
}

const FLOWS: readonly Flow[] = [
  { kind: 'ov', by: 'deafness' },
  { kind: 'dv', by: 'failpoints' },
  { kind: 'ov', by: 'failpoints' },
  { kind: 'dv', by: 'deafness' },
]

const isLong = process.env['CERTRAIL_TEST_LONG'] === '1'

/** Alone each takes about six seconds; most of it are starts, which a busy machine makes twenty times as long. */
const DEADLINE_MS = 540_000
const TIMEOUT_MS = 600_000

/** Whoever asks while the instance is killed hears nothing; any other failure is one. */
const unheard = (asked: Promise<unknown>): Promise<unknown> =>
  asked.catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error)) throw error
  })

const wishOf = (kind: Flow['kind'], names: readonly string[]) =>
  dvEnrollment(names[0] ?? '', names.slice(1), kind === 'dv' ? {} : { ra: 'symantec', validationType: 'ov' })

function request(live: Live, { kind }: Flow, names: readonly string[]): Promise<unknown> {
  const { client, ready } = live.instance()
  return unheard(createEnrollment(client, ready.contract, wishOf(kind, names)))
}

async function carryThroughDeafness(live: Live, flow: Flow, names: readonly string[]): Promise<void> {
  const killed = killedAtEach(
    live,
    DEAF_MOMENTS.map(([, momentOf]) => momentOf()),
  )
  await request(live, flow, names)
  if (flow.kind === 'ov')
    await unheard(approveOrganization(live, (await openChange(live, names[0] ?? '')).change))
  await killed
}

async function carryThroughFailpoints(live: Live, flow: Flow, names: readonly string[]): Promise<void> {
  const [first = '', ...rest] = FAILPOINTS[flow.kind]
  await live.instance().stop()
  await live.restart({ CERTRAIL_FAILPOINT: first })
  await request(live, flow, names)
  for (const failpoint of [...rest, null]) {
    expect((await live.instance().exited).signal).toBe('SIGKILL')
    await live.restart(failpoint === null ? {} : { CERTRAIL_FAILPOINT: failpoint })
  }
}

/** By an enrollment of its own: the next one then waits for nobody within the step of the CA, and a failpoint after it fires when that step is done. */
async function letOrganizationBeKnown(live: Live): Promise<void> {
  const { client, ready } = live.instance()
  const created = await createEnrollment(client, ready.contract, wishOf('ov', ['known.example']))
  await approveOrganization(live, created.change)
  await carryToProduction(live, created)
}

/** A flow that gets nowhere says where it stands, and ends before the next one begins. */
async function inTime(live: Live, work: Promise<void>): Promise<void> {
  const late = AbortSignal.timeout(DEADLINE_MS)
  const missed = new Promise<never>((_, reject) => {
    late.addEventListener('abort', () =>
      reject(new Error(`not done in time:\n${live.instance().output().slice(-6_000)}`)),
    )
  })
  await Promise.race([work, missed])
}

describe.skipIf(!hasPebble)(
  'live mode, killed where it hurts (skipped when the program pebble is missing)',
  () => {
    const carry = async (live: Live, flow: Flow): Promise<void> => {
      const names = namesOf(`${flow.kind}-${flow.by}`)
      if (flow.kind === 'ov' && flow.by === 'failpoints') await letOrganizationBeKnown(live)
      const before = ordersOf(live)
      await (flow.by === 'deafness' ? carryThroughDeafness : carryThroughFailpoints)(live, flow, names)
      const created = await openChange(live, names[0] ?? '')
      await carryToProduction(live, created)
      await expectPebblesChain(live, created, names)
      expect(ordersOf(live) - before).toBe(1)
    }

    it.each(isLong ? FLOWS : FLOWS.slice(0, 2))(
      'carries three names and a wildcard to production with one order: $kind, by $by',
      async (flow) => {
        const live = await startLive({ externalAccounts: { [KID]: HMAC_KEY } })
        try {
          await inTime(live, carry(live, flow))
        } finally {
          await live.close()
        }
      },
      TIMEOUT_MS,
    )
  },
)
