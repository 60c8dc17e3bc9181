import type { PinRecord, Pins } from '../../../../src/ports/pins.ts'
import { lookAtPlans } from './pauses.ts'
import type { Tables } from './tables.ts'

export const createMemoryPins = (tables: Tables): Pins => ({
  of: async (id) => tables.pins.get(id) ?? null,
  async put(record: PinRecord) {
    tables.pins.set(record.enrollmentId, record)
    lookAtPlans(tables, record)
  },
  async remove(id) {
    tables.pins.delete(id)
    lookAtPlans(tables, { accountId: null, enrollmentId: id })
  },
})
