import { createHash } from 'node:crypto'
import type { DeploymentId } from '../domain/identifiers.ts'

/** Two processes that answer every name with the same deployment have the same one. */
export function servingDigest(names: ReadonlyMap<string, DeploymentId>): string {
  const hash = createHash('sha256')
  for (const [name, id] of [...names].toSorted(([one], [other]) => (one < other ? -1 : 1)))
    hash.update(`${name} ${id}\n`)
  return hash.digest('hex')
}
