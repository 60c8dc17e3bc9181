import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { row } from './lib/figures.mjs'
import { startInstance } from './lib/instance.mjs'

/** Seconds from `npm start` to ready: on a fresh clone with nothing installed, against a first and a second start of a clone that is set up. */
const PROJECT = fileURLToPath(new URL('..', import.meta.url))

export async function run() {
  const folder = await mkdtemp(join(tmpdir(), 'certrail-bench-clone-'))
  const clone = join(folder, 'certrail')
  const { status } = spawnSync('git', ['clone', '--quiet', PROJECT, clone])
  if (status !== 0) throw new Error('git could not clone the project')
  const seconds = async (script) => {
    const begun = performance.now()
    const instance = await startInstance({}, script)
    const elapsed = (performance.now() - begun) / 1000
    await instance.stop()
    return elapsed
  }
  try {
    const script = join(clone, 'scripts/start.mjs')
    const fresh = await seconds(script)
    const again = await seconds(script)
    return [
      row(
        'fresh clone to ready (install, build, first start)',
        's',
        fresh,
        again,
        'a set-up clone with an empty home',
      ),
    ]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
