import { createPrivateKey } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import type { ConnectionOptions } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { NetworkConfiguration } from '../../src/domain/enrollment/enrollment.ts'
import { accountId } from '../../src/domain/identifiers.ts'
import type { EdgeGeneration } from '../../src/ports/edge.ts'
import { getJson, handshake, opensslClient, sessionFrom } from '../support/edge-client.ts'
import { allNamesOf, issueGeneration } from '../support/edge-generation.ts'
import { hasHaproxy, placeholderPem, startHaproxy, type TestHaproxy } from '../support/haproxy.ts'
import { at } from '../support/haproxy-fleet.ts'
import { driveHaproxy, type HaproxyUnderTest } from '../support/haproxy-network.ts'
import { makeTestAuthority, type TestAuthority } from '../support/self-signed.ts'
import { watchWithoutGaps } from '../support/watch-production.ts'

const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const
type Version = (typeof VERSIONS)[number]
const only = (version: Version): ConnectionOptions => ({ minVersion: version, maxVersion: version })
const KEY = (setId: string) => ({ accountId: accountId('test-account'), setId })
const mutual = (setId: string, sendCaListToClient = false): Partial<NetworkConfiguration> => ({
  clientMutualAuthentication: {
    setId,
    authenticationOptions: { sendCaListToClient, ocsp: { enabled: false } },
  },
})

const client = async (authority: TestAuthority): Promise<ConnectionOptions> => {
  const certificate = await authority.issue(['client.example'])
  const key = createPrivateKey({ key: Buffer.from(certificate.privateKey), format: 'der', type: 'sec1' })
  return {
    cert: `${certificate.certificatePem}\n${authority.intermediatePem}`,
    key: key.export({ type: 'sec1', format: 'pem' }),
  }
}

describe.skipIf(!hasHaproxy)(
  'client certificates on HAProxy (skipped when the program haproxy is missing)',
  () => {
    let site: TestAuthority
    let ours: TestAuthority
    let theirs: TestAuthority
    let haproxy: TestHaproxy
    let driven: HaproxyUnderTest
    const certificates = new Map<TestAuthority | null, ConnectionOptions>([[null, {}]])

    beforeAll(async () => {
      ;[site, ours, theirs] = await Promise.all([
        makeTestAuthority(),
        makeTestAuthority(),
        makeTestAuthority(),
      ])
      for (const authority of [ours, theirs]) certificates.set(authority, await client(authority))
      // Tickets on the public bind: the worst that a configuration can do to the other one.
      haproxy = await startHaproxy({ placeholderPem: await placeholderPem(site), hasTickets: true })
      driven = driveHaproxy(haproxy)
    })
    afterAll(() => haproxy.close())

    const trust = (setId: string, revision: number, authority: TestAuthority) =>
      driven.network.trust(KEY(setId), { ...KEY(setId), revision, certificates: [authority.rootPem] })

    async function serve(
      names: readonly string[],
      settings: Partial<NetworkConfiguration>,
    ): Promise<EdgeGeneration> {
      const generation = await issueGeneration(site, names, 'staging', settings)
      driven.network.put(generation)
      await driven.network.assign(allNamesOf(generation))
      return generation
    }

    /** Null: no answer came through. */
    async function entering(name: string, options: ConnectionOptions): Promise<string | null> {
      try {
        const tls = await handshake(haproxy.address, name, options)
        const { body } = await getJson(tls, name)
        const reused = tls.isSessionReused()
        tls.destroy()
        return reused ? `${body}, resumed` : body
      } catch {
        return null
      }
    }
    const as = (authority: TestAuthority | null): ConnectionOptions => certificates.get(authority) ?? {}

    it.each(VERSIONS)(
      'lets in whose certificate leads to the set, and nobody else, in %s',
      async (version) => {
        await trust('1', 1, ours)
        await serve(['m.example'], mutual('1'))
        expect(await entering('m.example', { ...only(version), ...as(ours) })).toBe('mutual')
        expect(await entering('m.example', { ...only(version), ...as(theirs) })).toBeNull()
        expect(await entering('m.example', only(version))).toBeNull()
      },
    )

    it('tells its authorities only where it shall (sendCaListToClient)', async () => {
      await trust('1', 1, ours)
      await serve(['told.example'], mutual('1', true))
      await serve(['kept.example'], mutual('1', false))
      expect(await opensslClient(haproxy.address, ['-servername', 'told.example'])).toMatch(
        /Acceptable client certificate CA names\n.*Test root/,
      )
      expect(await opensslClient(haproxy.address, ['-servername', 'kept.example'])).toContain(
        'No client certificate CA names sent',
      )
    })

    it('moves to another revision and back without a gap, and leaves no file of the old one', async () => {
      await trust('1', 1, ours)
      const { certificates: served } = await serve(['r.example'], mutual('1'))
      const watch = watchWithoutGaps(at(haproxy.address), 'r.example', 5)
      await trust('1', 2, theirs)
      expect(await entering('r.example', as(ours))).toBeNull()
      expect(await entering('r.example', as(theirs))).toBe('mutual')
      await trust('1', 3, ours)
      expect(await entering('r.example', as(ours))).toBe('mutual')
      expect(await entering('r.example', as(theirs))).toBeNull()
      expect(await watch.end()).toHaveLength(1)
      expect(served).toHaveLength(1)
      await driven.network.assign(new Map(), 'all')
      expect(await readdir(haproxy.places.trust)).toHaveLength(1)
      expect((await haproxy.ask('show ssl ca-file')).match(/\/trust\//g)).toHaveLength(1)
    })

    it('takes a name from open to guarded and back without a gap, and through a kill of HAProxy', async () => {
      await trust('1', 1, ours)
      const open = await serve(['s.example'], {})
      expect(await entering('s.example', {})).toBe('public')
      const watch = watchWithoutGaps(at(haproxy.address), 's.example', 5)
      const guarded = await serve(['s.example'], mutual('1'))
      expect(await entering('s.example', {})).toBeNull()
      expect(await entering('s.example', as(ours))).toBe('mutual')
      const seen = await watch.end()
      expect(seen).toHaveLength(2)
      await haproxy.kill()
      await haproxy.start()
      expect(await entering('s.example', {})).toBeNull()
      expect(await entering('s.example', as(ours))).toBe('mutual')
      driven.network.put(open)
      await driven.network.assign(allNamesOf(open), 'all')
      expect(await entering('s.example', {})).toBe('public')
      expect(await readFile(haproxy.places.map, 'utf8')).not.toContain('s.example')
      expect(guarded.id).not.toBe(open.id)
    })

    it('guards a wildcard, and not the open name below it', async () => {
      await trust('1', 1, ours)
      await serve(['open.w.example'], {})
      await serve(['*.w.example'], mutual('1'))
      expect(await entering('open.w.example', {})).toBe('public')
      expect(await entering('any.w.example', {})).toBeNull()
      expect(await entering('any.w.example', as(ours))).toBe('mutual')
      await serve(['late.w.example'], {})
      expect(await entering('late.w.example', {})).toBe('public')
      await haproxy.reload()
      expect(await entering('late.w.example', {})).toBe('public')
      expect(await entering('any.w.example', {})).toBeNull()
    })

    it('serves nothing without them: where the set was not read, and where HAProxy has no bind for it', async () => {
      await expect(serve(['x.example'], mutual('never-read'))).rejects.toMatchObject({
        code: 'edge-unreachable',
      })
      await expect(handshake(haproxy.address, 'x.example')).rejects.toThrow()
      const single = await startHaproxy({ placeholderPem: await placeholderPem(site), isSingleBind: true })
      try {
        const { network } = driveHaproxy(single)
        await network.trust(KEY('1'), { ...KEY('1'), revision: 1, certificates: [ours.rootPem] })
        const generation = await issueGeneration(site, ['x.example'], 'staging', mutual('1'))
        network.put(generation)
        await expect(network.assign(allNamesOf(generation))).rejects.toMatchObject({
          members: { seen: 'no-mutual-bind' },
        })
        await expect(handshake(single.address, 'x.example')).rejects.toThrow()
      } finally {
        await single.close()
      }
    })

    it('is open to everybody where the account has no such set', async () => {
      await driven.network.trust(KEY('gone'), null)
      await serve(['gone.example'], mutual('gone'))
      expect(await entering('gone.example', {})).toBe('public')
    })

    /** CVE-2025-23419 and its kind. Each ordered pair, in both versions. */
    describe('a session never opens a name that demands client certificates', () => {
      const OWNERS = (): Readonly<Record<string, TestAuthority | null>> => ({
        'plain.example': null,
        'one.example': ours,
        'same.example': ours,
        'other.example': theirs,
      })
      beforeAll(async () => {
        await trust('1', 1, ours)
        await trust('2', 1, theirs)
        await serve(['plain.example'], {})
        await serve(['one.example'], mutual('1'))
        await serve(['same.example'], mutual('1', true))
        await serve(['other.example'], mutual('2'))
      })

      const names = ['plain.example', 'one.example', 'same.example', 'other.example']
      const pairs = names.flatMap((from) =>
        names
          .filter((to) => to !== 'plain.example')
          .flatMap((to) => VERSIONS.map((version) => [from, to, version] as const)),
      )
      it.each(pairs)('from %s to %s, %s', async (from, to, version) => {
        const [holder, owner] = [OWNERS()[from] ?? null, OWNERS()[to] ?? null]
        const options = { ...only(version), ...as(holder) }
        // The guarded bind gives none in TLS 1.3, and an id that nobody knows in TLS 1.2.
        const session =
          from === 'plain.example' || version === 'TLSv1.2'
            ? await sessionFrom(haproxy.address, from, version, options)
            : null
        if (session === null) {
          expect(await entering(from, options)).toBe('mutual')
          return
        }
        expect(await entering(to, { ...only(version), session })).toBeNull()
        expect(await entering(to, { ...only(version), session, ...as(owner) })).toBe('mutual')
      })
    })
  },
)
