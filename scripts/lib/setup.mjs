import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { runProgram } from './child.mjs'
import { ROOT, isClone } from './root.mjs'
import { withSetupLock } from './setup-lock.mjs'

const STAMP = join(ROOT, 'node_modules', '.certrail-set-up')
const PROGRESS_EVERY_MS = 5_000

/** What the installed packages depend on: lockfile, Node's major version (native parts), platform. */
export function installationKey() {
  const lockfile = createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex')
  return `${lockfile} node-${process.versions.node.split('.')[0]} ${process.platform}-${process.arch}`
}

/**
 * Installs from the lockfile when packages are missing or stale; says so through `say(line)` and stays silent otherwise.
 * Development packages are always included: without them (NODE_ENV=production) nothing could be built.
 */
export async function setUp({ stop, say = (line) => process.stderr.write(`${line}\n`) } = {}) {
  if (!isClone() || isInstalled()) return
  await withSetupLock(
    async () => {
      if (!isInstalled()) await install({ stop, say })
    },
    { stop, say },
  )
}

function isInstalled() {
  try {
    return readFileSync(STAMP, 'utf8') === installationKey()
  } catch (error) {
    if (error.code === 'ENOENT') return false
    throw error
  }
}

async function install({ stop, say }) {
  const key = installationKey()
  const packages =
    Object.keys(JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).packages).length - 1
  say(`set-up: installing up to ${packages} packages from the lockfile (npm ci)`)
  const startedAt = performance.now()
  const seconds = () => Math.round((performance.now() - startedAt) / 1000)
  const progress = setInterval(() => say(`set-up: still installing after ${seconds()} s`), PROGRESS_EVERY_MS)
  try {
    const { program, args } = npm()
    const { code, signal } = await runProgram(
      program,
      [...args, 'ci', '--include=dev', '--no-audit', '--no-fund'],
      {
        cwd: ROOT,
        // What npm says belongs to stderr: stdout is the ready block's, or the CLI's answer.
        stdio: ['ignore', process.stderr, process.stderr],
        withDescendants: true,
        env: { ...process.env, NPM_CONFIG_UPDATE_NOTIFIER: 'false' },
        stop,
      },
    )
    if (code !== 0)
      throw new Error(`npm ci failed (${signal ?? `exit code ${code}`}); its own words stand above`)
  } finally {
    clearInterval(progress)
  }
  mkdirSync(join(ROOT, 'node_modules'), { recursive: true })
  writeFileSync(STAMP, key)
  say(`set-up: packages installed in ${seconds()} s`)
}

/** The npm that runs us when there is one, so that a version chosen by the caller stays chosen. */
function npm() {
  const running = process.env.npm_execpath
  if (running !== undefined && basename(running) === 'npm-cli.js')
    return { program: process.execPath, args: [running] }
  return { program: process.platform === 'win32' ? 'npm.cmd' : 'npm', args: [] }
}
