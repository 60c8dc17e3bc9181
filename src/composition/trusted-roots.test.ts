import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testAuthority, testLeaf, testRoot } from '../../test/support/test-certificates.ts'
import { instant } from '../domain/time.ts'
import { generateEcKey } from '../pki/key-material.ts'
import { toPem } from '../pki/pem.ts'
import { fingerprintOf } from '../pki/public-key.ts'
import { writeSigningRequest } from '../pki/signing-request.ts'
import { uploadReaderFor } from './trusted-roots.ts'

const now = instant(1_795_305_600_000)
const root = testRoot({ cn: 'Company root', at: now })
const issuing = testAuthority(root, { cn: 'Issuing', at: now })
const key = generateEcKey()
const leaf = testLeaf(issuing, { cn: 'www.example', at: now, key })

describe('CERTRAIL_TRUSTED_ROOTS', () => {
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'certrail-roots-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  const rootsOf = async (setting: Parameters<typeof uploadReaderFor>[0]) => {
    const reader = await uploadReaderFor(setting)
    const [reading] = reader.read(
      [
        {
          pointer: '',
          keyAlgorithm: 'ECDSA',
          certificate: toPem('CERTIFICATE', leaf.der),
          trustChain: toPem('CERTIFICATE', issuing.der),
          signingRequestPem: writeSigningRequest(key, { cn: 'www.example' }, ['www.example']),
        },
      ],
      now,
    )
    return { standard: reader.standardRoots, ends: reading?.uploaded.roots }
  }

  it('any: roots are not judged', async () => {
    expect(await rootsOf({ kind: 'any' })).toEqual({ standard: 'any', ends: [] })
  })

  it('files: exactly those are standard, and a chain may end at one without naming it', async () => {
    const path = join(folder, 'roots.pem')
    await writeFile(path, `Company\n${toPem('CERTIFICATE', root.der)}`)
    const own = fingerprintOf(root.der)
    expect(await rootsOf({ kind: 'files', paths: [path] })).toEqual({ standard: new Set([own]), ends: [own] })
  })

  it('system: what the system trusts is standard, a company root is not', async () => {
    const { standard, ends } = await rootsOf({ kind: 'system' })
    expect(standard === 'any' ? 0 : standard.size).toBeGreaterThan(10)
    expect(ends).toEqual([])
  })

  it('says which file cannot be read, and which holds no certificate', async () => {
    const missing = join(folder, 'missing.pem')
    await expect(uploadReaderFor({ kind: 'files', paths: [missing] })).rejects.toThrow(missing)
    const empty = join(folder, 'empty.pem')
    await writeFile(empty, 'nothing')
    await expect(uploadReaderFor({ kind: 'files', paths: [empty] })).rejects.toThrow('CERTRAIL_TRUSTED_ROOTS')
  })
})
