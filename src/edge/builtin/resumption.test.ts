import type { SecureVersion, TLSSocket } from 'node:tls'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { getJson, handshake, sessionFrom } from '../../../test/support/edge-client.ts'
import { startEdge, type EdgeFixture } from '../../../test/support/edge-fixture.ts'
import { allNamesOf, issueGeneration } from '../../../test/support/edge-generation.ts'
import { makeTestAuthority, type TestAuthority } from '../../../test/support/self-signed.ts'
import type { EdgeGeneration } from '../../ports/edge.ts'

let authority: TestAuthority
let edge: EdgeFixture

beforeAll(async () => {
  authority = await makeTestAuthority()
})
beforeEach(async () => {
  edge = await startEdge()
})
afterEach(() => edge.network.close())

async function serve(on: EdgeFixture, name: string): Promise<EdgeGeneration> {
  const generation = await issueGeneration(authority, [name], on.network.network)
  on.network.put(generation)
  on.network.assign(allNamesOf(generation))
  return generation
}

async function offer(
  on: EdgeFixture,
  name: string,
  version: SecureVersion,
  session: Buffer,
): Promise<boolean> {
  const tls: TLSSocket = await handshake(on.address, name, {
    minVersion: version,
    maxVersion: version,
    session,
  })
  expect((await getJson(tls, name)).status).toBe(200)
  const reused = tls.isSessionReused()
  tls.destroy()
  return reused
}

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('a session of %s', (version) => {
  it('is resumed by the generation that gave it', async () => {
    await serve(edge, 'a.example')
    const session = await sessionFrom(edge.address, 'a.example', version)
    expect(await offer(edge, 'a.example', version, session)).toBe(true)
  })

  it('is not resumed under another name', async () => {
    await serve(edge, 'a.example')
    await serve(edge, 'b.example')
    const session = await sessionFrom(edge.address, 'a.example', version)
    expect(await offer(edge, 'b.example', version, session)).toBe(false)
  })

  it('is not resumed by the next generation of its own name, so that the new certificate is seen', async () => {
    await serve(edge, 'a.example')
    const session = await sessionFrom(edge.address, 'a.example', version)
    await serve(edge, 'a.example')
    expect(await offer(edge, 'a.example', version, session)).toBe(false)
  })

  it('of staging is not resumed by production', async () => {
    const production = await startEdge({ network: 'production' })
    await serve(edge, 'a.example')
    await serve(production, 'a.example')
    const session = await sessionFrom(edge.address, 'a.example', version)
    expect(await offer(production, 'a.example', version, session)).toBe(false)
    await production.network.close()
  })
})
