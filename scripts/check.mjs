#!/usr/bin/env node
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { captureProgram } from './lib/child.mjs'
import { nodeTooOld, runScript } from './lib/prepare.mjs'
import { ROOT } from './lib/root.mjs'
import { setUp } from './lib/setup.mjs'

/** Named, since the linter would walk node_modules otherwise. */
const FOLDERS = ['src', 'test', 'bench', 'scripts', 'examples', 'vitest.config.ts']
const PACKAGES = join(ROOT, 'node_modules')

const CHECKS = [
  { name: 'types', program: 'typescript/bin/tsc', args: ['-p', 'tsconfig.json', '--pretty', 'false'] },
  {
    name: 'lint',
    program: 'oxlint/bin/oxlint',
    args: ['--type-aware', '--deny-warnings', '-f', 'unix', ...FOLDERS.filter(isThere)],
  },
  { name: 'format', program: '@biomejs/biome/bin/biome', args: ['format', '--colors=off', '.'] },
  { name: 'unused', program: 'knip/bin/knip.js', args: ['--no-progress'] },
]

function isThere(folder) {
  return existsSync(join(ROOT, folder))
}

await runScript(async ({ stop }) => {
  const refusal = nodeTooOld()
  if (refusal !== null) throw new Error(refusal)
  await setUp({ stop })
  const failed = []
  for (const { name, program, args } of CHECKS) {
    const startedAt = performance.now()
    const { code, output } = await captureProgram(process.execPath, [join(PACKAGES, program), ...args], {
      cwd: ROOT,
      stop,
    })
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
    process.stdout.write(`${name}: ${code === 0 ? 'ok' : 'FAILED'} (${seconds} s)\n`)
    if (code === 0) continue
    failed.push(name)
    process.stdout.write(`${output.trimEnd().replaceAll(/^/gm, '  ')}\n`)
  }
  process.stdout.write(failed.length === 0 ? 'check: all ok\n' : `check: ${failed.join(', ')} failed\n`)
  return failed.length === 0 ? 0 : 1
})
