import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Edge, EdgeGeneration, Handshake } from '../../src/ports/edge.ts'
import { edgeCertificateOf, generationOf, issueGeneration } from '../support/edge-generation.ts'
import { makeTestAuthority, type TestAuthority } from '../support/self-signed.ts'

export interface EdgeUnderTest {
  readonly edge: Edge
  close(): Promise<void>
}

/** What every adapter of ports/edge.ts holds, whatever stands behind it. `start` gives an empty edge of staging. */
export function describeEdgeContract(adapter: string, start: () => Promise<EdgeUnderTest>): void {
  describe(`an edge: ${adapter}`, () => {
    const { signal } = new AbortController()
    let authority: TestAuthority
    let subject: EdgeUnderTest
    let edge: Edge

    beforeAll(async () => {
      authority = await makeTestAuthority()
    })
    beforeEach(async () => {
      subject = await start()
      edge = subject.edge
    })
    afterEach(() => subject.close())

    async function deployed(...names: string[]): Promise<EdgeGeneration> {
      const generation = await issueGeneration(authority, names)
      await edge.deploy(generation, signal)
      return generation
    }

    const serial = async (name: string): Promise<string> => (await edge.probe(name, signal)).serialNumber
    const serialOf = (generation: EdgeGeneration): string => generation.certificates[0]?.serialNumber ?? ''
    const unreachable = { code: 'edge-unreachable' }

    it('serves after deploy every name of the generation, with leaf and chain as given', async () => {
      const certificate = await authority.issue(['a.example', 'b.example'])
      const own = edgeCertificateOf(certificate, authority.intermediatePem)
      await edge.deploy(generationOf(['a.example', 'b.example'], [own]), signal)
      for (const name of ['a.example', 'b.example']) {
        const seen: Handshake = await edge.probe(name, signal)
        expect(seen).toMatchObject({
          serverName: name,
          serialNumber: certificate.serialNumber,
          fingerprint: certificate.fingerprint,
        })
        const sent = seen.certificates.map((der) => Buffer.from(der).toString('hex'))
        expect(sent).toEqual(
          [certificate.der, authority.intermediateDer].map((der) => Buffer.from(der).toString('hex')),
        )
      }
    })

    it('refuses a name that was never deployed', async () => {
      await deployed('a.example')
      await expect(edge.probe('nobody.example', signal)).rejects.toMatchObject(unreachable)
    })

    it('takes the same generation twice', async () => {
      const generation = await deployed('a.example')
      await edge.deploy(generation, signal)
      expect(await serial('a.example')).toBe(serialOf(generation))
    })

    it('serves the newer generation of a name from deploy on', async () => {
      await deployed('a.example')
      const newer = await deployed('a.example')
      expect(await serial('a.example')).toBe(serialOf(newer))
    })

    it('leaves the other names of an older generation where they are', async () => {
      const older = await deployed('a.example', 'b.example')
      const newer = await deployed('a.example')
      expect(await serial('a.example')).toBe(serialOf(newer))
      expect(await serial('b.example')).toBe(serialOf(older))
    })

    it('goes back when an older generation is deployed again', async () => {
      const older = await deployed('a.example')
      await deployed('a.example')
      await edge.deploy(older, signal)
      expect(await serial('a.example')).toBe(serialOf(older))
    })

    it('serves the exact name before the wildcard, and the wildcard for one label', async () => {
      const wildcard = await deployed('*.example.com')
      const exact = await deployed('www.example.com')
      expect(await serial('www.example.com')).toBe(serialOf(exact))
      expect(await serial('api.example.com')).toBe(serialOf(wildcard))
      expect(await serial('*.example.com')).toBe(serialOf(wildcard))
      await expect(edge.probe('a.b.example.com', signal)).rejects.toMatchObject(unreachable)
    })

    it('serves RSA and ECDSA on one name to a client that prefers ECDSA', async () => {
      const both = [
        await authority.issue(['d.example'], 'RSA'),
        await authority.issue(['d.example'], 'ECDSA'),
      ]
      await edge.deploy(
        generationOf(
          ['d.example'],
          both.map((certificate) => edgeCertificateOf(certificate, authority.intermediatePem)),
        ),
        signal,
      )
      expect(await serial('d.example')).toBe(both[1]?.serialNumber)
    })

    it('withdraws names, the wildcard taking over where there is one', async () => {
      const wildcard = await deployed('*.example.com')
      const exact = await deployed('www.example.com', 'b.example')
      await edge.withdraw(exact.id, exact.servedNames, signal)
      await edge.withdraw(exact.id, exact.servedNames, signal)
      expect(await serial('www.example.com')).toBe(serialOf(wildcard))
      await expect(edge.probe('b.example', signal)).rejects.toMatchObject(unreachable)
    })

    it('leaves a name alone when a generation is withdrawn that it no longer belongs to', async () => {
      const older = await deployed('a.example')
      const newer = await deployed('a.example')
      await edge.withdraw(older.id, older.servedNames, signal)
      expect(await serial('a.example')).toBe(serialOf(newer))
    })

    it('refuses a generation of the other network and goes on', async () => {
      const generation = await deployed('a.example')
      const foreign = await issueGeneration(authority, ['a.example'], 'production')
      await expect(edge.deploy(foreign, signal)).rejects.toThrow()
      expect(await serial('a.example')).toBe(serialOf(generation))
    })

    it('does nothing on an aborted signal', async () => {
      const generation = await deployed('a.example')
      const next = await issueGeneration(authority, ['a.example'])
      const reason = new Error('stopped')
      await expect(edge.deploy(next, AbortSignal.abort(reason))).rejects.toBe(reason)
      await expect(edge.withdraw(generation.id, ['a.example'], AbortSignal.abort(reason))).rejects.toBe(
        reason,
      )
      await expect(edge.probe('a.example', AbortSignal.abort(reason))).rejects.toBe(reason)
      expect(await serial('a.example')).toBe(serialOf(generation))
    })
  })
}
