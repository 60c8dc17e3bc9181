import { connect as connectTls, type TLSSocket } from 'node:tls'
import { once } from 'node:events'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { getJson, handshake, opensslClient } from '../../../test/support/edge-client.ts'
import { startEdge, type EdgeFixture } from '../../../test/support/edge-fixture.ts'
import { allNamesOf, issueGeneration } from '../../../test/support/edge-generation.ts'
import { makeTestAuthority, type TestAuthority } from '../../../test/support/self-signed.ts'
import type { EdgeGeneration } from '../../ports/edge.ts'

const ANY = { hosts: ['127.0.0.1'], port: 0 }

let authority: TestAuthority
let edge: EdgeFixture
const open: TLSSocket[] = []

beforeAll(async () => {
  authority = await makeTestAuthority()
})
beforeEach(async () => {
  edge = await startEdge({
    slots: [
      { ...ANY, name: 'old.example' },
      { ...ANY, name: 'strict.example' },
    ],
  })
})
afterEach(async () => {
  for (const tls of open.splice(0)) tls.destroy()
  await edge.network.close()
})

async function serve(sniOnly: boolean, ...names: string[]): Promise<EdgeGeneration> {
  const generation = await issueGeneration(authority, names, 'staging', { sniOnly })
  edge.network.put(generation)
  edge.network.assign(allNamesOf(generation))
  return generation
}

const slotOf = (name: string) => {
  const found = edge.network.slots.find((slot) => slot.name === name)
  if (found === undefined) throw new Error(`no slot for ${name}`)
  return { host: found.host, port: found.port }
}

async function withoutName(name: string): Promise<TLSSocket> {
  const tls = connectTls({ ...slotOf(name), rejectUnauthorized: false })
  await once(tls, 'secureConnect')
  tls.on('error', () => {})
  open.push(tls)
  return tls
}

const serialSeen = (tls: TLSSocket): string => tls.getPeerCertificate().serialNumber.toLowerCase()
const refusal = { code: 'ERR_SSL_TLSV1_UNRECOGNIZED_NAME' }

describe('a listener that is kept for a name', () => {
  it('answers who says no name with what answers that name, and with the next generation of it', async () => {
    const first = await serve(false, 'old.example', 'www.old.example')
    expect(serialSeen(await withoutName('old.example'))).toBe(first.certificates[0]?.serialNumber)
    const second = await serve(false, 'old.example')
    expect(serialSeen(await withoutName('old.example'))).toBe(second.certificates[0]?.serialNumber)
  })

  it('lets such a client ask for every name of the deployment, and for no other one', async () => {
    await serve(false, 'old.example', '*.old.example')
    await serve(true, 'other.example')
    const tls = await withoutName('old.example')
    const statuses = []
    for (const host of ['old.example', 'www.old.example', 'a.b.old.example', 'other.example'])
      statuses.push((await getJson(tls, host)).status)
    expect(statuses).toEqual([200, 200, 421, 421])
  })

  it('answers nobody where SNI was promised, where nothing answers the name, and on the common listener', async () => {
    await serve(true, 'strict.example')
    await expect(withoutName('strict.example')).rejects.toMatchObject(refusal)
    await expect(withoutName('old.example')).rejects.toMatchObject(refusal)
    await serve(false, 'old.example')
    expect(await opensslClient(edge.address, ['-noservername'])).toMatch(/SSL alert number 112/)
  })

  it('answers a name that is said as every other listener does', async () => {
    await serve(false, 'old.example')
    const other = await serve(true, 'other.example')
    const tls = await handshake(slotOf('old.example'), 'other.example')
    open.push(tls)
    expect(serialSeen(tls)).toBe(other.certificates[0]?.serialNumber)
    await expect(handshake(slotOf('old.example'), 'nobody.example')).rejects.toMatchObject(refusal)
  })
})

it('takes no address twice: then the whole network does not start, and leaves nothing bound', async () => {
  const taken = slotOf('old.example')
  await expect(
    startEdge({
      slots: [
        { ...ANY, name: 'a.example' },
        { hosts: [taken.host], port: taken.port, name: 'b.example' },
      ],
    }),
  ).rejects.toMatchObject({ code: 'EADDRINUSE' })
})
