import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAuthorityFiles } from '../../src/authority/local/authority-files.ts'
import type { Hierarchies } from '../../src/authority/local/hierarchy.ts'
import { createSandboxAuthority } from '../../src/authority/local/sandbox-authority.ts'
import { issueServiceCertificate } from '../../src/authority/local/service-certificates.ts'
import { accountId, changeId, enrollmentId } from '../../src/domain/identifiers.ts'
import { DAY, HOUR, type Instant, instant, plus } from '../../src/domain/time.ts'
import { createRevocationList } from '../../src/pki/crl.ts'
import { createKeyMaterial } from '../../src/pki/key-material.ts'
import { toPem } from '../../src/pki/pem.ts'
import { privateKeyPem } from '../../src/pki/private-key.ts'
import type { IssuedCertificate, OrderRequest } from '../../src/ports/certificate-authority.ts'
import { createTestAuthorities } from '../support/local-authorities.ts'
import { createMemoryLocalRevocations } from '../support/memory-local-revocations.ts'
import { createMemoryLocalOrders } from '../support/memory-local-orders.ts'
import { createNodeRandom } from '../support/node-random.ts'

const hasOpenssl = spawnSync('openssl', ['version']).status === 0
const now = instant(Date.now())
const random = createNodeRandom()
const material = createKeyMaterial()
const CN = 'a.example'

describe.skipIf(!hasOpenssl)('openssl (skipped when the program openssl is missing)', () => {
  let folder: string
  let hierarchies: Hierarchies
  let orderNumber = 10_000

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'certrail-openssl-'))
    hierarchies = (await createTestAuthorities(now)).hierarchies
    file('root.pem', hierarchies.sandbox.root.certificatePem)
    file('intermediate.pem', hierarchies.sandbox.intermediate.certificatePem)
    file('service-root.pem', hierarchies.service.root.certificatePem)
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const file = (name: string, content: string | Uint8Array): string => {
    writeFileSync(join(folder, name), content)
    return name
  }
  /** Standard output and error together; fails the test when openssl does. */
  const openssl = (...args: string[]): string => {
    const { status, stdout, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' })
    const said = `${stdout}${stderr}`
    expect(status, `openssl ${args.join(' ')}\n${said}`).toBe(0)
    return said
  }
  const textOf = (name: string): string =>
    execFileSync('openssl', ['x509', '-in', name, '-noout', '-text'], { cwd: folder, encoding: 'utf8' })
  const verify = (leaf: string, ...more: string[]): string =>
    openssl(
      'verify',
      '-x509_strict',
      '-purpose',
      'sslserver',
      '-CAfile',
      'root.pem',
      '-untrusted',
      'intermediate.pem',
      ...more,
      leaf,
    )

  const issue = async (
    more: Partial<OrderRequest> = {},
    algorithm: 'ECDSA' | 'RSA' = 'ECDSA',
    at: Instant = now,
  ): Promise<IssuedCertificate & { name: string }> => {
    const { records, secrets } = await createTestAuthorities(now)
    const look = { look: async () => ({ found: true, error: null, records: [] }) }
    const authority = createSandboxAuthority({
      orders: createMemoryLocalOrders(),
      revocations: createMemoryLocalRevocations(),
      records,
      secrets,
      look,
      clock: { now: () => at },
      random,
      hierarchy: hierarchies.sandbox,
      authorityUrl: 'http://localhost:8080/ca',
      profile: 'classic',
      orderLimit: null,
      spendOrder: async () => {},
    })
    const order: OrderRequest = {
      changeId: changeId(orderNumber++),
      accountId: accountId('acc_1'),
      enrollmentId: enrollmentId(10_001),
      validationType: 'dv',
      identifiers: [CN],
      subject: { cn: CN },
      orgId: null,
      preferredTrustChain: null,
      replaces: null,
      isCounted: false,
      ...more,
    }
    await authority.order(order)
    for (const name of order.identifiers) {
      await authority.respond(order.changeId, name, 'dns-01', new AbortController().signal)
    }
    const key = await material.generate(algorithm)
    const csr = await material.createSigningRequest(key, order.subject, order.identifiers)
    const outcome = await authority.finalize(order.changeId, csr)
    if (outcome.status !== 'issued') throw new Error(JSON.stringify(outcome))
    return {
      ...outcome.certificate,
      name: file(`leaf-${order.changeId}.pem`, outcome.certificate.certificatePem),
    }
  }

  it.each(['ECDSA', 'RSA'] as const)(
    'takes a DV certificate with an %s key and 100 names',
    async (algorithm) => {
      const identifiers = [CN, ...Array.from({ length: 98 }, (_, n) => `n${n}.a.example`), '*.a.example']
      const { name } = await issue({ identifiers }, algorithm)
      expect(verify(name)).toContain(`${name}: OK`)
      const text = textOf(name)
      expect(text).toContain('Subject: CN = a.example\n')
      expect(text).toContain('X509v3 Basic Constraints: critical\n                CA:FALSE')
      expect(text).toContain(
        algorithm === 'RSA' ? 'Digital Signature, Key Encipherment' : 'Digital Signature\n',
      )
      expect(text).toContain('TLS Web Server Authentication')
      expect(text).toContain('URI:http://localhost:8080/ca/sandbox-intermediate.crl')
      expect(text).toContain('CA Issuers - URI:http://localhost:8080/ca/sandbox-intermediate.cer')
      expect(text).toContain('Policy: 2.23.140.1.2.1')
      expect(text.match(/DNS:/g)).toHaveLength(100)
    },
  )

  it('takes a certificate without a subject, its subjectAltName being critical', async () => {
    const long = `${'a'.repeat(60)}.example`
    const { name } = await issue({ identifiers: [long], subject: { cn: long } })
    verify(name)
    expect(textOf(name)).toMatch(/Subject: \n[^]*X509v3 Subject Alternative Name: critical/)
  })

  it('reads what EV says of an organisation', async () => {
    const subject = { cn: CN, o: 'Ä GmbH', ou: 'IT', l: 'Köln', st: 'NRW', c: 'DE' }
    const ev = { businessCategory: 'Private Organization', jurisdictionCountry: 'DE', serialNumber: 'HRB 1' }
    const { name } = await issue({
      validationType: 'ev',
      subject: { ...subject, ...ev } as OrderRequest['subject'],
    })
    verify(name)
    const said = openssl('x509', '-in', name, '-noout', '-subject', '-nameopt', 'RFC2253,-esc_msb,utf8')
    expect(said).toContain(
      'CN=a.example,O=Ä GmbH,L=Köln,ST=NRW,C=DE,serialNumber=HRB 1,businessCategory=Private Organization,jurisdictionC=DE',
    )
  })

  it('takes a certificate from far in the future at its own time', async () => {
    const far = plus(now, 49 * 365 * DAY)
    const { name } = await issue({}, 'ECDSA', far)
    expect(verify(name, '-attime', `${Math.floor(far / 1_000)}`)).toContain('OK')
    expect(
      spawnSync('openssl', ['verify', '-CAfile', 'root.pem', '-untrusted', 'intermediate.pem', name], {
        cwd: folder,
      }).status,
    ).not.toBe(0)
  })

  it('does not take a tenant’s certificate under the service root', async () => {
    const { name } = await issue()
    const args = ['verify', '-CAfile', 'service-root.pem', '-untrusted', 'intermediate.pem', name]
    expect(spawnSync('openssl', args, { cwd: folder }).status).not.toBe(0)
  })

  it('takes the API’s certificate under the service root, for a name and an address', () => {
    const issued = issueServiceCertificate(
      { names: ['localhost', '127.0.0.1', '::1'], now },
      { hierarchy: hierarchies.service, random },
    )
    file('service.pem', issued.certificatePem)
    for (const check of [
      ['-verify_hostname', 'localhost'],
      ['-verify_ip', '127.0.0.1'],
      ['-verify_ip', '::1'],
    ]) {
      openssl(
        'verify',
        '-x509_strict',
        '-purpose',
        'sslserver',
        '-CAfile',
        'service-root.pem',
        ...check,
        'service.pem',
      )
    }
    expect(textOf('service.pem')).not.toContain('CRL Distribution')
    file('service.key', issued.privateKeyPem)
    openssl('ec', '-in', 'service.key', '-check', '-noout')
  })

  it.each(['ECDSA', 'RSA'] as const)(
    'verifies a signing request with an %s key and reads it as it was meant',
    async (algorithm) => {
      const key = await material.generate(algorithm)
      const subject = { cn: CN, o: 'Ä GmbH', ou: 'IT', l: 'Köln', st: 'NRW', c: 'DE' }
      const names = Array.from({ length: 100 }, (_, n) => `n${n}.a.example`)
      file('request.pem', await material.createSigningRequest(key, subject, names))
      const said = openssl(
        'req',
        '-in',
        'request.pem',
        '-verify',
        '-noout',
        '-text',
        '-nameopt',
        'RFC2253,-esc_msb,utf8',
      )
      expect(said).toContain('verify OK')
      expect(said).toContain('Subject: CN=a.example,OU=IT,O=Ä GmbH,L=Köln,ST=NRW,C=DE')
      expect(said.match(/DNS:/g)).toHaveLength(100)
      openssl('pkey', '-in', file('request.key', privateKeyPem(key)), '-check', '-noout')
    },
  )

  it('verifies the lists of root and intermediate, from DER and from PEM', async () => {
    const files = createAuthorityFiles({
      hierarchy: hierarchies.sandbox,
      revocations: createMemoryLocalRevocations(),
      clock: { now: () => now },
    })
    for (const authority of ['root', 'intermediate']) {
      const list = (await files.find(`sandbox-${authority}.crl`))?.body as Uint8Array
      file('list.crl', list)
      expect(
        openssl('crl', '-inform', 'DER', '-in', 'list.crl', '-CAfile', `${authority}.pem`, '-noout'),
      ).toContain('verify OK')
      file('list.pem', toPem('X509 CRL', list))
      const text = openssl('crl', '-in', 'list.pem', '-CAfile', `${authority}.pem`, '-noout', '-text')
      expect(text).toContain('verify OK')
      expect(text).toContain('No Revoked Certificates')
      expect(text).toContain('X509v3 CRL Number')
      expect(text).toContain('X509v3 Authority Key Identifier')
    }
  })

  it('uses the lists when it checks a chain, and refuses what stands in one', async () => {
    const { name } = await issue()
    const files = createAuthorityFiles({
      hierarchy: hierarchies.sandbox,
      revocations: createMemoryLocalRevocations(),
      clock: { now: () => now },
    })
    const listOf = async (authority: string): Promise<string> =>
      toPem('X509 CRL', (await files.find(`${authority}.crl`))?.body as Uint8Array)
    file('lists.pem', (await listOf('sandbox-root')) + (await listOf('sandbox-intermediate')))
    verify(name, '-crl_check_all', '-CRLfile', 'lists.pem')

    const serialNumber = openssl('x509', '-in', name, '-noout', '-serial').trim().replace('serial=', '')
    const revoked = createRevocationList(
      {
        thisUpdate: plus(now, -HOUR),
        nextUpdate: plus(now, DAY),
        revoked: [
          { serialNumber, at: plus(now, -HOUR), reason: 'key-compromise' },
          { serialNumber: '80', at: plus(now, -HOUR), reason: 'unspecified' },
        ],
      },
      hierarchies.sandbox.intermediate,
    )
    file('revoked.pem', toPem('X509 CRL', revoked))
    const text = openssl('crl', '-in', 'revoked.pem', '-CAfile', 'intermediate.pem', '-noout', '-text')
    expect(text).toContain(`Serial Number: ${serialNumber}`)
    expect(text).toContain('Key Compromise')
    const args = [
      'verify',
      '-crl_check',
      '-CRLfile',
      'revoked.pem',
      '-CAfile',
      'root.pem',
      '-untrusted',
      'intermediate.pem',
      name,
    ]
    const { status, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' })
    expect(status).not.toBe(0)
    expect(stderr).toContain('certificate revoked')
  })
})
