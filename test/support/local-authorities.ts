import { type Hierarchies, loadHierarchies } from '../../src/authority/local/hierarchy.ts'
import type { AuthorityRecords } from '../../src/authority/local/records.ts'
import { createDataKey, createSecrets } from '../../src/custody/secrets.ts'
import type { Instant } from '../../src/domain/time.ts'
import type { Secrets } from '../../src/ports/secrets.ts'
import { createMemoryAuthorityRecords } from './memory-authority-records.ts'
import { createNodeRandom } from './node-random.ts'

export function createTestSecrets(): Secrets {
  const random = createNodeRandom()
  const keyEncryptionKey = random.bytes(32)
  return createSecrets({ keyEncryptionKey, dataKeys: [createDataKey(keyEncryptionKey, 1, random)], random })
}

export interface TestAuthorities {
  readonly records: AuthorityRecords
  readonly secrets: Secrets
  readonly hierarchies: Hierarchies
}

/** Fresh local authorities that began at `at`, kept in memory. */
export async function createTestAuthorities(at: Instant): Promise<TestAuthorities> {
  const records = createMemoryAuthorityRecords()
  const secrets = createTestSecrets()
  const clock = { now: () => at }
  const clocks = { lifecycle: clock, real: clock }
  const hierarchies = await loadHierarchies({ records, secrets, clocks, random: createNodeRandom() })
  return { records, secrets, hierarchies }
}
