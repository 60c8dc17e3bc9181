import { describe } from 'vitest'
import { hasHaproxy, placeholderPem, startHaproxy } from '../support/haproxy.ts'
import { driveHaproxy } from '../support/haproxy-network.ts'
import { makeTestAuthority } from '../support/self-signed.ts'
import { describeEdgeContract, type EdgeUnderTest } from './edge-contract.ts'
import { describeSettingsContract } from './settings-contract.ts'

describe.skipIf(!hasHaproxy)('HAProxy (skipped when the program haproxy is missing)', () => {
  const start = async (): Promise<EdgeUnderTest> => {
    const haproxy = await startHaproxy({ placeholderPem: await placeholderPem(await makeTestAuthority()) })
    const { edge } = driveHaproxy(haproxy)
    return { edge, close: () => haproxy.close() }
  }

  describeEdgeContract('HAProxy, through its runtime API', start)
  describeSettingsContract('HAProxy, through its runtime API', start)
})
