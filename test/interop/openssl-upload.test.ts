import { CPS_LEAD_DAYS } from '../../src/domain/renewal/renewal-start.ts'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { KeyAlgorithm } from '../../src/domain/certificate/certificate.ts'
import { thirdPartyFindings } from '../../src/domain/findings/third-party/third-party-findings.ts'
import { instant, plus, SECOND } from '../../src/domain/time.ts'
import { createCertificateReader } from '../../src/pki/certificate-reader.ts'
import { createKeyMaterial } from '../../src/pki/key-material.ts'
import { fingerprintOf } from '../../src/pki/public-key.ts'
import { LONGEST_UPLOAD, readUpload } from '../../src/pki/upload.ts'
import type { UploadReading } from '../../src/ports/upload-reader.ts'

const hasOpenssl = spawnSync('openssl', ['version']).status === 0
const now = instant(Date.now())
const reader = createCertificateReader()
const material = createKeyMaterial()
const NAMES = ['www.example', 'api.example']
const SUBJECT = { cn: 'www.example', o: 'Söhne & Co', ou: 'IT', l: 'Berlin', st: 'Berlin', c: 'DE' }

/** A CA as people run one by hand: root, intermediate, and a certificate from our signing request. */
describe.skipIf(!hasOpenssl)(
  'uploads signed by openssl (skipped when the program openssl is missing)',
  () => {
    let folder: string

    const file = (name: string): string => readFileSync(join(folder, name), 'utf8')
    const openssl = (...args: string[]): void => {
      const { status, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' })
      expect(status, `openssl ${args.join(' ')}\n${stderr}`).toBe(0)
    }
    const sign = (request: string, issuer: string, ...more: string[]): void =>
      openssl(
        'x509',
        '-req',
        '-in',
        request,
        '-CA',
        `${issuer}.pem`,
        '-CAkey',
        `${issuer}.key`,
        '-CAcreateserial',
        ...more,
      )

    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'certrail-upload-'))
      writeFileSync(
        join(folder, 'ca.cnf'),
        'basicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign,cRLSign\n',
      )
      const request = (name: string, ...more: string[]): void =>
        openssl(
          'req',
          '-newkey',
          'rsa:2048',
          '-nodes',
          '-keyout',
          `${name}.key`,
          '-subj',
          `/O=Example/CN=${name}`,
          ...more,
        )
      request('root', '-x509', '-days', '3650', '-out', 'root.pem')
      request('intermediate', '-out', 'intermediate.csr')
      sign('intermediate.csr', 'root', '-days', '1825', '-extfile', 'ca.cnf', '-out', 'intermediate.pem')
    })
    afterAll(() => rmSync(folder, { recursive: true, force: true }))

    const signingRequest = async (algorithm: KeyAlgorithm): Promise<string> => {
      const key = await material.generate(algorithm)
      const pem = await material.createSigningRequest(key, SUBJECT, NAMES)
      writeFileSync(join(folder, 'leaf.csr'), pem)
      return pem
    }

    const read = (
      keyAlgorithm: KeyAlgorithm,
      signingRequestPem: string,
      trustChain: string | null,
    ): UploadReading =>
      readUpload(
        { pointer: '', keyAlgorithm, certificate: file('leaf.pem'), trustChain, signingRequestPem },
        reader,
        // openssl's certificates begin in the second in which it signs.
        { maxPemLength: LONGEST_UPLOAD, knownRoots: [], publicRoots: new Set(), now: plus(now, 60 * SECOND) },
      )

    const idsOf = ({ uploaded }: UploadReading, roots: readonly string[]): readonly string[] =>
      thirdPartyFindings({
        uploads: [uploaded],
        expectedAlgorithms: [uploaded.keyAlgorithm],
        requestedNames: NAMES,
        requestedSignatureHash: null,
        standardRoots: new Set(roots),
        liveNames: NAMES,
        keysOfOthers: new Set(),
        leadDays: CPS_LEAD_DAYS,
        now: plus(now, 60 * SECOND),
      }).map(({ id }) => id)

    const rootFingerprint = (): string => {
      const [der = new Uint8Array()] = reader.split(file('root.pem'))
      return fingerprintOf(der)
    }

    it.each<KeyAlgorithm>(['RSA', 'ECDSA'])(
      'differ in nothing but how their root stands (%s)',
      async (algorithm) => {
        const request = await signingRequest(algorithm)
        sign(
          'leaf.csr',
          'intermediate',
          '-days',
          '365',
          '-copy_extensions',
          'copy',
          '-text',
          '-out',
          'leaf.pem',
        )
        const reading = read(algorithm, request, file('intermediate.pem') + file('root.pem'))
        expect(reading.asUploaded.certificate).toContain('Signature Algorithm')
        expect(reading.deployable.certificatePem).toMatch(/^-----BEGIN/)
        expect(idsOf(reading, [rootFingerprint()])).toEqual([
          'TRUST_CHAIN_INCLUDES_STANDARD_ROOT_CERTIFICATE',
        ])
        expect(idsOf(reading, [])).toEqual(['TRUST_CHAIN_TERMINATES_WITH_NON_STANDARD_CERTIFICATE'])
      },
    )

    it('miss their names when the extensions of the request were not copied', async () => {
      const request = await signingRequest('ECDSA')
      sign('leaf.csr', 'intermediate', '-days', '365', '-out', 'leaf.pem')
      const found = idsOf(read('ECDSA', request, file('intermediate.pem')), [rootFingerprint()])
      expect(found).toContain('CSR_VS_CERTIFICATE_MISSING_SAN_FROM_SAN_LIST_IN_CERTIFICATE')
      expect(found).toContain('CERTIFICATE_MISSING_CN_FROM_SAN_LIST')
      expect(found).toContain('CERTIFICATE_VS_NETWORK_SAN_REMOVED_FROM_CERT_LIVE_ON_NETWORK')
    })

    it('tell a subject that the CA replaced, and a weak signature', async () => {
      const request = await signingRequest('ECDSA')
      sign(
        'leaf.csr',
        'intermediate',
        '-copy_extensions',
        'copy',
        '-subj',
        '/C=DE/CN=WWW.example',
        '-sha1',
        '-days',
        '90',
        '-out',
        'leaf.pem',
      )
      expect(idsOf(read('ECDSA', request, file('intermediate.pem')), [])).toEqual([
        'CSR_VS_CERTIFICATE_CN_CASE_MISMATCH',
        'CSR_VS_CERTIFICATE_ST_FIELD_MISSING_IN_CERTIFICATE',
        'CSR_VS_CERTIFICATE_L_FIELD_MISSING_IN_CERTIFICATE',
        'CSR_VS_CERTIFICATE_O_FIELD_MISSING_IN_CERTIFICATE',
        'CSR_VS_CERTIFICATE_OU_FIELD_MISSING_IN_CERTIFICATE',
        'CERTIFICATE_SIGNATURE_MISMATCH',
        'TRUST_CHAIN_TERMINATES_WITH_NON_STANDARD_CERTIFICATE',
      ])
    })
  },
)
