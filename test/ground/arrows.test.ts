import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const run = promisify(execFile)
const PROJECT = fileURLToPath(new URL('../..', import.meta.url))

/** One planted violation of each arrow and of each rule that keeps the domain pure: file below src/, its text, a part of the refusal. */
const VIOLATIONS: readonly (readonly [file: string, text: string, refusal: string])[] = [
  [
    'domain/p1.ts',
    "import { x } from '../app/x.ts'\nexport const y = x\n",
    'src/domain does not import src/app',
  ],
  [
    'domain/p2.ts',
    "import type { X } from '../ports/x.ts'\nexport type Y = X\n",
    'src/domain does not import src/ports',
  ],
  [
    'domain/p3.ts',
    "import { x } from '../store/x.ts'\nexport const y = x\n",
    'src/domain does not import src/store',
  ],
  ['domain/p4.ts', "import { readFileSync } from 'node:fs'\nexport const y = readFileSync\n", 'pure place'],
  ['domain/p5.ts', "import { z } from 'zod'\nexport const y = z\n", 'does not import the package zod'],
  ['domain/p6.ts', "export const y = import('../store/x.ts')\n", 'src/domain does not import src/store'],
  ['domain/p7.ts', 'export const y = Date.now()\n', 'Date'],
  ['domain/p8.ts', 'export const y = new Date()\n', 'Date'],
  ['domain/p9.ts', 'export const y = Math.random()\n', 'Math.random'],
  ['domain/p10.ts', 'export const y = process.env\n', 'process'],
  ['domain/p11.ts', 'export const y = globalThis\n', 'globalThis'],
  ['domain/p12.ts', 'export const y = () => setTimeout(() => {}, 1)\n', 'setTimeout'],
  ['domain/p13.ts', 'export const y = crypto\n', 'crypto'],
  [
    'ports/p1.ts',
    "import { x } from '../domain/x.ts'\nexport const y = x\n",
    'src/ports knows only types of src/domain',
  ],
  [
    'ports/p2.ts',
    "import type { X } from '../app/x.ts'\nexport type Y = X\n",
    'src/ports does not import src/app',
  ],
  [
    'app/p1.ts',
    "import { x } from '../store/x.ts'\nexport const y = x\n",
    'src/app does not import src/store',
  ],
  ['app/p2.ts', "import { x } from '../http/x.ts'\nexport const y = x\n", 'src/app does not import src/http'],
  ['app/p3.ts', "import { x } from '../pki/x.ts'\nexport const y = x\n", 'src/app does not import src/pki'],
  ['app/p4.ts', "import { readFile } from 'node:fs'\nexport const y = readFile\n", 'pure place'],
  [
    'errors/p1.ts',
    "import { x } from '../domain/x.ts'\nexport const y = x\n",
    'src/errors does not import src/domain',
  ],
  [
    'inbound/p1.ts',
    "import { x } from '../validation/x.ts'\nexport const y = x\n",
    'src/inbound does not import src/validation',
  ],
  [
    'placement/p1.ts',
    "import { x } from '../validation/x.ts'\nexport const y = x\n",
    'src/placement does not import src/validation',
  ],
  [
    'notices/p1.ts',
    "import { x } from '../validation/x.ts'\nexport const y = x\n",
    'src/notices does not import src/validation',
  ],
  [
    'outbound/p1.ts',
    "import { x } from '../validation/x.ts'\nexport const y = x\n",
    'src/outbound does not import src/validation',
  ],
  [
    'wire/p1.ts',
    "import { x } from '../app/x.ts'\nexport const y = x\n",
    'src/wire knows only types of src/app',
  ],
  [
    'wire/p2.ts',
    "import { x } from '../http/x.ts'\nexport const y = x\n",
    'src/wire does not import src/http',
  ],
  [
    'http/p1.ts',
    "import { x } from '../store/x.ts'\nexport const y = x\n",
    'src/http does not import src/store',
  ],
  [
    'http/p2.ts',
    "import { x } from '../app/x.ts'\nexport const y = x\n",
    'src/http knows only types of src/app',
  ],
  [
    'jobs/p1.ts',
    "import { x } from '../http/x.ts'\nexport const y = x\n",
    'src/jobs does not import src/http',
  ],
  [
    'jobs/p2.ts',
    "import { x } from '../store/x.ts'\nexport const y = x\n",
    'src/jobs does not import src/store',
  ],
  [
    'cli/p1.ts',
    "import { x } from '../store/x.ts'\nexport const y = x\n",
    'src/cli does not import src/store',
  ],
  ['cli/p2.ts', "import { x } from '../app/x.ts'\nexport const y = x\n", 'src/cli does not import src/app'],
  [
    'config/p1.ts',
    "import { x } from '../store/x.ts'\nexport const y = x\n",
    'src/config does not import src/store',
  ],
  [
    'store/p1.ts',
    "import { x } from '../app/x.ts'\nexport const y = x\n",
    'src/store knows only types of src/app',
  ],
  [
    'store/p2.ts',
    "import { x } from '../http/x.ts'\nexport const y = x\n",
    'src/store does not import src/http',
  ],
  [
    'authority/p1.ts',
    "import { x } from '../store/x.ts'\nexport const y = x\n",
    'src/authority does not import src/store',
  ],
  ['pki/p1.ts', "import { x } from '../app/x.ts'\nexport const y = x\n", 'src/pki does not import src/app'],
  [
    'pki/p2.ts',
    "import { X509Certificate } from '@peculiar/x509'\nexport const y = X509Certificate\n",
    'src/pki/x509.ts alone',
  ],
  [
    'custody/p1.ts',
    "import { x } from '../store/x.ts'\nexport const y = x\n",
    'src/custody does not import src/store',
  ],
  [
    'edge/p1.ts',
    "import { x } from '../store/x.ts'\nexport const y = x\n",
    'src/edge does not import src/store',
  ],
  [
    'edgegrid/p1.ts',
    "import { x } from '../http/x.ts'\nexport const y = x\n",
    'src/edgegrid does not import src/http',
  ],
  ['dns/p1.ts', "import { x } from '../http/x.ts'\nexport const y = x\n", 'src/dns does not import src/http'],
  [
    'validation/p1.ts',
    "import { x } from '../store/x.ts'\nexport const y = x\n",
    'src/validation does not import src/store',
  ],
  [
    'observe/p1.ts',
    "import { x } from '../app/x.ts'\nexport const y = x\n",
    'src/observe does not import src/app',
  ],
  [
    'http/p3.ts',
    "import { x } from '../composition/x.ts'\nexport const y = x\n",
    'only main.ts imports src/composition',
  ],
  [
    'composition/p1.ts',
    "import { x } from '../main.ts'\nexport const y = x\n",
    'nothing imports src/main.ts',
  ],
  ['strange/p1.ts', "import { x } from '../domain/x.ts'\nexport const y = x\n", 'has no row'],
]

const CLEAN: Readonly<Record<string, string>> = {
  'domain/clean.ts': "import { x } from './x.ts'\nexport const y = x\n",
  'app/clean.ts':
    "import { x } from '../domain/x.ts'\nimport type { P } from '../ports/x.ts'\nexport const y: P = x\n",
  'store/clean.ts':
    "import { x } from '../domain/x.ts'\nimport type { P } from '../ports/x.ts'\nexport const y: P = x\n",
}

const FOLDERS = [...new Set(VIOLATIONS.map(([file]) => file.split('/')[0] ?? ''))]

describe('arrows between the rooms', () => {
  let root: string
  let output: string

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'certrail-arrows-'))
    await mkdir(join(root, 'scripts'))
    await cp(join(PROJECT, '.oxlintrc.json'), join(root, '.oxlintrc.json'))
    await cp(join(PROJECT, 'scripts/lint'), join(root, 'scripts/lint'), { recursive: true })
    await cp(join(PROJECT, 'package.json'), join(root, 'package.json'))
    await symlink(join(PROJECT, 'node_modules'), join(root, 'node_modules'))
    for (const folder of FOLDERS)
      await plant(`${folder}/x.ts`, 'export const x = 1\nexport type X = number\nexport type P = number\n')
    await plant('main.ts', 'export const x = 1\n')
    for (const [file, text] of VIOLATIONS) await plant(file, text)
    for (const [file, text] of Object.entries(CLEAN)) await plant(file, text)
    const lint = join(PROJECT, 'node_modules/oxlint/bin/oxlint')
    output = await run(process.execPath, [lint, '-f', 'unix', 'src'], {
      cwd: root,
      maxBuffer: 10_000_000,
    }).then(
      ({ stdout }) => stdout,
      (error: { stdout: string }) => error.stdout,
    )
  })
  afterAll(() => rm(root, { recursive: true, force: true }))

  async function plant(file: string, text: string): Promise<void> {
    await mkdir(dirname(join(root, 'src', file)), { recursive: true })
    await writeFile(join(root, 'src', file), text)
  }

  const findingsOf = (file: string) => output.split('\n').filter((line) => line.startsWith(`src/${file}:`))

  it.each(VIOLATIONS)('refuses %s', (file, _text, refusal) => {
    expect(findingsOf(file).join('\n')).toContain(refusal)
  })

  it.each(Object.keys(CLEAN))('accepts %s', (file) => expect(findingsOf(file)).toEqual([]))

  it('plants something in every room', async () => {
    const { FOLDERS: rooms } = (await import('../../scripts/lint/arrows.mjs' as string)) as {
      FOLDERS: object
    }
    expect(Object.keys(rooms).filter((room) => !FOLDERS.includes(room))).toEqual([])
  })
})
