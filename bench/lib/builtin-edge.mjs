import { readFileSync } from 'node:fs'
import { createEdgeNetwork } from '../../dist/edge/builtin/edge-network.js'

/** The built-in edge alone in a process of its own: argument 1 is the file of what it serves. Prints its port when it answers. */
const { rootPem, settings, leaves } = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const log = {
  debug: () => {},
  warn: (facts, text) => process.stderr.write(`${text} ${JSON.stringify(facts)}\n`),
}
const network = await createEdgeNetwork({
  network: 'production',
  listen: { hosts: ['127.0.0.1'], port: 0 },
  log,
})
for (const [index, { certificatePem, privateKey }] of leaves.entries())
  network.put({
    id: `d${index}`,
    network: 'production',
    accountId: 'A-BENCH',
    enrollmentId: index + 1,
    changeId: index + 1,
    servedNames: [leaves[index].name],
    settings,
    certificates: [
      {
        keyAlgorithm: 'ECDSA',
        certificatePem,
        chainPem: rootPem,
        serialNumber: String(index),
        staple: null,
        // As sealed keys are opened: a copy that the caller may wipe.
        privateKey: () => Buffer.from(privateKey, 'base64'),
      },
    ],
  })
network.assign(new Map(leaves.map(({ name }, index) => [name, `d${index}`])))
process.stdout.write(`${network.addresses[0].port}\n`)
process.once('SIGTERM', () => network.close().then(() => process.exit(0)))
