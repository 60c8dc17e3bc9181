import { randomBytes, randomInt, randomUUID } from 'node:crypto'
import type { Random } from '../ports/random.ts'

/** The operating system's cryptographically strong randomness. */
export const systemRandom = (): Random => ({
  bytes: (length) => new Uint8Array(randomBytes(length)),
  uuid: () => randomUUID(),
  below: (limit) => randomInt(limit),
})
