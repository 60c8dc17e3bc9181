import { execFileSync } from 'node:child_process'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createNodeRandom } from '../../test/support/node-random.ts'
import { hasOpenssl } from '../../test/support/outside-authority.ts'
import { makeTestAuthority } from '../../test/support/self-signed.ts'
import { writePkcs12 } from './pkcs12.ts'

describe.skipIf(!hasOpenssl)('a PKCS#12 file (skipped when the program openssl is missing)', () => {
  it.each([
    ['ECDSA', 'correct horse', 2],
    ['RSA', 'pässwörd', 1],
    ['ECDSA', 'x'.repeat(100), 2],
  ] as const)('with a key of %s and password %s is read by openssl', async (algorithm, password, count) => {
    const authority = await makeTestAuthority()
    const issued = await authority.issue(['a.example'], algorithm)
    const certificates = [issued.der, authority.intermediateDer].slice(0, count)
    const content = { certificates, keyAlgorithm: algorithm, privateKey: issued.privateKey }
    const folder = mkdtempSync(join(tmpdir(), 'certrail-p12-'))
    try {
      const file = join(folder, 'a.p12')
      writeFileSync(file, writePkcs12(content, password, createNodeRandom()))
      const read = (...args: string[]): string =>
        execFileSync('openssl', ['pkcs12', '-in', file, '-passin', 'env:WORD', ...args], {
          env: { ...process.env, WORD: password },
          stdio: ['ignore', 'pipe', 'pipe'],
        }).toString()
      const leaf =
        /-----BEGIN CERTIFICATE[^]*?END CERTIFICATE-----/.exec(read('-clcerts', '-nokeys'))?.[0] ?? ''
      expect(new X509Certificate(leaf).raw.equals(issued.der)).toBe(true)
      expect(read('-nokeys').match(/BEGIN CERTIFICATE/g)).toHaveLength(count)
      const key =
        /-----BEGIN PRIVATE KEY[^]*?END PRIVATE KEY-----/.exec(read('-nocerts', '-nodes'))?.[0] ?? ''
      expect(new X509Certificate(leaf).checkPrivateKey(createPrivateKey(key))).toBe(true)
      expect(() =>
        execFileSync('openssl', ['pkcs12', '-in', file, '-passin', 'pass:wrong', '-noout'], {
          stdio: 'pipe',
        }),
      ).toThrow(/invalid password/)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
