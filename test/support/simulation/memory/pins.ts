import type { PinRecord, Pins } from '../../../../src/ports/pins.ts'
import type { Tables } from './tables.ts'

export const createMemoryPins = ({ pins }: Tables): Pins => ({
  of: async (id) => pins.get(id) ?? null,
  async put(record: PinRecord) {
    pins.set(record.enrollmentId, record)
  },
  async remove(id) {
    pins.delete(id)
  },
})
