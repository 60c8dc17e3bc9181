import type { ContractId } from '../../domain/identifiers.ts'
import { isServiceName } from '../../domain/enrollment/names.ts'
import { firstRecordSets } from '../../domain/zones/record-set.ts'
import { isWithin } from '../../domain/zones/owner-name.ts'
import { Problem } from '../../errors/problem.ts'
import type { ZoneRecord } from '../../ports/dns-zones.ts'
import type { Repositories } from '../../ports/store.ts'
import { requireContract } from '../create-enrollment.ts'
import type { Dependencies } from '../dependencies.ts'
import { requireRoomForZone } from '../quotas.ts'
import type { Caller } from '../views.ts'

/** What a keeper says of a zone. */
export type ZoneSettings = Pick<
  ZoneRecord,
  'comment' | 'endCustomerId' | 'signAndServe' | 'signAndServeAlgorithm'
>

export interface NewZone {
  /** Canonical. */
  readonly name: string
  readonly contractId: ContractId
  readonly settings: ZoneSettings
}

/** @throws Problem 'not-found' */
export async function getZone({ store }: Dependencies, caller: Caller, name: string): Promise<ZoneRecord> {
  const zone = await store.read.dnsZones.find(caller.accountId, name)
  if (zone === null) throw new Problem('not-found')
  return zone
}

/**
 * A zone begins with its SOA and NS, and is answered for from the moment of its commit. What another account enrolled or keeps is no ground for a zone, since whoever
 * answers for a name can have it validated.
 */
export async function createZone(deps: Dependencies, caller: Caller, input: NewZone): Promise<ZoneRecord> {
  await requireContract(deps, caller, input)
  requireOutsideService(deps, input.name)
  const zone: ZoneRecord = {
    name: input.name,
    accountId: caller.accountId,
    contractId: input.contractId,
    ...input.settings,
    serial: 1,
    ...modification(deps, caller),
  }
  await deps.store.transaction(async (tx) => {
    await requireFreeGround(tx, zone)
    await requireRoomForZone(tx, deps, zone.accountId)
    await tx.dnsZones.insert(zone, firstRecordSets(zone.name, deps.zoneNameServers))
  })
  return zone
}

export async function updateZone(
  deps: Dependencies,
  caller: Caller,
  name: string,
  settings: ZoneSettings,
): Promise<ZoneRecord> {
  return changeZone(deps, caller, name, async (zone) => ({ ...zone, ...settings }))
}

/** One change of a zone at a time; each has its own version. @throws Problem 'not-found' */
export async function changeZone(
  deps: Dependencies,
  caller: Caller,
  name: string,
  change: (zone: ZoneRecord, tx: Repositories) => Promise<ZoneRecord>,
): Promise<ZoneRecord> {
  return deps.store.transaction(async (tx) => {
    const zone = await tx.dnsZones.take(caller.accountId, name)
    if (zone === null) throw new Problem('not-found')
    const changed = { ...(await change(zone, tx)), ...modification(deps, caller) }
    await tx.dnsZones.save(changed)
    return changed
  })
}

const modification = ({ random, clocks }: Dependencies, caller: Caller) => ({
  versionId: random.uuid(),
  realModifiedAt: clocks.real.now(),
  modifiedBy: caller.clientName,
})

async function requireFreeGround(tx: Repositories, { accountId, name }: ZoneRecord): Promise<void> {
  const obstacle = await tx.dnsZones.claim(accountId, name)
  if (obstacle === 'another-account')
    throw new Problem('name-in-use', {
      detail: `The zone ${name} meets names or a zone of another account.`,
    })
  if (obstacle === 'zone') throw new Problem('zone-exists', { detail: `The zone ${name} exists.` })
}

/** Nobody keeps a zone in which the service's own names lie, or those that other accounts' challenges are delegated to. */
function requireOutsideService({ serviceNames, delegationZone }: Dependencies, name: string): void {
  const own = [...serviceNames, ...(delegationZone === null ? [] : [delegationZone])]
  if (
    isServiceName(name, serviceNames) ||
    own.some((each) => isWithin(each.toLowerCase(), name) || isWithin(name, each.toLowerCase()))
  )
    throw new Problem('validation-error', {
      detail: 'The zone cannot be taken as it is.',
      errors: [{ field: '/zone', detail: 'holds names of this service itself' }],
    })
}
