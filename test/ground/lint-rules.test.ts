import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const { MAY_CONNECT } = (await import('../../scripts/lint/outbound.mjs' as string)) as {
  MAY_CONNECT: Readonly<Record<string, string>>
}

const run = promisify(execFile)
const PROJECT = fileURLToPath(new URL('../..', import.meta.url))
const ASYNC = 'const act = async (): Promise<void> => {}\n'

/** One slip for each rule that needs types or speaks of all of src/: rule, file, text. */
const SLIPS: readonly (readonly [rule: string, file: string, text: string])[] = [
  ['no-floating-promises', 'http/a1.ts', `${ASYNC}export const go = (): void => {\n  act()\n}\n`],
  [
    'no-misused-promises',
    'http/a2.ts',
    `${ASYNC}export const go = (): void => [1].forEach(async () => act())\n`,
  ],
  [
    'switch-exhaustiveness-check',
    'domain/a3.ts',
    "export function of(word: 'a' | 'b'): number {\n  switch (word) {\n    case 'a':\n      return 1\n  }\n  return 2\n}\n",
  ],
  ['no-cycle', 'domain/a4.ts', "import { two } from './a5.ts'\nexport const one = (): number => two()\n"],
  ['no-cycle', 'domain/a5.ts', "import { one } from './a4.ts'\nexport const two = (): number => one()\n"],
  ['no-explicit-any', 'store/a6.ts', 'export const all: any = 1\n'],
  ['no-non-null-assertion', 'store/a7.ts', 'export const first = (list: string[]): string => list[0]!\n'],
  ['no-default-export', 'app/a8.ts', 'export default 1\n'],
  ['consistent-type-imports', 'edge/a9.ts', "import { Socket } from 'node:net'\nexport type Line = Socket\n"],
  ['consistent-type-imports', 'edge/a10.ts', "export type Line = import('node:net').Socket\n"],
  ['only-throw-error', 'edge/a11.ts', "export const fail = (): never => {\n  throw 'text'\n}\n"],
  ['no-clock', 'store/a12.ts', 'export const now = (): Date => new Date()\n'],
  ['no-clock', 'cli/a13.ts', 'export const now = (): string => Date()\n'],
  ['no-restricted-properties', 'jobs/a14.ts', 'export const now = (): number => Date.now()\n'],
  ['no-restricted-properties', 'authority/a15.ts', 'export const draw = (): number => Math.random()\n'],
  ['no-restricted-properties', 'domain/time.ts', 'export const now = (): number => Date.now()\n'],
  ['no-restricted-globals', 'http/a16.ts', 'export const all = globalThis\n'],
  ['no-restricted-globals', 'http/a17.ts', 'export const all = self\n'],
  ['no-restricted-globals', 'http/a18.ts', 'export const all = location\n'],
  ['no-restricted-globals', 'http/a19.ts', 'export const all = name\n'],
  ['no-restricted-globals', 'http/a20.ts', 'export const all = postMessage\n'],
  ['no-restricted-globals', 'app/a21.ts', 'export const at = (): number => performance.now()\n'],
  ['no-restricted-globals', 'app/a22.ts', "export const at = fetch('https://localhost')\n"],
  [
    'outbound',
    'authority/a25.ts',
    "import { request } from 'node:https'\nexport const ask = (): unknown => request('https://host.example')\n",
  ],
  ['outbound', 'validation/a26.ts', "import * as net from 'node:net'\nexport const all = net\n"],
  ['outbound', 'http/a27.ts', "export const load = (): unknown => import('node:http')\n"],
  ['outbound', 'dns/a28.ts', "export { resolve4 } from 'node:dns/promises'\n"],
  ['outbound', 'dns/a29.ts', "export * from 'node:tls'\n"],
  ['no-restricted-globals', 'placement/a30.ts', "export const at = fetch('https://host.example')\n"],
  ['no-console', 'dns/a23.ts', "console.log('x')\nexport {}\n"],
  ['ban-ts-comment', 'dns/a24.ts', '// @ts-ignore\nexport const x = 1\n'],
]

const CLEAN: Readonly<Record<string, string>> = {
  'observe/system-clock.ts': 'export const read = (): number => Date.now()\n',
  'store/clean.ts': 'export const shown = (at: number): string => new Date(at).toISOString()\n',
  'store/clean.test.ts': 'export const now = [Date.now(), new Date(), Math.random()]\n',
  'http/listens.ts':
    "import { createServer, type Socket } from 'node:net'\nexport const listen = (done: (socket: Socket) => void) => createServer(done)\n",
  'http/clean.ts': `${ASYNC}export const go = async (): Promise<void> => {\n  await act()\n  void act()\n}\n`,
}

describe('rules for all of the code', () => {
  let root: string
  let output: string

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'certrail-lint-'))
    for (const path of ['.oxlintrc.json', 'tsconfig.json', 'package.json', 'scripts/lint']) {
      await cp(join(PROJECT, path), join(root, path), { recursive: true })
    }
    await symlink(join(PROJECT, 'node_modules'), join(root, 'node_modules'))
    for (const [, file, text] of SLIPS) await plant(file, text)
    for (const [file, text] of Object.entries(CLEAN)) await plant(file, text)
    const oxlint = join(PROJECT, 'node_modules/oxlint/bin/oxlint')
    output = await run(process.execPath, [oxlint, '--type-aware', '-f', 'unix', 'src'], { cwd: root }).then(
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

  it.each(SLIPS)('%s refuses %s', (rule, file) => {
    expect(findingsOf(file).join('\n')).toMatch(new RegExp(`\\[Error/.*\\(${rule}\\)\\]`))
  })

  it.each(Object.entries(MAY_CONNECT))('%s may open connections (%s), and is there', (file) => {
    expect(existsSync(join(PROJECT, 'src', file))).toBe(true)
  })

  it.each(Object.keys(CLEAN))('accepts %s', (file) => expect(findingsOf(file)).toEqual([]))
})
