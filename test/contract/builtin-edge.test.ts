import { createProbe } from '../../src/edge/probe.ts'
import { startEdge } from '../support/edge-fixture.ts'
import { inProcessEdge } from '../support/in-process-edge.ts'
import { createNodeRandom } from '../support/node-random.ts'
import { describeEdgeContract, type EdgeUnderTest } from './edge-contract.ts'
import { describeSettingsContract } from './settings-contract.ts'

const start = async (): Promise<EdgeUnderTest> => {
  const { network } = await startEdge({ listen: { hosts: ['127.0.0.1', '127.0.0.2'], port: 0 } })
  const edge = inProcessEdge(network, createProbe({ random: createNodeRandom() }))
  return { edge, close: () => network.close() }
}

describeEdgeContract('built-in, on two addresses', start)
describeSettingsContract('built-in, on two addresses', start)
