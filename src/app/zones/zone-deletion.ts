import { Problem } from '../../errors/problem.ts'
import type { ZoneDeletion } from '../../ports/dns-zones.ts'
import type { Dependencies } from '../dependencies.ts'
import type { Caller } from '../views.ts'

/** Edge DNS API: bulk deletion. Done when the call answers; clients ask for the outcome by the id. Names canonical. */
export async function deleteZones(
  deps: Dependencies,
  { accountId }: Caller,
  names: readonly string[],
): Promise<ZoneDeletion> {
  const found = (await deps.store.read.dnsZones.list(accountId)).map((zone) => zone.name)
  const deletion: ZoneDeletion = {
    id: deps.random.uuid(),
    accountId,
    deleted: names.filter((name) => found.includes(name)),
    failed: names.filter((name) => !found.includes(name)).map((zone) => ({ zone, reason: 'ZONE_NOT_FOUND' })),
    realAt: deps.clocks.real.now(),
  }
  await deps.store.transaction(async (tx) => {
    for (const name of deletion.deleted) await tx.dnsZones.remove(accountId, name)
    await tx.dnsZones.insertDeletion(deletion)
  })
  return deletion
}

/** @throws Problem 'not-found' */
export async function getZoneDeletion(
  { store }: Dependencies,
  { accountId }: Caller,
  id: string,
): Promise<ZoneDeletion> {
  const deletion = await store.read.dnsZones.findDeletion(accountId, id)
  if (deletion === null) throw new Problem('not-found')
  return deletion
}
