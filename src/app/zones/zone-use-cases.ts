import type { Dependencies } from '../dependencies.ts'
import type { UseCases } from '../use-cases.ts'
import {
  createRecordSets,
  deleteRecordSet,
  getRecordSet,
  listRecordSets,
  replaceRecordSets,
  updateRecordSet,
} from './record-sets.ts'
import { deleteZones, getZoneDeletion } from './zone-deletion.ts'
import { createZone, getZone, updateZone } from './zones.ts'

type ZoneUseCases = Pick<
  UseCases,
  | 'listZones'
  | 'getZone'
  | 'createZone'
  | 'updateZone'
  | 'deleteZones'
  | 'getZoneDeletion'
  | 'listRecordSets'
  | 'getRecordSet'
  | 'createRecordSets'
  | 'updateRecordSet'
  | 'deleteRecordSet'
  | 'replaceRecordSets'
  | 'zoneNameServers'
>

export const zoneUseCases = (deps: Dependencies): ZoneUseCases => ({
  listZones: ({ accountId }) => deps.store.read.dnsZones.list(accountId),
  getZone: (caller, name) => getZone(deps, caller, name),
  createZone: (caller, input) => createZone(deps, caller, input),
  updateZone: (caller, name, settings) => updateZone(deps, caller, name, settings),
  deleteZones: (caller, names) => deleteZones(deps, caller, names),
  getZoneDeletion: (caller, id) => getZoneDeletion(deps, caller, id),
  listRecordSets: (caller, zone) => listRecordSets(deps, caller, zone),
  getRecordSet: (caller, key) => getRecordSet(deps, caller, key),
  createRecordSets: (caller, zone, sets) => createRecordSets(deps, caller, zone, sets),
  updateRecordSet: (caller, zone, set) => updateRecordSet(deps, caller, zone, set),
  deleteRecordSet: (caller, key) => deleteRecordSet(deps, caller, key),
  replaceRecordSets: (caller, zone, sets) => replaceRecordSets(deps, caller, zone, sets),
  zoneNameServers: () => deps.zoneNameServers,
})
