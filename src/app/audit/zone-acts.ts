import type { RecordSet } from '../../domain/zones/record-set.ts'
import { type Acts, fresh, type Subject } from './act.ts'

const zone = (name: string): Subject => ({ kind: 'zone', name })

const keysOf = (sets: readonly Pick<RecordSet, 'name' | 'type'>[]): readonly string[] =>
  sets.map(({ name, type }) => `${name} ${type}`)

/** What is done to zones and record sets. */
export const ZONE_ACTS = {
  createZone: {
    action: 'create-zone',
    subject: ({ name }) => zone(name),
    detail: ({ contractId, settings }) => ({ contractId, ...settings }),
  },
  updateZone: {
    action: 'update-zone',
    subject: zone,
    detail: (_name, settings) => ({ ...settings }),
  },
  deleteZones: { action: 'delete-zones', subject: fresh, detail: (zones) => ({ zones }) },
  createRecordSets: {
    action: 'create-record-sets',
    subject: zone,
    detail: (_name, sets) => ({ recordSets: keysOf(sets) }),
  },
  updateRecordSet: {
    action: 'update-record-set',
    subject: zone,
    detail: (_name, set) => ({ recordSets: keysOf([set]) }),
  },
  deleteRecordSet: {
    action: 'delete-record-set',
    subject: (key) => zone(key.zone),
    detail: (key) => ({ recordSets: keysOf([key]) }),
  },
  replaceRecordSets: {
    action: 'replace-record-sets',
    subject: zone,
    detail: (_name, sets) => ({ count: sets.length }),
  },
  listZones: 'reads',
  getZone: 'reads',
  getZoneDeletion: 'reads',
  listRecordSets: 'reads',
  getRecordSet: 'reads',
  zoneNameServers: 'reads',
} satisfies Partial<Acts>
