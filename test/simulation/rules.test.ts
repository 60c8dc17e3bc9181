import { expect, it } from 'vitest'
import type { Dependencies } from '../../src/app/dependencies.ts'
import type { Change } from '../../src/domain/change/change.ts'
import { DAY, plus } from '../../src/domain/time.ts'
import { FLEET } from '../support/simulation/lives.ts'
import { simulate } from '../support/simulation/simulation.ts'

it('the same seed is the same history, byte for byte; another seed is another', async () => {
  const live = async (seed: number) => (await simulate({ seed, ...FLEET })).history
  const first = await live(7)
  expect(await live(7)).toEqual(first)
  expect(await live(8)).not.toEqual(first)
})

/** Lives beyond those of `npm test` that once broke a rule. */
const KNOWN = [
  [524, 'a CA that wants replaced at once what a person had just asked for, in a freeze'],
] as const

it.each(KNOWN)('seed %i lives on: %s', async (seed) => {
  await expect(simulate({ seed, ...FLEET })).resolves.toBeDefined()
})

type Sabotage = (deps: Dependencies) => Partial<Dependencies>

const withRead =
  (more: (read: Dependencies['store']['read']) => Partial<Dependencies['store']['read']>): Sabotage =>
  ({ store }) => {
    const altered = <Read extends Dependencies['store']['read']>(read: Read): Read =>
      new Proxy(read, {
        get: (target, name) => Reflect.get(more(target), name) ?? Reflect.get(target, name),
      })
    return {
      store: {
        ...store,
        read: altered(store.read),
        transaction: (work) => store.transaction((tx) => work(altered(tx))),
        withChangeLock: (id, work) =>
          store.withChangeLock(id, ({ read, transaction }) =>
            work({ read: altered(read), transaction: (inner) => transaction((tx) => inner(altered(tx))) }),
          ),
      },
    }
  }

/** Such changes are not looked at again. */
const restsWhere = (stays: (change: Change) => boolean): Sabotage =>
  withRead(({ changes }) => ({
    changes: {
      ...changes,
      record: (change, ...rest) =>
        changes.record(stays(change) ? { ...change, nextAt: null } : change, ...rest),
    },
  }))

/** A rule that nobody can break says nothing: each of these breaks one, within a few lives. */
const SABOTAGES: readonly (readonly [what: string, sabotage: Sabotage, told: string])[] = [
  [
    'keys that repeat',
    ({ keys }) => {
      const first = { RSA: keys.generate('RSA'), ECDSA: keys.generate('ECDSA') }
      return { keys: { ...keys, generate: (algorithm) => first[algorithm] } }
    },
    'repeats a key',
  ],
  [
    'a CA that never issues',
    ({ authorityFor, clocks }) => ({
      authorityFor: (type) => ({
        ...authorityFor(type),
        finalize: async (id, request) =>
          id < 10_100
            ? authorityFor(type).finalize(id, request)
            : { status: 'processing', after: plus(clocks.lifecycle.now(), DAY) },
      }),
    }),
    'expired',
  ],
  [
    'a renewal with other names',
    withRead(({ lifecycle }) => ({
      lifecycle: {
        ...lifecycle,
        async settled(id) {
          const settled = await lifecycle.settled(id)
          return settled && { ...settled, csr: { ...settled.csr, sans: [`more.${settled.csr.cn}`] } }
        },
      },
    })),
    'a renewal asks for',
  ],
  [
    'keys of cancelled changes that stay',
    withRead(({ certificates }) => ({ certificates: { ...certificates, destroyKeys: async () => {} } })),
    'leaves its key behind',
  ],
  [
    'conflicts that nobody is told of',
    withRead(({ planLooks }) => ({ planLooks: { ...planLooks, keepTold: async () => {} } })),
    'nobody was told',
  ],
  [
    'a plan that knows no windows',
    withRead(({ maintenances }) => ({
      maintenances: { ...maintenances, of: async () => ({ windows: [], freezes: [] }) },
    })),
    'outside of every window',
  ],
  [
    'orders of a CA account that nobody counts',
    withRead(({ orderBudgets }) => ({ orderBudgets: { ...orderBudgets, save: async () => {} } })),
    'more renewals at once',
  ],
  [
    'a pause that nobody heeds',
    withRead(({ pauses }) => ({ pauses: { ...pauses, covering: async () => [] } })),
    'while it was paused',
  ],
  [
    'a lead that is half of what is said',
    ({ renewalLeadDays: { dv, ov, ev, 'third-party': thirdParty } }) => ({
      renewalLeadDays: { dv: dv / 2, ov: ov / 2, ev: ev / 2, 'third-party': thirdParty / 2 },
    }),
    'no renewal has begun',
  ],
  [
    'a clock that stands nowhere on its way',
    ({ clockControl }) => ({
      clockControl: {
        ...clockControl,
        standAt: async (at) => clockControl.standAt((await clockControl.target()) ?? at),
      },
    }),
    ', after ',
  ],
  [
    'a renewal that gives up after its third failure',
    restsWhere(({ state, progress }) => state === 'error' && progress.attempts >= 3),
    'has given up',
  ],
  [
    'a deadline that pushes nothing',
    restsWhere(({ status }) => status === 'wait-ack-change-management'),
    'expired',
  ],
  [
    'a CA that is heeded however often it wants the same replaced',
    withRead(({ certificates }) => ({
      certificates: {
        ...certificates,
        byIds: async (ids) =>
          (await certificates.byIds(ids)).map((one) => ({ ...one, createdAt: plus(one.createdAt, -DAY) })),
      },
    })),
    'renewed again within hours',
  ],
]

it.each(SABOTAGES)(
  'the rules notice %s',
  async (_, instead, told) => {
    for (let seed = 1; seed <= 40; seed += 1) {
      const broken = await simulate({ seed, ...FLEET, instead }).then(
        () => '',
        (error: unknown) => (error as Error).message,
      )
      if (broken.includes(told)) return
    }
    throw new Error('nothing was noticed in 40 lives')
  },
  120_000,
)
