import { X509Certificate } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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

/** The first OV enrollment lets its organisation be approved; the second one finds it known. */
const FLOWS: readonly Flow[] = [
  { kind: 'ov', by: 'deafness' },
  { kind: 'dv', by: 'failpoints' },
  { kind: 'ov', by: 'failpoints' },
  { kind: 'dv', by: 'deafness' },
]

const isLong = process.env['CERTRAIL_TEST_LONG'] === '1'

/** Whoever asks while the instance is killed hears nothing. */
const unheard = (asked: Promise<unknown>): Promise<unknown> => asked.catch(() => undefined)

describe.skipIf(!hasPebble)(
  'live mode, killed where it hurts (skipped when the program pebble is missing)',
  () => {
    let live: Live
    beforeAll(async () => {
      live = await startLive({ externalAccounts: { [KID]: HMAC_KEY } })
    })
    afterAll(() => live?.close())

    const request = ({ kind }: Flow, names: readonly string[]): Promise<unknown> => {
      const { client, ready } = live.instance()
      const overrides = kind === 'dv' ? {} : { ra: 'symantec', validationType: 'ov' }
      const body = dvEnrollment(names[0] ?? '', names.slice(1), overrides)
      return unheard(createEnrollment(client, ready.contract, body))
    }

    const approved = async (cn: string): Promise<unknown> =>
      unheard(approveOrganization(live, (await openChange(live, cn)).change))

    const carryThroughDeafness = async (flow: Flow, names: readonly string[]): Promise<void> => {
      const killed = killedAtEach(
        live,
        DEAF_MOMENTS.map(([, momentOf]) => momentOf()),
      )
      await request(flow, names)
      if (flow.kind === 'ov') await approved(names[0] ?? '')
      await killed
    }

    const carryThroughFailpoints = async (flow: Flow, names: readonly string[]): Promise<void> => {
      const [first = '', ...rest] = FAILPOINTS[flow.kind]
      await live.instance().stop()
      await live.restart({ CERTRAIL_FAILPOINT: first })
      await request(flow, names)
      for (const failpoint of [...rest, null]) {
        expect((await live.instance().exited).signal).toBe('SIGKILL')
        await live.restart(failpoint === null ? {} : { CERTRAIL_FAILPOINT: failpoint })
      }
    }

    it.each(isLong ? FLOWS : FLOWS.slice(0, 2))(
      'carries three names and a wildcard to production with one order: $kind, by $by',
      async (flow) => {
        const names = namesOf(`${flow.kind}-${flow.by}`)
        const before = ordersOf(live)
        await (flow.by === 'deafness' ? carryThroughDeafness : carryThroughFailpoints)(flow, names)
        const created = await openChange(live, names[0] ?? '')
        await carryToProduction(live, created)
        await expectPebblesChain(live, created, names)
        expect(ordersOf(live) - before).toBe(1)
      },
      240_000,
    )
  },
)
