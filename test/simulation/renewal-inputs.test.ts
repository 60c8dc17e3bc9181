import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { AuthorityAccount } from '../../src/authority/acme/account-choice.ts'
import { accountFor } from '../../src/authority/acme/account-choice.ts'
import type { Dependencies } from '../../src/app/dependencies.ts'
import { liveCertificates } from '../../src/app/live-certificates.ts'
import type { Change } from '../../src/domain/change/change.ts'
import type { EnrollmentSettings } from '../../src/domain/enrollment/enrollment.ts'
import { contractId, type EnrollmentId } from '../../src/domain/identifiers.ts'
import { HOUR, MINUTE, plus } from '../../src/domain/time.ts'
import type { OrderRequest } from '../../src/ports/certificate-authority.ts'
import { anySettings } from '../support/arbitrary-enrollments.ts'
import { answer, WELL } from '../support/simulation/answers.ts'
import { openChange } from '../support/simulation/memory/tables.ts'
import { ACCOUNT, createWorld, type World } from '../support/simulation/world.ts'

const NO_SCHEDULE = { notBefore: null, notAfter: null }
const ORG_ID = 1
/** Longer than any change takes whose people answer within the hour, and than half a year until a renewal. */
const MOST_STEPS = 5_000

/** What somebody does between an issuance and its renewal, none of which is a wish for another certificate. */
const MEANWHILE = {
  nothing: async () => {},
  'names that were asked for and given up': async (world, id) => {
    await update(world, id, (settings) => ({
      ...settings,
      csr: { ...settings.csr, sans: [...settings.csr.sans, `given-up.${settings.csr.cn}`] },
    }))
    await cancelOpen(world, id)
  },
  'other settings of the network': async (world, id) => {
    await update(world, id, ({ networkConfiguration, ...settings }) => ({
      ...settings,
      networkConfiguration: { ...networkConfiguration, quicEnabled: !networkConfiguration.quicEnabled },
    }))
    await letEnd(world, id)
  },
  'another key type and profile by default': async ({ deps }) => {
    Object.assign(deps, { authorityKeyAlgorithm: 'RSA', sandboxProfile: 'shortlived' })
  },
  'a renewal that was cancelled': async (world, id) => {
    await letRenewalBegin(world, id)
    await cancelOpen(world, id)
    await world.useCases.advanceClock(world.caller, { by: 31 * MINUTE })
  },
} as const satisfies Record<string, (world: World, id: EnrollmentId) => Promise<void>>

/** Of one change: what a CA was asked, and what its signing requests say, by key type. */
interface Asked {
  readonly orders: OrderRequest[]
  readonly requests: { readonly of: Omit<Drawn, 'key'>; readonly key: string }[]
}

interface Drawn {
  readonly algorithm: string
  readonly subject: unknown
  readonly names: readonly string[]
  readonly key: string
}

const settingsDrawn = fc
  .tuple(anySettings, fc.constantFrom(null, ORG_ID))
  .map(([settings, orgId]): EnrollmentSettings => {
    const { networkConfiguration } = settings
    // Nobody of the simulation keeps sets of certificates for clients.
    return {
      ...settings,
      orgId,
      networkConfiguration: { ...networkConfiguration, clientMutualAuthentication: null },
    }
  })

const accountDrawn: fc.Arbitrary<AuthorityAccount> = fc.record({
  name: fc.stringMatching(/^[a-z]{1,8}$/),
  directoryUrl: fc.constantFrom('https://one.example/directory', 'https://two.example/directory'),
  validationTypes: fc.uniqueArray(fc.constantFrom('dv', 'ov', 'ev'), { minLength: 1 }),
  orgId: fc.constantFrom(null, ORG_ID),
  profile: fc.constantFrom(null, 'classic', 'tlsserver', 'shortlived'),
  contacts: fc.constant([]),
  externalAccount: fc.constant(null),
  orderLimit: fc.constant(null),
  keyPem: fc.constant(null),
})

const lifeDrawn = fc.record({
  seed: fc.nat(),
  settings: settingsDrawn,
  keepsKey: fc.boolean(),
  accounts: fc.array(accountDrawn, { maxLength: 4 }),
  meanwhile: fc.constantFrom(...(Object.keys(MEANWHILE) as (keyof typeof MEANWHILE)[])),
})

it('a renewal repeats every issuance input (names, subject, key types, chain preference, CA account and its profile), and never the key unless the enrollment keeps it', async () => {
  const renewed = new Set<string>()
  await fc.assert(
    fc.asyncProperty(lifeDrawn, async ({ seed, settings, keepsKey, accounts, meanwhile }) => {
      const { first, renewal, live } = await livedThrough({ seed, settings, keepsKey, meanwhile })
      const inputsOf = ({ orders }: Asked) =>
        orders.map(({ changeId: _, replaces: _r, isCounted: _c, ...inputs }) => ({
          ...inputs,
          account: accountFor(accounts, inputs),
        }))
      expect(inputsOf(renewal)).toEqual(inputsOf(first))
      expect(renewal.orders).toHaveLength(settings.validationType === 'third-party' ? 0 : 1)
      for (const { replaces } of renewal.orders) expect(replaces).toBe(live)
      expect(byAlgorithm(renewal).map(({ of }) => of)).toEqual(byAlgorithm(first).map(({ of }) => of))
      const keys = (asked: Asked) => byAlgorithm(asked).map(({ key }) => key)
      if (keepsKey) expect(keys(renewal)).toEqual(keys(first))
      else expect(keys(first).some((key) => keys(renewal).includes(key))).toBe(false)
      renewed.add(`${settings.validationType} ${meanwhile} ${keepsKey}`)
    }),
  )
  // Half of 4 validation types, 5 things meanwhile, the key kept or not: by chance never less.
  expect(renewed.size).toBeGreaterThan(20)
}, 600_000)

const byAlgorithm = ({ requests }: Asked) =>
  requests.toSorted((one, other) => (one.of.algorithm < other.of.algorithm ? -1 : 1))

async function livedThrough({
  seed,
  settings,
  keepsKey,
  meanwhile,
}: {
  readonly seed: number
  readonly settings: EnrollmentSettings
  readonly keepsKey: boolean
  readonly meanwhile: keyof typeof MEANWHILE
}) {
  const world = quietWorld(seed)
  const { store, useCases, caller } = world
  const { organization, until } = { organization: settings.org, until: plus(world.now(), 9_000 * 24 * HOUR) }
  await store.read.vettings.rememberOrganization(ACCOUNT, 'known', organization, until)
  const { enrollmentId: id, changeId } = await useCases.createEnrollment(caller, {
    contractId: contractId('1-SANDBOX'),
    settings,
    schedule: NO_SCHEDULE,
    allowDuplicateCn: false,
  })
  if (keepsKey) await useCases.setKeepKey(caller, id, true)
  await letEnd(world, id)
  expect(store.tables.changes.get(changeId)?.state).toBe('completed')
  await MEANWHILE[meanwhile](world, id)
  const [live = null] = await liveCertificates(store.read, id)
  await letRenewalBegin(world, id)
  const begun = openChange(store.tables, id) ?? newestOf(world, id)
  expect([begun.action, begun.createdBy]).toEqual(['renewal', 'automatic renewal'])
  await letEnd(world, id)
  expect(store.tables.changes.get(begun.id)?.state).toBe('completed')
  const of = (change: Change['id']): Asked => {
    const requests = [...store.tables.keyPairs.at('change', change)].map(({ signingRequestPem }) => {
      const { key, ...said } = JSON.parse(signingRequestPem) as Drawn
      return { of: said, key }
    })
    return { orders: world.ca.placed.filter((order) => order.changeId === change), requests }
  }
  return { first: of(changeId), renewal: of(begun.id), live: live?.certificatePem ?? null }
}

/** Without bad days, and nobody is killed; its signing requests say their subject, too. */
function quietWorld(seed: number): World {
  const nobody = { moved: () => {}, served: () => {}, ordered: () => {} }
  const instead = ({ keys }: Dependencies): Partial<Dependencies> => ({
    failpoints: { reach: async () => {} },
    keys: {
      ...keys,
      createSigningRequest: async (pair, subject, names) =>
        JSON.stringify({ ...JSON.parse(await keys.createSigningRequest(pair, subject, names)), subject }),
    },
  })
  return createWorld({ seed, days: 0, instead }, nobody)
}

async function letEnd(world: World, id: EnrollmentId): Promise<void> {
  const { useCases, caller, store } = world
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const open = openChange(store.tables, id)
    if (open === undefined) return
    const isAnswered = open.state === 'awaiting-input' && (await answer(world, open, WELL))
    if (!isAnswered) await useCases.advanceClock(caller, { by: HOUR })
  }
  throw new Error('the change does not end')
}

async function letRenewalBegin({ useCases, caller, store }: World, id: EnrollmentId): Promise<void> {
  const at = store.tables.enrollments.get(id)?.renewAt ?? null
  if (at === null) return
  await useCases.advanceClock(caller, { to: at })
}

function newestOf({ store }: World, id: EnrollmentId): Change {
  const [newest] = [...store.tables.changes.at('enrollment', id)].toSorted((one, other) => other.id - one.id)
  if (newest === undefined) throw new Error('there is no change')
  return newest
}

async function cancelOpen({ useCases, caller, store }: World, id: EnrollmentId): Promise<void> {
  const open = openChange(store.tables, id)
  if (open === undefined) return
  await useCases.cancelChange(caller, { enrollmentId: id, changeId: open.id })
}

async function update(
  { useCases, caller }: World,
  id: EnrollmentId,
  settings: (before: EnrollmentSettings) => EnrollmentSettings,
): Promise<void> {
  await useCases.updateEnrollment(caller, id, {
    settings,
    schedule: NO_SCHEDULE,
    allowCancelPendingChanges: false,
    allowStagingBypass: false,
    forceRenewal: false,
    renewalDateCheckOverride: true,
    allowMissingCertificateAddition: false,
  })
}
