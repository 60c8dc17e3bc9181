import { X509Certificate, createPrivateKey, createPublicKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createTestAuthorities, createTestSecrets } from '../../../test/support/local-authorities.ts'
import { createMemoryAuthorityRecords } from '../../../test/support/memory-authority-records.ts'
import { createMemoryLocalRevocations } from '../../../test/support/memory-local-revocations.ts'
import { createNodeRandom } from '../../../test/support/node-random.ts'
import { accountId } from '../../domain/identifiers.ts'
import { DAY, instant, plus } from '../../domain/time.ts'
import { createCertificateReader } from '../../pki/certificate-reader.ts'
import { accountThumbprint, thumbprint } from './account-key.ts'
import { createAuthorityFiles } from './authority-files.ts'
import { loadHierarchies } from './hierarchy.ts'
import { issueServiceCertificate } from './service-certificates.ts'

const at = instant(1_795_000_000_000)
const later = plus(at, 1_000 * DAY)
const reader = createCertificateReader()

describe('the hierarchies', () => {
  it('make a sandbox root for 50 years, begun a day ago, an intermediate below it, and a service root apart', async () => {
    const { sandbox, service } = (await createTestAuthorities(at)).hierarchies
    const root = reader.read(sandbox.root.certificatePem)
    expect(root).toMatchObject({ notBefore: plus(at, -DAY), isAuthority: true, isSelfIssued: true })
    expect(root.notAfter).toBe(plus(at, 50 * 365 * DAY - DAY - 1_000))
    expect(sandbox.root.notAfter).toBe(root.notAfter)
    const intermediate = reader.read(sandbox.intermediate.certificatePem)
    expect(intermediate).toMatchObject({ isAuthority: true, isSelfIssued: false, issuer: root.subject })
    const at0 = (certificate: { certificateDer: Uint8Array }) => certificate.certificateDer
    expect(reader.verifyChain(at0(sandbox.intermediate), [], [at0(sandbox.root)], at)).toEqual({ ok: true })
    expect(reader.verifyChain(at0(service.root), [], [at0(sandbox.root)], at)).toMatchObject({ ok: false })
  })

  it('keep each root on its own clock', async () => {
    const clocks = { lifecycle: { now: () => later }, real: { now: () => at } }
    const deps = {
      records: createMemoryAuthorityRecords(),
      secrets: createTestSecrets(),
      random: createNodeRandom(),
    }
    const { sandbox, service } = await loadHierarchies({ ...deps, clocks })
    expect(reader.read(sandbox.root.certificatePem).notBefore).toBe(plus(later, -DAY))
    expect(reader.read(service.root.certificatePem).notBefore).toBe(plus(at, -DAY))
  })

  it('are the same at the next start, whatever the clocks say', async () => {
    const { records, secrets, hierarchies } = await createTestAuthorities(at)
    const clock = { now: () => later }
    const again = await loadHierarchies({
      records,
      secrets,
      clocks: { lifecycle: clock, real: clock },
      random: createNodeRandom(),
    })
    const pems = ({ sandbox, service }: typeof again) =>
      [sandbox.root, sandbox.intermediate, service.root].map(({ certificatePem }) => certificatePem)
    expect(pems(again)).toEqual(pems(hierarchies))
  })

  it('are the same for processes that start at once', async () => {
    const clock = { now: () => at }
    const deps = {
      records: createMemoryAuthorityRecords(),
      secrets: createTestSecrets(),
      clocks: { lifecycle: clock, real: clock },
      random: createNodeRandom(),
    }
    const all = await Promise.all(Array.from({ length: 4 }, () => loadHierarchies(deps)))
    expect(new Set(all.map(({ sandbox }) => sandbox.intermediate.certificatePem)).size).toBe(1)
    const [first, last] = [all[0], all[3]]
    expect(
      first &&
        last &&
        reader.verifyChain(
          first.sandbox.intermediate.certificateDer,
          [],
          [last.sandbox.root.certificateDer],
          at,
        ),
    ).toEqual({ ok: true })
  })

  it('do not open with other secrets, nor with the key of another authority', async () => {
    const { records, secrets } = await createTestAuthorities(at)
    const clock = { now: () => at }
    const deps = { clocks: { lifecycle: clock, real: clock }, random: createNodeRandom() }
    const unreadable = expect.objectContaining({ code: 'secret-unreadable' })
    await expect(loadHierarchies({ ...deps, records, secrets: createTestSecrets() })).rejects.toEqual(
      unreadable,
    )
    const root = await records.load('sandbox-root')
    const mixed = {
      ...records,
      load: async (name: string) => (name === 'service-root' ? root : records.load(name)),
    }
    await expect(loadHierarchies({ ...deps, records: mixed, secrets })).rejects.toEqual(unreadable)
  })
})

describe('account keys', () => {
  it('give one account the same thumbprint always, and each account its own', async () => {
    const deps = { records: createMemoryAuthorityRecords(), secrets: createTestSecrets() }
    const first = await Promise.all(
      Array.from({ length: 4 }, () => accountThumbprint(accountId('acc_1'), deps)),
    )
    expect(new Set(first).size).toBe(1)
    expect(first[0]).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(await accountThumbprint(accountId('acc_2'), deps)).not.toBe(first[0])
  })

  it('have the thumbprint of RFC 7638: required members only, in lexical order', () => {
    // The P-256 key of RFC 7515 appendix A.3; the expected value was worked out with `openssl dgst` over the canonical JSON.
    const jwk = {
      kty: 'EC',
      crv: 'P-256',
      x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
      y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
    }
    expect(thumbprint(createPublicKey({ key: jwk, format: 'jwk' }))).toBe(
      'oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U',
    )
  })
})

describe('service certificates', () => {
  it('name hosts and addresses, live 90 days on the real clock and point at no CRL', async () => {
    const { service } = (await createTestAuthorities(at)).hierarchies
    const names = ['localhost', '127.0.0.1', '::1', 'fe80::a:1']
    const issued = issueServiceCertificate(
      { names, now: at },
      { hierarchy: service, random: createNodeRandom() },
    )
    const certificate = new X509Certificate(issued.certificatePem)
    expect(certificate.subjectAltName).toBe(
      'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, IP Address:FE80:0:0:0:0:0:A:1',
    )
    expect(certificate.checkIP('::1')).toBe('::1')
    expect(certificate.checkPrivateKey(createPrivateKey(issued.privateKeyPem))).toBe(true)
    expect(issued.notAfter).toBe(reader.read(issued.certificatePem).notAfter)
    expect(issued.chainPem).toBe('')
    expect(certificate.infoAccess).toBeUndefined()
    const [leaf] = reader.split(issued.certificatePem)
    expect(reader.verifyChain(leaf as Uint8Array, [], [service.root.certificateDer], at)).toEqual({
      ok: true,
    })
  })

  it('refuse what is no address and no names at all', async () => {
    const { service } = (await createTestAuthorities(at)).hierarchies
    const deps = { hierarchy: service, random: createNodeRandom() }
    expect(() => issueServiceCertificate({ names: [], now: at }, deps)).toThrow(RangeError)
    expect(() => issueServiceCertificate({ names: ['fe80::1%eth0'], now: at }, deps)).toThrow(RangeError)
  })
})

describe('what the sandbox CA publishes', () => {
  it('are its certificates and lists by name, and nothing else', async () => {
    const { sandbox } = (await createTestAuthorities(at)).hierarchies
    const files = createAuthorityFiles({
      hierarchy: sandbox,
      revocations: createMemoryLocalRevocations(),
      clock: { now: () => at },
    })
    expect(await files.find('sandbox-root.cer')).toEqual({
      contentType: 'application/pkix-cert',
      body: sandbox.root.certificateDer,
    })
    expect((await files.find('sandbox-intermediate.crl'))?.contentType).toBe('application/pkix-crl')
    for (const name of [
      'service-root.cer',
      'sandbox-root',
      'sandbox-root.key',
      '../sandbox-root.cer',
      '.crl',
      '',
    ]) {
      expect(await files.find(name)).toBeNull()
    }
  })
})
