import { UNRESTRICTED } from '../../../../src/domain/plan/maintenance.ts'
import { instant, type Instant } from '../../../../src/domain/time.ts'
import type { Comparisons } from '../../../../src/ports/comparisons.ts'
import type { FrozenContents } from '../../../../src/ports/frozen-contents.ts'
import type { Maintenances } from '../../../../src/ports/maintenances.ts'
import type { Repositories, Store } from '../../../../src/ports/store.ts'
import type { Vettings } from '../../../../src/ports/vetting.ts'
import { createMemoryCertificates, createMemoryUploads } from './certificates.ts'
import { createMemoryChanges, createMemoryEvents, type OnMove } from './changes.ts'
import { createMemoryDeployments } from './deployments.ts'
import { createMemoryEnrollments, createMemoryLifecycle } from './enrollments.ts'
import { createJournal } from './journal.ts'
import { createMemoryNameStandings } from './name-standings.ts'
import { createMemoryNotices, waitingNotices } from './notices.ts'
import { createMemoryOrderBudgets } from './order-budgets.ts'
import { createMemoryPauses } from './pauses.ts'
import { createMemoryPins } from './pins.ts'
import { createMemoryPlanLooks } from './plan-looks.ts'
import { createMemoryRenewals, plannedRenewals } from './renewals.ts'
import { createMemoryReportedKeys } from './reported-keys.ts'
import { altered, createTables, liveEnrollments, lookedAtOnce, sorted, type Tables } from './tables.ts'
import { createMemoryValidations, validationsOf } from './validations.ts'

export interface MemoryStore extends Store {
  /** For rules that look at everything. */
  readonly tables: Tables
  /** A line for each move of each change. */
  history(): readonly string[]
}

/**
 * What the store does for the lifecycle of one account, without a database, so that thousands of years can be lived. Kept honest by living next to PostgreSQL's:
 * both are asked the same, and answer the same (test/contract/memory-store.test.ts).
 */
export function createMemoryStore(onMove: OnMove): MemoryStore {
  const journal = createJournal()
  const tables = createTables(journal)
  const read = repositories(tables, onMove)
  const transaction: Store['transaction'] = (work) => journal.transaction(() => work(read))
  let ids = 10_000
  return {
    tables,
    read,
    transaction,
    nextIds: async (counters) =>
      Object.fromEntries(counters.map((counter) => [counter, (ids += 7)])) as Record<
        (typeof counters)[number],
        number
      >,
    withChangeLock: async (_id, work) => ({ held: true, value: await work({ read, transaction }) }),
    history: () =>
      [...tables.events.values()].map(({ at, enrollmentId, changeId, event, status, state }) =>
        [at, enrollmentId, changeId, event, status, state].join(' '),
      ),
  }
}

function repositories(tables: Tables, onMove: OnMove): Repositories {
  const lived: { readonly [Name in keyof Repositories]?: object } = {
    due: { earliest: async () => earliest(tables) },
    accounts: {
      contractOwner: async () => 'A-SANDBOX',
      find: async (id: string) => ({ id, name: id, switchKey: null }),
    },
    audit: { append: async () => {}, after: async () => [] },
    certificates: createMemoryCertificates(tables),
    dnsZones: { find: async () => null },
    changes: createMemoryChanges(tables, onMove),
    deployments: createMemoryDeployments(tables),
    enrollments: createMemoryEnrollments(tables),
    events: createMemoryEvents(tables),
    comparisons: comparisons(tables),
    frozenContents: frozenContents(tables),
    handshakes: {
      ofChange: async (id: Parameters<Tables['handshakes']['get']>[0]) => [
        ...tables.handshakes.at('change', id),
      ],
    },
    histories: {
      validationsOf: async (id: Parameters<Tables['enrollments']['get']>[0]) => validationsOf(tables, id),
    },
    lifecycle: createMemoryLifecycle(tables),
    maintenances: maintenances(tables),
    nameStandings: createMemoryNameStandings(tables),
    notices: createMemoryNotices(tables),
    orderBudgets: createMemoryOrderBudgets(tables),
    pauses: createMemoryPauses(tables),
    pins: createMemoryPins(tables),
    planLooks: createMemoryPlanLooks(tables),
    renewals: createMemoryRenewals(tables),
    reportedKeys: createMemoryReportedKeys(tables),
    uploads: createMemoryUploads(tables),
    validations: createMemoryValidations(tables),
    vettings: vettings(tables),
    wake: async () => {},
  }
  return new Proxy(lived, {
    get: (target, name) => Reflect.get(target, name) ?? absent(String(name)),
  }) as Repositories
}

/** What nobody lives through here may be held, but not used. */
const absent = (name: string): object =>
  new Proxy(
    {},
    {
      get(_, method) {
        throw new Error(`the simulation has no ${name}.${String(method)}`)
      },
    },
  )

function earliest(tables: Tables): Instant | null {
  let first = Number.POSITIVE_INFINITY
  for (const { nextAt } of tables.changes.at('due', true)) first = Math.min(first, nextAt ?? first)
  first = Math.min(
    first,
    plannedRenewals(tables)[0]?.renewAt ?? first,
    waitingNotices(tables)[0]?.dueAt ?? first,
    ...liveEnrollments(tables).map(({ planLook: { at } }) => at ?? Number.POSITIVE_INFINITY),
    ...liveEnrollments(tables).map(({ namesLookAt }) => namesLookAt ?? Number.POSITIVE_INFINITY),
  )
  return first === Number.POSITIVE_INFINITY ? null : instant(first)
}

const comparisons = ({ comparisons: kept }: Tables): Comparisons => ({
  async keep(record) {
    kept.set(record.deploymentId, record)
  },
  find: async (id) => kept.get(id) ?? null,
})

const frozenContents = ({ frozen }: Tables): FrozenContents => ({
  async keep(content) {
    if (frozen.get(content.changeId) === undefined) frozen.set(content.changeId, content)
  },
  async discard(id) {
    frozen.delete(id)
  },
  find: async (id) => frozen.get(id) ?? null,
})

const maintenances = (tables: Tables): Maintenances => ({
  of: async (account) => tables.maintenances.get(account) ?? UNRESTRICTED,
  async put(account, maintenance) {
    tables.maintenances.set(account, maintenance)
    for (const one of liveEnrollments(tables)) altered(tables, one.id, lookedAtOnce(one))
  },
})

const vettings = ({ vettings: records, organizations }: Tables): Partial<Vettings> => ({
  find: async (id) => records.get(id) ?? null,
  async begin(id, _account, dueAt) {
    const record = records.get(id) ?? { dueAt, decision: null, reason: null }
    records.set(id, record)
    return record
  },
  async decide(id, { approved, reason }) {
    const record = records.get(id)
    if (record === undefined || record.decision !== null) return false
    records.set(id, { ...record, decision: approved ? 'approved' : 'rejected', reason })
    return true
  },
  organization: async (_account, id) => [...organizations.values()].find((one) => one.id === id) ?? null,
  organizations: async () => sorted(organizations.values(), ({ id }) => id),
  organizationLike: async (account, identity) => organizations.get(`${account} ${identity}`) ?? null,
  async rememberOrganization(account, identity, organization, vettedUntil) {
    const before = organizations.get(`${account} ${identity}`)
    organizations.set(`${account} ${identity}`, {
      id: before?.id ?? organizations.size + 1,
      organization: before?.organization ?? organization,
      vettedUntil:
        before === undefined || before.vettedUntil < vettedUntil ? vettedUntil : before.vettedUntil,
    })
  },
})
