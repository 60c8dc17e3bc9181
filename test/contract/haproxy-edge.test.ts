import { describe } from 'vitest'
import { hasHaproxy, placeholderPem, startHaproxy } from '../support/haproxy.ts'
import { driveHaproxy } from '../support/haproxy-network.ts'
import { makeTestAuthority } from '../support/self-signed.ts'
import { describeEdgeContract } from './edge-contract.ts'

describe.skipIf(!hasHaproxy)('HAProxy (skipped when the program haproxy is missing)', () => {
  describeEdgeContract('HAProxy, through its runtime API', async () => {
    const haproxy = await startHaproxy({ placeholderPem: await placeholderPem(await makeTestAuthority()) })
    const { edge } = driveHaproxy(haproxy)
    return { edge, close: () => haproxy.close() }
  })
})
