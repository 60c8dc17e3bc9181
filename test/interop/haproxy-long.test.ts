import { X509Certificate } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { accountId } from '../../src/domain/identifiers.ts'
import type { HaproxyNetworkOptions } from '../../src/edge/haproxy/haproxy-network.ts'
import { createMasterReload } from '../../src/edge/haproxy/reload.ts'
import { LONG_STEPS, type Step, STEPS } from '../../src/edge/haproxy/runtime-list.ts'
import { createRuntimeSocket } from '../../src/edge/haproxy/runtime-socket.ts'
import { createProbe } from '../../src/edge/probe.ts'
import { createReloadHook } from '../../src/edge/reload-hook.ts'
import type { EdgeGeneration } from '../../src/ports/edge.ts'
import { handshake } from '../support/edge-client.ts'
import { allNamesOf, edgeCertificateOf, generationOf, issueGeneration } from '../support/edge-generation.ts'
import { hasHaproxy, placeholderPem, startHaproxy, type TestHaproxy } from '../support/haproxy.ts'
import { driveHaproxy, type HaproxyUnderTest } from '../support/haproxy-network.ts'
import { sampled } from '../support/sampled.ts'
import { makeTestAuthority, type TestAuthority } from '../support/self-signed.ts'
import { watchWithoutGaps } from '../support/watch-production.ts'

const { signal } = new AbortController()
const probe = createProbe()
const NAME = 'a.example'
/** Certificate, RSA key and chain are more than HAProxy's 16,384 octets; the line of these names is less. */
const NAMES = [
  NAME,
  ...Array.from({ length: 99 }, (_, index) => `${'n'.repeat(60)}.${'m'.repeat(40)}${index}.example`),
]
/** Nothing of these comes for a certificate that came by file: it is set and committed by nobody. */
const PASSED: readonly Step[] = [
  ...STEPS.filter((step) => !['routed', 'set', 'committed'].includes(step)),
  ...LONG_STEPS,
]

describe.skipIf(!hasHaproxy)(
  'what does not fit the buffer of HAProxy (skipped when the program haproxy is missing)',
  () => {
    let authority: TestAuthority
    let chain = ''
    let haproxy: TestHaproxy
    let reloads = 0

    beforeAll(async () => {
      authority = await makeTestAuthority()
      const others = await Promise.all(Array.from({ length: 4 }, makeTestAuthority))
      chain = [authority, ...others].map(({ intermediatePem }) => intermediatePem).join('\n')
    })
    beforeEach(async () => {
      reloads = 0
      haproxy = await startHaproxy({ placeholderPem: await placeholderPem(authority) })
    })
    afterEach(() => haproxy.close())

    const serialOf = (generation: EdgeGeneration): string => generation.certificates[0]?.serialNumber ?? ''
    const serving = async (serverName: string): Promise<string> =>
      (await probe({ ...haproxy.address, serverName, timeoutMs: 5_000 })).serialNumber

    async function long(): Promise<EdgeGeneration> {
      const certificate = await authority.issue(NAMES, 'RSA')
      return generationOf(NAMES, [edgeCertificateOf(certificate, chain)])
    }
    const short = () => issueGeneration(authority, [NAME])

    function drive(options: Partial<HaproxyNetworkOptions> = {}): HaproxyUnderTest {
      const master = createRuntimeSocket(haproxy.masterPath, { timeoutMs: 10_000, endsInput: true })
      const ask = createMasterReload(master, (milliseconds) => delay(milliseconds).then(() => {}))
      return driveHaproxy(haproxy, {
        async reload() {
          reloads++
          await ask()
        },
        ...options,
      })
    }

    /** Everything that a client was told meanwhile, by serial number. */
    async function seenDuring(work: () => Promise<unknown>, generations: readonly EdgeGeneration[]) {
      const watch = watchWithoutGaps(`${haproxy.address.host}:${haproxy.address.port}`, NAME, 5)
      let seen: readonly string[] = []
      try {
        await work()
      } finally {
        seen = await watch.end()
      }
      const known = generations.map(fingerprintOf)
      return seen.map((fingerprint) => known.indexOf(fingerprint))
    }
    const fingerprintOf = (generation: EdgeGeneration): string =>
      new X509Certificate(generation.certificates[0]?.certificatePem ?? '').fingerprint256

    const expectTidy = async (): Promise<void> => {
      const { candidate, public: places, placeholder } = haproxy.places
      expect(await readFile(candidate.list, 'utf8')).toBe(`${placeholder}\n`)
      expect(await readdir(candidate.folder)).toEqual([])
      expect(await readdir(places.folder)).toHaveLength(1)
      expect(await haproxy.ask(`show ssl crt-list ${candidate.list}`)).not.toContain('10001')
      expect((await haproxy.ask('show ssl cert')).match(/\/10001-/g)).toHaveLength(1)
    }

    it('comes by file and one reload, a renewal too, and the names are served all along', async () => {
      const { edge } = drive()
      const generations = [await short(), await long(), await long(), await short()]
      const [first, second, third, last] = generations as [
        EdgeGeneration,
        EdgeGeneration,
        EdgeGeneration,
        EdgeGeneration,
      ]
      await edge.deploy(first, signal)
      expect(reloads).toBe(0)
      expect(await seenDuring(() => edge.deploy(second, signal), generations)).toEqual([0, 1])
      expect(reloads).toBe(1)
      expect(
        (await probe({ ...haproxy.address, serverName: NAMES[99] ?? '', timeoutMs: 5_000 })).certificates,
      ).toHaveLength(6)
      await expectTidy()
      expect(await seenDuring(() => edge.deploy(third, signal), generations)).toEqual([1, 2])
      expect(reloads).toBe(2)
      await expectTidy()
      await haproxy.reload()
      expect(await serving(NAME)).toBe(serialOf(third))
      await edge.deploy(last, signal)
      expect(await serving(NAME)).toBe(serialOf(last))
      expect(await serving(NAMES[99] ?? '')).toBe(serialOf(third))
    })

    it('is back when clients see something else, within seconds', async () => {
      const first = await long()
      let isLying = false
      const { edge } = drive({
        probe: async (wished) => {
          if (isLying && wished.port === haproxy.address.port) throw new Error('somebody else answered')
          return probe(wished)
        },
      })
      await edge.deploy(first, signal)
      isLying = true
      await expect(edge.deploy(await long(), signal)).rejects.toMatchObject({ code: 'edge-unreachable' })
      expect(await serving(NAME)).toBe(serialOf(first))
    })

    it('is refused where HAProxy cannot load its files, and nothing of it stays on disk', async () => {
      const { edge } = drive()
      const first = await short()
      await edge.deploy(first, signal)
      const configuration = join(haproxy.folder, 'haproxy.cfg')
      const text = await readFile(configuration, 'utf8')
      await writeFile(configuration, `${text}\nnot a section\n`)
      await expect(edge.deploy(await long(), signal)).rejects.toMatchObject({
        code: 'edge-unreachable',
        members: { seen: 'reload-failed' },
      })
      await writeFile(configuration, text)
      expect(await serving(NAME)).toBe(serialOf(first))
      await expectTidy()
      await haproxy.kill()
      await haproxy.start()
      expect(await serving(NAME)).toBe(serialOf(first))
    })

    it('is asked for by a command as well, whose exit code counts', async () => {
      const master = (await readFile(`/proc/${await haproxy.workerPid()}/stat`, 'utf8')).split(' ')[3]
      const hook = (command: string) =>
        createReloadHook({ command, environment: process.env, timeoutMs: 10_000 })
      const generation = await long()
      const refusing = drive({ reload: () => hook('echo not today; exit 3')({}) })
      await expect(refusing.edge.deploy(generation, signal)).rejects.toMatchObject({
        detail: 'The reload command ended with 3: not today',
      })
      const { edge } = drive({ reload: () => hook(`kill -USR2 ${master}`)({}) })
      await edge.deploy(generation, signal)
      expect(await serving(NAME)).toBe(serialOf(generation))
    })

    it.each(sampled(PASSED, 2))(
      'serves the last proven generation through a reload after: %s',
      async (step) => {
        const before = await long()
        let isArmed = false
        const { edge } = drive({
          async afterStep(done) {
            if (!isArmed || done !== step) return
            isArmed = false
            await haproxy.reload()
          },
        })
        await edge.deploy(before, signal)
        isArmed = true
        const after = await long()
        const seen = await seenDuring(() => edge.deploy(after, signal), [before, after])
        expect(seen.includes(-1)).toBe(false)
        expect(isArmed).toBe(false)
        expect(await serving(NAME)).toBe(serialOf(after))
      },
    )

    it.each(sampled(PASSED, 2))('is taken over where a driver was killed after: %s', async (step) => {
      const [before, after] = [await long(), await long()]
      await drive().edge.deploy(before, signal)
      const seen = await seenDuring(async () => {
        await new Promise<void>((resolve) => {
          const dead = drive({
            withLock: (work) => work(),
            afterStep: (done) => (done === step ? (resolve(), new Promise<void>(() => {})) : undefined),
          })
          dead.network.put(before)
          dead.network.put(after)
          void dead.network.assign(allNamesOf(after))
        })
        const next = drive()
        next.network.put(after)
        await next.network.assign(allNamesOf(after), 'all')
      }, [before, after])
      expect(seen.includes(-1)).toBe(false)
      expect(await serving(NAME)).toBe(serialOf(after))
      await expectTidy()
    })

    it('of authorities for client certificates comes by file too', async () => {
      const roots = await Promise.all(Array.from({ length: 40 }, makeTestAuthority))
      const { network } = drive()
      const key = { accountId: accountId('test-account'), setId: 'set-1' }
      const asks = await issueGeneration(authority, [NAME], 'staging', {
        clientMutualAuthentication: { setId: 'set-1', authenticationOptions: null },
      })
      for (const revision of [1, 2]) {
        const certificates = roots.slice(revision).map(({ rootPem }) => rootPem)
        await network.trust(key, { ...key, revision, certificates })
        network.put(asks)
        await network.assign(allNamesOf(asks))
        expect(await serving(NAME)).toBe(serialOf(asks))
        await expect(handshake(haproxy.address, NAME, { maxVersion: 'TLSv1.2' })).rejects.toThrow()
        expect(reloads).toBe(revision)
        expect(await haproxy.ask('show ssl ca-file')).toContain(
          `-r${revision}.pem - ${certificates.length} certificate(s)`,
        )
      }
      await network.assign(allNamesOf(asks), 'all')
      expect(await readdir(haproxy.places.trust)).toHaveLength(1)
      expect(await haproxy.ask('show ssl ca-file')).not.toContain('-r1.pem')
      expect(await readdir(haproxy.places.candidate.folder)).toEqual([])
    })
  },
)
