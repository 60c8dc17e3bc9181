import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startEdge, type EdgeFixture } from '../../../test/support/edge-fixture.ts'
import {
  allNamesOf,
  edgeCertificateOf,
  generationOf,
  issueGeneration,
} from '../../../test/support/edge-generation.ts'
import { makeTestAuthority, type TestAuthority } from '../../../test/support/self-signed.ts'
import { createCertificateReader } from '../../pki/certificate-reader.ts'
import type { EdgeGeneration } from '../../ports/edge.ts'
import type { SteeredNetwork } from '../follow.ts'
import { createProbe } from '../probe.ts'
import { createProveCertificate } from '../prove-certificate.ts'
import { createTriedNetwork } from './tried-network.ts'

describe('a generation is tried on a listener of its own before clients meet it', () => {
  let authority: TestAuthority
  let fixtures: readonly [EdgeFixture, EdgeFixture]
  let tried: SteeredNetwork
  const probe = createProbe()
  const { split } = createCertificateReader()
  const serialOf = (generation: EdgeGeneration): string => generation.certificates[0]?.serialNumber ?? ''

  beforeEach(async () => {
    authority = await makeTestAuthority()
    fixtures = [await startEdge(), await startEdge()]
    const [{ network }, { network: candidate }] = fixtures
    tried = createTriedNetwork({ network, candidate, prove: createProveCertificate(probe, 5_000), split })
    // As a start does it: what is there is taken as it is.
    await tried.assign(new Map())
  })
  afterEach(async () => {
    for (const { network } of fixtures) await network.close()
  })

  const serve = async (generation: EdgeGeneration): Promise<void> => {
    tried.put(generation)
    await tried.assign(allNamesOf(generation))
  }
  const served = async (serverName: string): Promise<string> =>
    (await probe({ ...fixtures[0].address, serverName, timeoutMs: 5_000 })).serialNumber

  it('is asked for there, and nothing of it stays', async () => {
    const generation = await issueGeneration(authority, ['a.example', '*.b.example'])
    await serve(generation)
    expect(fixtures[1].built()).toBe(1)
    expect(fixtures[1].network.status()).toMatchObject({ generations: 0, names: 0 })
    expect(await served('a.example')).toBe(serialOf(generation))
  })

  it('is refused with what was seen where its key does not fit, and no client has met it', async () => {
    const before = await issueGeneration(authority, ['a.example'])
    await serve(before)
    const [one, other] = [await authority.issue(['a.example']), await authority.issue(['a.example'])]
    const misfit = {
      ...edgeCertificateOf(one, authority.intermediatePem),
      privateKey: () => other.privateKey,
      staple: null,
    }
    await expect(serve(generationOf(['a.example'], [misfit]))).rejects.toMatchObject({
      code: 'edge-unreachable',
      members: { seen: 'alert', alert: 'internal_error' },
    })
    expect(fixtures[0].ended('key-unusable')).toBe(0)
    expect(await served('a.example')).toBe(serialOf(before))
  })

  it('does not keep others that come with it', async () => {
    const misfit = {
      ...edgeCertificateOf(await authority.issue(['a.example']), ''),
      privateKey: () => Uint8Array.of(1),
      staple: null,
    }
    const [bad, good] = [
      generationOf(['a.example'], [misfit]),
      await issueGeneration(authority, ['b.example']),
    ]
    for (const generation of [bad, good]) tried.put(generation)
    await expect(tried.assign(new Map([...allNamesOf(bad), ...allNamesOf(good)]))).rejects.toThrow()
    expect(await served('b.example')).toBe(serialOf(good))
    await expect(served('a.example')).rejects.toMatchObject({ members: { alert: 'unrecognized_name' } })
  })

  it('is not tried again when it comes back', async () => {
    const [first, second] = [
      await issueGeneration(authority, ['a.example']),
      await issueGeneration(authority, ['a.example']),
    ]
    await serve(first)
    await serve(second)
    await tried.assign(allNamesOf(first))
    expect(fixtures[1].built()).toBe(2)
    expect(await served('a.example')).toBe(serialOf(first))
  })
})
