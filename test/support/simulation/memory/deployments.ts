import type { ChangeId, DeploymentId } from '../../../../src/domain/identifiers.ts'
import type { EnrollmentId } from '../../../../src/domain/identifiers.ts'
import type { Network } from '../../../../src/domain/network.ts'
import type { Instant } from '../../../../src/domain/time.ts'
import type { DeploymentRecord, Deployments, ProvenDeployment } from '../../../../src/ports/deployments.ts'
import type { WithdrawnDeployment } from '../../../../src/ports/enrollment-lifecycle.ts'
import { byText, sorted, type Tables } from './tables.ts'

const STANDING: readonly DeploymentRecord['state'][] = ['active', 'pending', 'replaced']

function required({ deployments }: Tables, id: DeploymentId): DeploymentRecord {
  const found = deployments.get(id)
  if (found === undefined) throw new Error(`the deployment ${id} never began`)
  return found
}

export function activate(tables: Tables, id: DeploymentId, at: Instant): void {
  const mine = required(tables, id)
  for (const other of [...tables.deployments.at('enrollment', mine.enrollmentId)]) {
    if (other.id === id || other.network !== mine.network) continue
    if (other.state === 'active') tables.deployments.set(other.id, { ...other, state: 'replaced' })
    for (const name of namesOf(tables, other))
      if (!mine.servedNames.includes(name)) tables.names.delete(`${mine.network} ${name}`)
  }
  tables.deployments.set(id, { ...mine, state: 'active', activatedAt: at })
  if (tables.proven.get(id) !== undefined) return
  const known = provenOf(tables, mine.enrollmentId, mine.network)
  tables.proven.set(id, (known[0]?.number ?? 0) + 1)
}

/** The newest first. */
function provenOf(tables: Tables, enrollment: EnrollmentId, network: Network): readonly ProvenDeployment[] {
  const proven = [...tables.deployments.at('enrollment', enrollment)].flatMap((deployment) => {
    const number = tables.proven.get(deployment.id)
    return number === undefined || deployment.network !== network ? [] : [{ number, deployment }]
  })
  return sorted(proven, ({ number }) => -number)
}

const namesOf = ({ names }: Tables, { id, network, servedNames }: DeploymentRecord): readonly string[] =>
  servedNames.filter((name) => names.get(`${network} ${name}`) === id)

function begin(tables: Tables, record: DeploymentRecord): DeploymentRecord {
  const stands = tables.deployments.get(record.id)
  const key = (name: string) => `${record.network} ${name}`
  if (stands === undefined || stands.state === 'failed' || stands.state === 'replaced') {
    const before = record.servedNames.map((name) => {
      const holder = tables.names.get(key(name)) ?? null
      return [name, holder === record.id ? null : holder] as const
    })
    // What it serves was written when it first began.
    tables.deployments.set(record.id, {
      ...(stands ?? record),
      state: 'pending',
      replaces: Object.fromEntries(before),
    })
  }
  for (const name of record.servedNames) tables.names.set(key(name), record.id)
  return required(tables, record.id)
}

function revert(tables: Tables, id: DeploymentId): void {
  const mine = required(tables, id)
  const key = (name: string) => `${mine.network} ${name}`
  tables.deployments.set(id, { ...mine, state: 'failed' })
  for (const name of namesOf(tables, mine)) {
    const before = mine.replaces[name]
    const stands = before ? tables.deployments.get(before) : undefined
    if (stands !== undefined && STANDING.includes(stands.state)) tables.names.set(key(name), stands.id)
    else tables.names.delete(key(name))
  }
  if (mine.state !== 'active') return
  const [former] = sorted(
    [...tables.deployments.at('enrollment', mine.enrollmentId)].filter(
      ({ network, state }) => network === mine.network && state === 'replaced',
    ),
    ({ activatedAt }) => -Number(activatedAt ?? 0),
    ({ changeId }) => -Number(changeId),
  )
  if (former === undefined) return
  tables.deployments.set(former.id, { ...former, state: 'active' })
  for (const name of former.servedNames)
    if (tables.names.get(key(name)) === undefined) tables.names.set(key(name), former.id)
}

export function withdraw(tables: Tables, enrollment: EnrollmentId): readonly WithdrawnDeployment[] {
  for (const one of [...tables.deployments.at('enrollment', enrollment)]) {
    if (one.state !== 'active' && one.state !== 'pending') continue
    for (const name of namesOf(tables, one)) tables.names.delete(`${one.network} ${name}`)
    tables.deployments.set(one.id, { ...one, state: 'withdrawn' })
  }
  const gone = [...tables.deployments.at('enrollment', enrollment)].filter(
    ({ state }) => state === 'withdrawn',
  )
  return byText(gone, ({ id }) => id).map(({ id, network, servedNames, certificateIds }) => ({
    id,
    network,
    names: servedNames,
    certificateIds,
  }))
}

export function createMemoryDeployments(tables: Tables): Deployments {
  const ofChange = (id: ChangeId, network: Network): readonly DeploymentRecord[] =>
    sorted(
      [...tables.deployments.at('change', id)].filter((one) => one.network === network),
      ({ generation }) => -Number(generation),
    )
  return {
    find: async (id, network) => ofChange(id, network)[0] ?? null,
    ofChange: async (id, network) => ofChange(id, network),
    proven: async (id, network) => provenOf(tables, id, network),
    // One account lives here: no other one claims a name.
    async namesOfOthers(id) {
      const mine = tables.deployments.get(id)
      const isOfAnother = (name: string): boolean => {
        const holder = tables.names.get(`${mine?.network} ${name}`)
        return holder !== undefined && tables.deployments.get(holder)?.enrollmentId !== mine?.enrollmentId
      }
      return byText(new Set(mine?.servedNames.filter(isOfAnother)), (name) => name)
    },
    byIds: async (ids) =>
      byText(
        ids.map((id) => tables.deployments.get(id)).filter((one) => one !== undefined),
        ({ id }) => id,
      ),
    active: async (id) =>
      [...tables.deployments.at('enrollment', id)].filter(({ state }) => state === 'active'),
    activeOfAccount: async (account) =>
      [...tables.deployments.values()]
        .filter(({ accountId, state }) => accountId === account && state === 'active')
        .map(({ enrollmentId, network }) => ({ enrollmentId, network })),
    answering: async (network, name) => tables.names.get(`${network} ${name}`) ?? null,
    begin: async (record) => begin(tables, record),
    async activate(id, at) {
      activate(tables, id, at)
    },
    async revert(id) {
      revert(tables, id)
    },
  }
}
