import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { clientKind } from '../../src/domain/comparison/client-kinds.ts'
import type { CertificateId } from '../../src/domain/identifiers.ts'
import type { HaproxyNetworkOptions } from '../../src/edge/haproxy/haproxy-network.ts'
import { createRuntimeApi } from '../../src/edge/haproxy/runtime-api.ts'
import { createRuntimeSocket } from '../../src/edge/haproxy/runtime-socket.ts'
import type { EdgeGeneration } from '../../src/ports/edge.ts'
import { allNamesOf, generationOf } from '../support/edge-generation.ts'
import { hasHaproxy, placeholderPem, startHaproxy, type TestHaproxy } from '../support/haproxy.ts'
import { driveHaproxy, type HaproxyUnderTest } from '../support/haproxy-network.ts'
import { hasOpenssl, makeOutsideAuthority, type OutsideAuthority } from '../support/outside-authority.ts'
import { makeTestAuthority, type TestAuthority } from '../support/self-signed.ts'
import { type Stapled, stapledCertificate, stapleSeen } from '../support/stapled.ts'

const { signal } = new AbortController()
const NAME = 'a.example'
const ECDSA_ALONE = 'ECDSA+SHA256'
/** As clients say it: HAProxy counts no PSS. */
const RSA_ALONE = 'RSA-PSS+SHA256:RSA+SHA256'

describe.skipIf(!hasHaproxy || !hasOpenssl)(
  'OCSP responses on HAProxy (skipped when the program haproxy or openssl is missing)',
  () => {
    let authority: OutsideAuthority
    let stranger: TestAuthority
    let placeholder = ''
    let haproxy: TestHaproxy
    let driven: HaproxyUnderTest
    const kept = new Map<CertificateId, Uint8Array>()

    beforeAll(async () => {
      authority = await makeOutsideAuthority()
      stranger = await makeTestAuthority()
      placeholder = await placeholderPem(stranger)
    })
    afterAll(() => authority.close())
    beforeEach(async () => {
      kept.clear()
      haproxy = await startHaproxy({ placeholderPem: placeholder })
      driven = drive()
    })
    afterEach(() => haproxy.close())

    const drive = (options: Partial<HaproxyNetworkOptions> = {}) =>
      driveHaproxy(haproxy, { stapleFor: async (id) => kept.get(id) ?? null, ...options })
    const generation = (...all: Stapled[]): EdgeGeneration =>
      generationOf(
        [NAME],
        all.map(({ certificate }) => certificate),
      )
    const seen = (signatures?: string) => stapleSeen(haproxy.address, NAME, signatures)
    async function stapled(keyAlgorithm?: 'ECDSA' | 'RSA'): Promise<Stapled> {
      const made = await stapledCertificate(authority, NAME, keyAlgorithm)
      kept.set(made.id, await made.answer())
      return made
    }
    const good = ({ certificate }: Stapled) => ({ status: 'good', serial: certificate.serialNumber })

    it('go along from the first handshake on, through a renewal, a reload and a kill', async () => {
      const [first, second] = [await stapled(), await stapled()]
      await driven.edge.deploy(generation(first), signal)
      expect(await seen()).toMatchObject(good(first))
      await driven.edge.deploy(generation(second), signal)
      expect(await seen()).toMatchObject(good(second))
      await haproxy.reload()
      expect(await seen()).toMatchObject(good(second))
      await haproxy.kill()
      await haproxy.start()
      expect(await seen()).toMatchObject(good(second))
    })

    it('are of the certificate that the client gets, where a name has two', async () => {
      const [ec, rsa] = [await stapled('ECDSA'), await stapled('RSA')]
      await driven.edge.deploy(generation(ec, rsa), signal)
      expect(await seen(ECDSA_ALONE)).toMatchObject(good(ec))
      expect(await seen(RSA_ALONE)).toMatchObject(good(rsa))
      // docs/haproxy.md: who could take either, and offers nothing older than TLS 1.3, gets RSA from 2.6.
      const isOld = /^Version: 2\.6\./m.test(await haproxy.ask('show info'))
      const offers = [clientKind('tls-1.3').offer, clientKind('h2').offer]
      const met = (await driven.edge.meet(offers, [NAME], signal)).flat()
      expect(met).toMatchObject(
        [isOld ? rsa : ec, ec].map(({ certificate }) => ({
          protocol: 'TLSv1.3',
          serialNumber: certificate.serialNumber,
        })),
      )
      await haproxy.reload()
      expect(await seen(ECDSA_ALONE)).toMatchObject(good(ec))
      expect(await seen(RSA_ALONE)).toMatchObject(good(rsa))
    })

    it('are replaced in the process and on disk when the responder has answered anew, and go when none is to be shown', async () => {
      const own = await stapled()
      await driven.edge.deploy(generation(own), signal)
      const before = await seen()
      await delay(1_100 - (Date.now() % 1_000))
      kept.set(own.id, await own.answer())
      expect(await driven.network.isSound()).toBe(true)
      const after = await seen()
      expect(after).toMatchObject(good(own))
      expect(after?.producedAt).not.toBe(before?.producedAt)
      const { folder } = haproxy.places.public
      const file = (await readdir(folder)).find((name) => name.endsWith('.ocsp')) ?? ''
      expect(await readFile(join(folder, file))).toEqual(kept.get(own.id))
      kept.delete(own.id)
      expect(await driven.network.isSound()).toBe(true)
      expect(await seen()).toBe(null)
      expect(await readdir(folder)).toHaveLength(1)
    })

    it('come later where the responder was away at first, and after Certrail was started anew', async () => {
      const own = await stapledCertificate(authority, NAME)
      const served = generation(own)
      await driven.edge.deploy(served, signal)
      expect(await seen()).toBe(null)
      kept.set(own.id, await own.answer())
      driven = drive()
      driven.network.put(served)
      await driven.network.assign(allNamesOf(served), 'all')
      expect(await driven.network.isSound()).toBe(true)
      expect(await seen()).toMatchObject(good(own))
    })

    it('that HAProxy refuses keep no certificate from clients, and are offered once', async () => {
      const socket = createRuntimeSocket(haproxy.socketPath, { timeoutMs: 10_000 })
      let offered = 0
      const ask = async (command: string): Promise<string> => {
        if (!/^set ssl cert \S+\.ocsp /.test(command)) return socket.ask(command)
        offered++
        return "Can't load the payload\n"
      }
      const own = await stapled()
      driven = drive({ api: createRuntimeApi({ ...socket, ask }) })
      await driven.edge.deploy(generation(own), signal)
      expect(await seen()).toBe(null)
      expect(await driven.network.isSound()).toBe(true)
      expect(offered).toBe(1)
      expect(driven.warnings).toMatchObject([
        { message: expect.stringContaining('without its OCSP response') },
      ])
    })

    it('whose issuer is not in the chain are left out: HAProxy would not start with them', async () => {
      const own = await stapled()
      const chainPem = stranger.intermediatePem
      // HAProxy looks for the issuer in the chain, and this is not it.
      await driven.edge.deploy(generationOf([NAME], [{ ...own.certificate, chainPem }]), signal)
      expect(await seen()).toBe(null)
      expect(await driven.network.isSound()).toBe(true)
      await haproxy.kill()
      await haproxy.start()
      expect(await seen()).toBe(null)
    })

    it('go along with a certificate that comes by file, too long for a command', async () => {
      const own = await stapled('RSA')
      const chainPem = authority.intermediatePem.repeat(14)
      driven = drive({ reload: () => haproxy.reload() })
      const before = await haproxy.workerPid()
      await driven.edge.deploy(generationOf([NAME], [{ ...own.certificate, chainPem }]), signal)
      expect(await haproxy.workerPid()).not.toBe(before)
      expect(await seen()).toMatchObject(good(own))
      await haproxy.reload()
      expect(await seen()).toMatchObject(good(own))
    })

    it('leave with the line, in the process and on disk', async () => {
      const own = await stapled()
      const served = generation(own)
      await driven.edge.deploy(served, signal)
      const off = generationOf([NAME], [{ ...own.certificate, staple: null }])
      await driven.edge.deploy(off, signal)
      expect(await seen()).toBe(null)
      expect((await readdir(haproxy.places.public.folder)).filter((name) => name.endsWith('.ocsp'))).toEqual(
        [],
      )
    })
  },
)
