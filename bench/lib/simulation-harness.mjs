import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { captureProgram } from '../../scripts/lib/child.mjs'
import { ROOT } from '../../scripts/lib/root.mjs'

const CONFIG = fileURLToPath(new URL('../tsconfig.simulation.json', import.meta.url))
/** Below node_modules, since what is compiled finds its packages from where it lies. */
const CACHE = join(ROOT, 'node_modules', '.cache')

/** The harness of test/support/simulation as it is compiled for production, not as a test runner loads it: `{ simulate, remove }`. */
export async function compileSimulation(stop) {
  await mkdir(CACHE, { recursive: true })
  const folder = await mkdtemp(join(CACHE, 'certrail-simulation-'))
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
    const { code, output } = await captureProgram(
      process.execPath,
      [tsc, '-p', CONFIG, '--outDir', folder, '--pretty', 'false'],
      { cwd: ROOT, stop },
    )
    if (code !== 0) throw new Error(`the simulation does not compile:\n${output.trimEnd()}`)
    const entry = join(folder, 'test', 'support', 'simulation', 'simulation.js')
    const { simulate } = await import(pathToFileURL(entry).href)
    return { simulate, remove }
  } catch (error) {
    await remove()
    throw error
  }
}
