import { spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DAY, HOUR, instant, plus, toWireTime } from '../../src/domain/time.ts'
import { generateRsaKey } from '../../src/pki/key-material.ts'
import { toPem } from '../../src/pki/pem.ts'
import { privateKeyPem } from '../../src/pki/private-key.ts'
import { judgeByList } from '../../src/pki/revocation-list.ts'
import { hasOpenssl } from '../support/outside-authority.ts'
import { testLeaf, testRoot } from '../support/test-certificates.ts'

const LIST = 'http://crl.example/1.crl'

const CONFIG = (part: string): string => `[ca]
default_ca=own
[own]
database=index.txt
certificate=ca.pem
private_key=ca.key
default_md=sha384
default_crl_days=7
crl_extensions=list
[list]
authorityKeyIdentifier=keyid
issuingDistributionPoint=critical,@part
[part]
fullname=URI:${LIST}
${part}
`

describe.skipIf(!hasOpenssl)(
  'a revocation list that OpenSSL made (skipped when the program openssl is missing)',
  () => {
    const now = instant(Date.now())
    let folder: string
    let root: ReturnType<typeof testRoot>
    let [good, bad]: Uint8Array[] = []
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'certrail-lists-'))
      root = testRoot({ cn: 'Lists', at: plus(now, -DAY), key: await generateRsaKey() })
      const leaf = (cn: string) => testLeaf(root, { cn, at: now, more: { crlUri: LIST } }).der
      ;[good, bad] = [leaf('good.example'), leaf('bad.example')]
      const digits = (at: number): string =>
        toWireTime(instant(at)).replaceAll(/[-:T]/g, '').replace('Z', '').slice(2)
      const serial = new X509Certificate(bad ?? '').serialNumber
      const row = ['R', `${digits(now + 90 * DAY)}Z`, `${digits(now - HOUR)}Z,keyCompromise`, serial]
      await writeFile(join(folder, 'index.txt'), `${[...row, 'unknown', '/CN=bad.example'].join('\t')}\n`)
      await writeFile(join(folder, 'ca.pem'), toPem('CERTIFICATE', root.der))
      await writeFile(join(folder, 'ca.key'), privateKeyPem(root.key))
    })
    afterAll(() => rm(folder, { recursive: true, force: true }))

    async function listOf(part: string): Promise<Buffer> {
      await writeFile(join(folder, 'ca.cnf'), CONFIG(part))
      const run = (...args: string[]) => {
        const { status, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' })
        expect(status, stderr).toBe(0)
      }
      run('ca', '-gencrl', '-config', 'ca.cnf', '-out', 'list.pem')
      run('crl', '-in', 'list.pem', '-outform', 'DER', '-out', 'list.der')
      return readFile(join(folder, 'list.der'))
    }
    const judge = (list: Buffer, certificate: Uint8Array = Buffer.alloc(0)) =>
      judgeByList(list, { certificate, issuer: root.der, url: LIST, at: instant(Date.now()) })

    it('is read, with the part of the certificates that it has', async () => {
      const list = await listOf('onlyuser=TRUE')
      expect(judge(list, good)).toMatchObject({ status: 'good' })
      expect(judge(list, bad)).toMatchObject({ status: 'revoked', reason: 'key-compromise' })
    })

    it('says nothing where it is of a kind that is not known here', async () => {
      expect(judge(await listOf('indirectCRL=TRUE'), bad)).toMatchObject({ status: 'unknown' })
      expect(judge(await listOf('onlyCA=TRUE'), bad)).toMatchObject({ status: 'unknown' })
    })
  },
)
