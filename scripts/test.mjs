#!/usr/bin/env node
import { randomInt } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Stopped, runProgram } from './lib/child.mjs'
import { prepare, runScript } from './lib/prepare.mjs'
import { ROOT } from './lib/root.mjs'
import { differsFromExpected, lastLine, summarize } from './lib/test-report.mjs'
import { installTestPrograms } from './lib/test-programs.mjs'

const say = (line) => process.stdout.write(`${line}\n`)
const words = process.argv.slice(2)
const isLong = words.includes('--long')
const vitestArgs = words.filter((word) => word !== '--long')
const env = {
  ...process.env,
  CERTRAIL_TEST_SEED: process.env.CERTRAIL_TEST_SEED || String(randomInt(2 ** 31)),
  ...(isLong && { CERTRAIL_TEST_LONG: '1' }),
}

await runScript(async ({ stop }) => {
  let outcome = { passed: 0, failed: 1, skipped: [] }
  try {
    await prepare({ stop, say })
    if (isOn(env.CERTRAIL_TEST_INSTALL)) await installTestPrograms({ stop, say })
    say(
      `test: seed ${env.CERTRAIL_TEST_SEED} (CERTRAIL_TEST_SEED=${env.CERTRAIL_TEST_SEED} repeats it), ${isLong ? 'full' : 'small'} counts`,
    )
    outcome = judgeSkips(await runSuite(stop))
  } catch (error) {
    if (error instanceof Stopped) throw error
    say(error.message)
  }
  say(lastLine(outcome))
  return outcome.failed === 0 ? 0 : 1
})

async function runSuite(stop) {
  const folder = mkdtempSync(join(tmpdir(), 'certrail-test-'))
  const reportPath = join(folder, 'report.json')
  try {
    const { code } = await runProgram(
      process.execPath,
      [
        join(ROOT, 'node_modules', 'vitest', 'vitest.mjs'),
        'run',
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${reportPath}`,
        ...vitestArgs,
      ],
      // Tests start servers, which must not outlive a run that is stopped.
      { cwd: ROOT, env, stop, withDescendants: true },
    )
    return summarize(readReport(reportPath), { root: ROOT, exitCode: code })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    if (error.code === 'ENOENT') return null
    throw error
  }
}

/**
 * Where the suite guards something (CI, or a machine with every program installed) a skipped test is a hole, so the list of them
 * is committed. A run of chosen tests is not the suite and is not judged.
 */
function judgeSkips(outcome) {
  for (const name of outcome.skipped) say(`skipped: ${name}`)
  if (vitestArgs.length > 0 || !(isOn(env.CI) || isOn(env.CERTRAIL_TEST_INSTALL))) return outcome
  const differences = differsFromExpected(
    outcome.skipped,
    readFileSync(join(ROOT, 'test', 'expected-skips.txt'), 'utf8'),
  )
  for (const line of differences) say(line)
  if (differences.length > 0) say('test/expected-skips.txt lists what may be skipped')
  return { ...outcome, failed: outcome.failed + differences.length }
}

function isOn(value) {
  return value !== undefined && !['', '0', 'false'].includes(value)
}
