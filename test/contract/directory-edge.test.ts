import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { clientKind } from '../../src/domain/comparison/client-kinds.ts'
import type { Manifest } from '../../src/edge/directory/manifest.ts'
import { writePkcs12 } from '../../src/pki/pkcs12.ts'
import type { EdgeGeneration } from '../../src/ports/edge.ts'
import { allNamesOf, generationOf, issueGeneration } from '../support/edge-generation.ts'
import { createNodeRandom } from '../support/node-random.ts'
import { serveDirectory } from '../support/directory-network.ts'
import { hasOpenssl, makeOutsideAuthority } from '../support/outside-authority.ts'
import { stapledCertificate, stapleSeen } from '../support/stapled.ts'
import { hasNginx, startNginx, type TestNginx } from '../support/nginx.ts'
import { makeTestAuthority, type TestAuthority } from '../support/self-signed.ts'
import { describeEdgeContract } from './edge-contract.ts'

describe.skipIf(!hasNginx || !hasOpenssl)(
  'nginx (skipped when the program nginx or openssl is missing)',
  () => {
    describeEdgeContract('a directory that nginx reads', async () => {
      const nginx = await startNginx()
      const { edge } = serveDirectory(nginx)
      return { edge, close: () => nginx.close() }
    })

    describe('a directory edge', () => {
      const { signal } = new AbortController()
      let authority: TestAuthority
      let nginx: TestNginx

      beforeAll(async () => {
        authority = await makeTestAuthority()
      })
      beforeEach(async () => {
        nginx = await startNginx()
      })
      afterEach(() => nginx.close())

      const serialOf = (generation: EdgeGeneration): string => generation.certificates[0]?.serialNumber ?? ''
      const manifestIn = async (folder: string): Promise<Manifest> =>
        JSON.parse(await readFile(join(folder, 'current/manifest.json'), 'utf8')) as Manifest

      it('holds PEM files and a manifest that names them, keys for their owner alone', async () => {
        const { edge, folder, told } = serveDirectory(nginx, { mode: 0o640 })
        const generation = await issueGeneration(authority, ['a.example', '*.b.example'], 'staging', {
          disallowedTlsVersions: ['TLSv1_2'],
        })
        await edge.deploy(generation, signal)
        const [entry] = (await manifestIn(folder)).entries
        expect(entry).toMatchObject({
          names: ['*.b.example', 'a.example'],
          deploymentId: generation.id,
          tls: { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' },
          certificates: [{ serialNumber: serialOf(generation), keyAlgorithm: 'ECDSA' }],
        })
        const { fullChain = '', privateKey = '' } = entry?.certificates[0] ?? {}
        const at = (name: string): string => join(folder, 'current', name)
        const pem = await readFile(at(fullChain), 'utf8')
        expect(new X509Certificate(pem).serialNumber.toLowerCase()).toBe(serialOf(generation))
        expect(pem.match(/BEGIN CERTIFICATE/g)).toHaveLength(2)
        expect((await stat(at(privateKey))).mode & 0o777).toBe(0o640)
        expect((await stat(at(fullChain))).mode & 0o777).toBe(0o644)
        expect(told.at(-1)).toMatchObject({ NETWORK: 'staging', MANIFEST: at('manifest.json') })
      })

      it('writes PKCS#12 files where they are asked for, and other ones under another password', async () => {
        const passwords = ['first', 'second']
        const written: string[] = []
        for (const password of passwords) {
          const { edge, folder } = serveDirectory(nginx, {
            pkcs12: {
              mark: password,
              write: ({ sent, certificate }) =>
                writePkcs12(
                  { ...certificate, certificates: sent, privateKey: certificate.privateKey() },
                  password,
                  createNodeRandom(),
                ),
            },
          })
          const generation = await issueGeneration(authority, ['a.example'])
          await edge.deploy(generation, signal)
          const named = (await manifestIn(folder)).entries[0]?.certificates[0]?.pkcs12 ?? ''
          written.push(named)
          const file = join(folder, 'current', named)
          expect((await stat(file)).mode & 0o777).toBe(0o600)
          const args = ['pkcs12', '-in', file, '-nokeys', '-clcerts', '-passin', `pass:${password}`]
          const leaf = /-----BEGIN[^]*END CERTIFICATE-----/.exec(
            execFileSync('openssl', args).toString(),
          )?.[0]
          expect(new X509Certificate(leaf ?? '').serialNumber.toLowerCase()).toBe(serialOf(generation))
        }
        expect(new Set(written).size).toBe(2)
      })

      it('gives the server an OCSP response to send, and another one when the responder has answered anew', async () => {
        const outside = await makeOutsideAuthority()
        const own = await stapledCertificate(outside, 'a.example')
        let response: Uint8Array | null = await own.answer()
        const { edge, network, told, folder } = serveDirectory(nginx, { stapleFor: async () => response })
        const generation = generationOf(['a.example'], [own.certificate])
        await edge.deploy(generation, signal)
        const seen = () => stapleSeen(nginx.address, 'a.example')
        const good = { status: 'good', serial: own.certificate.serialNumber }
        // nginx shows it from the second handshake of a worker on.
        await expect.poll(seen, { timeout: 20_000 }).toMatchObject(good)
        const named = (await manifestIn(folder)).entries[0]?.certificates[0]?.ocspResponse ?? ''
        expect(await readFile(join(folder, 'current', named))).toEqual(response)
        await network.assign(allNamesOf(generation))
        expect(told).toHaveLength(1)
        response = null
        await network.assign(allNamesOf(generation))
        expect(told).toHaveLength(2)
        await expect.poll(seen, { timeout: 20_000 }).toBe(null)
        expect((await manifestIn(folder)).entries[0]?.certificates[0]).toMatchObject({ ocspResponse: null })
        await outside.close()
      })

      it('leaves the responses of two certificates to nginx, which asks for each and sends each its own', async () => {
        const outside = await makeOutsideAuthority()
        await outside.startResponder()
        const [ec, rsa] = [
          await stapledCertificate(outside, 'a.example', 'ECDSA'),
          await stapledCertificate(outside, 'a.example', 'RSA'),
        ]
        const environment = { ...nginx.environment, NGINX_RESOLVER: '127.0.0.1' }
        const { edge, folder } = serveDirectory(
          { ...nginx, environment },
          { stapleFor: (id) => (id === ec.id ? ec : rsa).answer() },
        )
        await edge.deploy(generationOf(['a.example'], [ec.certificate, rsa.certificate]), signal)
        const [entry] = (await manifestIn(folder)).entries
        expect(new Set(entry?.certificates.map(({ ocspResponse }) => ocspResponse)).size).toBe(2)
        for (const [{ certificate }, signatures] of [
          [ec, 'ECDSA+SHA256'],
          [rsa, 'RSA-PSS+SHA256:RSA+SHA256'],
        ] as const)
          await expect
            .poll(() => stapleSeen(nginx.address, 'a.example', signatures), { timeout: 20_000 })
            .toMatchObject({ status: 'good', serial: certificate.serialNumber })
        await outside.close()
      })

      it('speaks TLS 1.3 for every name where the default server does, and TLS 1.2 for none that does not allow it', async () => {
        const { edge } = serveDirectory(nginx)
        const disallowedTlsVersions = ['TLSv1_2']
        const modern = await issueGeneration(authority, ['modern.example'], 'staging', {
          disallowedTlsVersions,
        })
        await edge.deploy(modern, signal)
        await edge.deploy(await issueGeneration(authority, ['any.example']), signal)
        const offers = (['tls-1.2-ecdsa', 'tls-1.3', 'cbc-sha2'] as const).map(
          (kind) => clientKind(kind).offer,
        )
        const seen = async (name: string) =>
          (await edge.meet(offers, [name], signal))
            .flat()
            .map((met) => (typeof met === 'string' ? met : met.protocol))
        expect(await seen('modern.example')).toEqual(['refused', 'TLSv1.3', 'refused'])
        expect(await seen('any.example')).toEqual(['TLSv1.2', 'TLSv1.3', 'TLSv1.2'])
      })

      it('goes back, and tells the server so, where the command refuses', async () => {
        let isRefusing = false
        const { edge, folder } = serveDirectory(nginx, {
          reload: (given) => (environment) =>
            isRefusing ? Promise.reject(new Error('refused')) : given(environment),
        })
        const first = await issueGeneration(authority, ['a.example'])
        await edge.deploy(first, signal)
        const before = await manifestIn(folder)
        isRefusing = true
        await expect(
          edge.deploy(await issueGeneration(authority, ['a.example']), signal),
        ).rejects.toMatchObject({
          code: 'edge-unreachable',
        })
        isRefusing = false
        expect(await manifestIn(folder)).toEqual(before)
        expect((await edge.probe('a.example', signal)).serialNumber).toBe(serialOf(first))
      })

      it('tells the server after a crash what it may not have heard, and keeps one version for the way back', async () => {
        const before = await issueGeneration(authority, ['a.example'])
        await serveDirectory(nginx).edge.deploy(before, signal)
        const after = await issueGeneration(authority, ['a.example'])
        const killed = new Promise<void>((resolve) => {
          const dead = serveDirectory(nginx, {
            reload: () => () => {
              resolve()
              return new Promise(() => {})
            },
          })
          dead.network.put(after)
          void dead.network.assign(allNamesOf(after))
        })
        await killed
        const next = serveDirectory(nginx)
        next.network.put(after)
        await next.network.assign(allNamesOf(after))
        expect(next.told).toHaveLength(1)
        expect((await next.edge.probe('a.example', signal)).serialNumber).toBe(serialOf(after))
        await next.network.assign(allNamesOf(after))
        expect(next.told).toHaveLength(1)
        expect(await readdir(join(next.folder, 'versions'))).toHaveLength(2)
      })

      it('says how the command ended', async () => {
        const { edge } = serveDirectory({ ...nginx, reloadCommand: 'echo no such server >&2; exit 7' })
        await expect(
          edge.deploy(await issueGeneration(authority, ['a.example']), signal),
        ).rejects.toMatchObject({
          detail: 'The reload command ended with 7: no such server',
        })
      })
    })
  },
)
