import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { createEdgeNetwork } from '../../dist/edge/builtin/edge-network.js'

/**
 * The built-in edge alone in a process of its own: argument 1 is the file of what it serves, a line each, argument 2 how many certificates are kept ready (none: as a
 * server does unasked). Prints its port when it answers.
 */
const [, , file, ready] = process.argv
const log = {
  debug: () => {},
  warn: (facts, text) => process.stderr.write(`${text} ${JSON.stringify(facts)}\n`),
}
const network = await createEdgeNetwork({
  network: 'production',
  listen: { hosts: ['127.0.0.1'], port: 0 },
  log,
  ...(ready && { contextLimit: Number(ready) }),
})
const names = new Map()
/** Each comes with a chain and settings of its own, as rows of a database do. */
for await (const line of createInterface(createReadStream(file))) {
  const { name, certificatePem, chainPem, settings, key } = JSON.parse(line)
  const [id, number] = [`d${names.size}`, names.size + 1]
  const sealed = Buffer.from(key, 'base64')
  network.put({
    id,
    network: 'production',
    accountId: 'A-BENCH',
    enrollmentId: number,
    changeId: number,
    servedNames: [name],
    settings,
    certificates: [
      {
        keyAlgorithm: 'ECDSA',
        certificatePem,
        chainPem,
        serialNumber: String(number),
        staple: null,
        // As sealed keys are opened: a copy that the caller may wipe.
        privateKey: () => Buffer.from(sealed),
      },
    ],
  })
  names.set(name, id)
}
network.assign(names)
process.stdout.write(`${network.addresses[0].port}\n`)
process.once('SIGTERM', () => network.close().then(() => process.exit(0)))
