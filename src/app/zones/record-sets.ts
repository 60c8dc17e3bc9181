import type { RecordType } from '../../domain/zones/record-data.ts'
import {
  isIndispensable,
  nextSerial,
  type RecordSet,
  typeBesideAlias,
  withSerial,
} from '../../domain/zones/record-set.ts'
import { heedsPlacements } from '../../domain/validation/policy.ts'
import { Problem } from '../../errors/problem.ts'
import type { ZoneRecord } from '../../ports/dns-zones.ts'
import type { Repositories } from '../../ports/store.ts'
import type { DueLook } from '../../ports/validations.ts'
import type { Dependencies } from '../dependencies.ts'
import { requireRoomForRecordSets } from '../quotas.ts'
import type { Caller } from '../views.ts'
import { awaitRest } from '../wait.ts'
import { changeZone, getZone } from './zones.ts'

/** Names canonical. */
export interface RecordSetKey {
  readonly zone: string
  readonly name: string
  readonly type: RecordType
}

/** By name and type. */
export async function listRecordSets(
  deps: Dependencies,
  caller: Caller,
  name: string,
): Promise<readonly RecordSet[]> {
  const zone = await getZone(deps, caller, name)
  return (await deps.store.read.dnsZones.recordSets(name)).map((set) => withSerial(set, zone.serial))
}

/** @throws Problem 'not-found' */
export async function getRecordSet(
  deps: Dependencies,
  caller: Caller,
  key: RecordSetKey,
): Promise<RecordSet> {
  const zone = await getZone(deps, caller, key.zone)
  const sets = await deps.store.read.dnsZones.recordSetsAt(key.zone, key.name)
  const found = sets.find(({ type }) => type === key.type)
  if (found === undefined) throw new Problem('not-found')
  return withSerial(found, zone.serial)
}

/** All of them or none. `sets` are right in themselves (domain: recordSetFaults). @throws Problem 'record-set-conflict' | 'quota-exceeded' */
export async function createRecordSets(
  deps: Dependencies,
  caller: Caller,
  zone: string,
  sets: readonly RecordSet[],
): Promise<void> {
  await changeRecords(deps, caller, zone, async (tx) => {
    const standing = await tx.dnsZones.recordSets(zone)
    const there = sets.find((set) => standing.some((other) => isSame(set, other)))
    if (there !== undefined) throw conflict(`${there.name} has a record set of type ${there.type} already.`)
    requireLonelyAliases([...standing, ...sets])
    const count = { standing: standing.length, wanted: standing.length + sets.length }
    requireRoomForRecordSets(deps, count)
    await tx.dnsZones.putRecordSets(zone, sets)
    return sets
  })
}

/** @throws Problem 'not-found' when there is none to update. */
export async function updateRecordSet(
  deps: Dependencies,
  caller: Caller,
  zone: string,
  set: RecordSet,
): Promise<RecordSet> {
  const changed = await changeRecords(deps, caller, zone, async (tx) => {
    const standing = await tx.dnsZones.recordSetsAt(zone, set.name)
    if (!standing.some((other) => isSame(set, other))) throw new Problem('not-found')
    await tx.dnsZones.putRecordSets(zone, [set])
    return [set]
  })
  return withSerial(set, changed.serial)
}

/** @throws Problem 'not-found' | 'record-set-conflict' */
export async function deleteRecordSet(
  deps: Dependencies,
  caller: Caller,
  { zone, ...key }: RecordSetKey,
): Promise<void> {
  await changeRecords(deps, caller, zone, async (tx) => {
    const standing = await tx.dnsZones.recordSetsAt(zone, key.name)
    if (!standing.some((other) => isSame(key, other))) throw new Problem('not-found')
    if (isIndispensable(key, zone)) throw conflict(`A zone keeps the ${key.type} of its apex.`)
    await tx.dnsZones.removeRecordSets(zone, [key])
    return []
  })
}

/** What the zone holds from now on, its SOA and NS among it. @throws Problem 'record-set-conflict' | 'quota-exceeded' */
export async function replaceRecordSets(
  deps: Dependencies,
  caller: Caller,
  zone: string,
  sets: readonly RecordSet[],
): Promise<void> {
  await changeRecords(deps, caller, zone, async (tx) => {
    if (sets.filter((set) => isIndispensable(set, zone)).length < 2)
      throw conflict('A zone keeps the SOA and the NS of its apex: the list must have both.')
    requireLonelyAliases(sets)
    const standing = await tx.dnsZones.recordSets(zone)
    requireRoomForRecordSets(deps, { standing: standing.length, wanted: sets.length })
    await tx.dnsZones.removeRecordSets(
      zone,
      standing.filter((set) => !sets.some((other) => isSame(set, other))),
    )
    await tx.dnsZones.putRecordSets(zone, sets)
    return sets
  })
}

/**
 * `change` answers what it wrote. Whoever places a challenge is answered when it has been looked for, like whoever acknowledges one: a client that looks at the
 * change next finds it at rest (the Terraform provider waits for domain validation, and does not take what is past it for its end).
 */
async function changeRecords(
  deps: Dependencies,
  caller: Caller,
  name: string,
  change: (tx: Repositories) => Promise<readonly RecordSet[]>,
): Promise<ZoneRecord> {
  let looks: readonly DueLook[] = []
  const zone = await changeZone(deps, caller, name, async (before, tx) => {
    const written = await change(tx)
    looks = await lookForPlaced(deps, tx, caller, written)
    return { ...before, serial: nextSerial(before.serial, written) }
  })
  await Promise.all(looks.map(({ changeId, revision }) => awaitRest(deps, changeId, { above: revision })))
  return zone
}

const CHALLENGE_LABEL = '_acme-challenge.'

/** RFC 8555 section 8.4. A challenge may also stand where an alias leads. */
async function lookForPlaced(
  { validationPolicy, clocks }: Dependencies,
  tx: Repositories,
  { accountId }: Caller,
  written: readonly RecordSet[],
): Promise<readonly DueLook[]> {
  const names = written
    .filter(({ name, type }) => name.startsWith(CHALLENGE_LABEL) && (type === 'TXT' || type === 'CNAME'))
    .map(({ name }) => name.slice(CHALLENGE_LABEL.length))
  if (names.length === 0 || !heedsPlacements(validationPolicy)) return []
  return tx.validations.lookAgain(accountId, names, clocks.lifecycle.now())
}

const isSame = (one: Pick<RecordSet, 'name' | 'type'>, other: Pick<RecordSet, 'name' | 'type'>): boolean =>
  one.name === other.name && one.type === other.type

function requireLonelyAliases(sets: readonly RecordSet[]): void {
  const typesAt = new Map<string, RecordType[]>()
  for (const { name, type } of sets) typesAt.set(name, [...(typesAt.get(name) ?? []), type])
  for (const [name, types] of typesAt) {
    const rival = typeBesideAlias(types)
    if (rival !== null)
      throw conflict(`${name} has a record set of type ${rival}, beside which no CNAME can stand.`)
  }
}

const conflict = (detail: string): Problem => new Problem('record-set-conflict', { detail })
