import { randomBytes, randomInt, randomUUID } from 'node:crypto'
import type { Random } from '../../src/ports/random.ts'

/** Real randomness, for tests that do not care. */
export const createNodeRandom = (): Random => ({
  bytes: (length) => randomBytes(length),
  uuid: () => randomUUID(),
  below: (limit) => randomInt(limit),
})
