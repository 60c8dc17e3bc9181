import { createHash } from 'node:crypto'
import { cpSync, existsSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundleServer } from './bundle.mjs'
import { captureProgram } from './child.mjs'
import { ROOT, isClone } from './root.mjs'
import { withSetupLock } from './setup-lock.mjs'

const DIST = join(ROOT, 'dist')
const STAMP = join(DIST, '.certrail-build')
const DRAFT = 'dist.building'
const OLD = 'dist.old'

/** Hash of everything that the build reads: src/ without tests, migrations/, the tsconfigs, and which packages go into the server. */
export function sourcesKey() {
  const hash = createHash('sha256')
  for (const path of sources()) {
    const content = readFileSync(join(ROOT, path))
    hash.update(`${path.replaceAll('\\', '/')} ${content.length}\n`).update(content)
  }
  return hash.digest('hex')
}

function sources() {
  const below = (folder) =>
    existsSync(join(ROOT, folder))
      ? readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
          .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(ROOT.length + 1))
      : []
  const tops = readdirSync(ROOT).filter((name) => /^(tsconfig.*|package|package-lock)\.json$/.test(name))
  return [...below('src'), ...below('migrations'), ...tops].sort()
}

/**
 * Compiles src/ into dist/ when its sources changed since. Written beside dist/ and then renamed, so that a failed or killed
 * build leaves the earlier dist/ as it was. Silent when there is nothing to do.
 */
export async function build({ stop, say = (line) => process.stderr.write(`${line}\n`) } = {}) {
  if (!isClone() || isBuilt()) return
  await withSetupLock(
    async () => {
      if (!isBuilt()) await compile({ stop, say })
    },
    { stop, say },
  )
}

function isBuilt() {
  try {
    return readFileSync(STAMP, 'utf8') === sourcesKey()
  } catch (error) {
    if (error.code === 'ENOENT') return false
    throw error
  }
}

async function compile({ stop, say }) {
  const startedAt = performance.now()
  say('build: compiling')
  const key = sourcesKey()
  const draft = join(ROOT, DRAFT)
  clear()
  try {
    const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
    const { code, output } = await captureProgram(
      process.execPath,
      [tsc, '-p', join(ROOT, 'tsconfig.build.json'), '--outDir', draft, '--pretty', 'false'],
      { cwd: ROOT, stop },
    )
    if (code !== 0) throw new Error(`the build failed:\n${output.trimEnd()}`)
    await bundleServer(draft)
    cpSync(join(ROOT, 'src'), draft, { recursive: true, filter: (path) => !path.endsWith('.ts') })
    writeFileSync(join(draft, '.certrail-build'), key)
    if (existsSync(DIST)) renameSync(DIST, join(ROOT, OLD))
    renameSync(draft, DIST)
  } finally {
    clear()
  }
  say(`build: done in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`)
}

/** Left over from a build that was killed, or from the one before. */
function clear() {
  for (const name of [DRAFT, OLD]) rmSync(join(ROOT, name), { recursive: true, force: true })
}
