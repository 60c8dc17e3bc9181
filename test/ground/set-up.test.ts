import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))

/** Stands where npm's own program stands: notes that it ran, waits until it may go on, and leaves packages behind. */
const NPM = `
import { once } from 'node:events'
import { appendFileSync, existsSync, mkdirSync, symlinkSync, watch } from 'node:fs'
const changes = watch('.')
appendFileSync('npm-runs', process.argv.slice(2).join(' ') + '\\n')
console.log('npm says hello')
while (!existsSync('go-on')) await once(changes, 'change')
changes.close()
mkdirSync('node_modules', { recursive: true })
for (const name of ['typescript', 'rolldown']) {
  try {
    symlinkSync(process.env.PACKAGES + '/' + name, 'node_modules/' + name)
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
  }
}
`
const PACKAGES = join(PROJECT, 'node_modules')
const COMPILER_OPTIONS = {
  target: 'ES2023',
  module: 'NodeNext',
  moduleResolution: 'NodeNext',
  types: [],
  rootDir: 'src',
}

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

describe('set-up, build and start of a clone', () => {
  let root: string
  const running: ChildProcess[] = []

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'certrail-clone-'))
    await cp(join(PROJECT, 'scripts'), join(root, 'scripts'), { recursive: true })
    await put('npm-cli.js', NPM)
    await put('package.json', '{"type":"module"}')
    await put('package-lock.json', '{"packages":{"":{}}}')
    await put('tsconfig.build.json', JSON.stringify({ compilerOptions: COMPILER_OPTIONS, include: ['src'] }))
    await put('src/main.ts', SERVER)
    await put('src/cli/main.ts', 'export const run = async (words: string[]) => words.length\n')
    await put('src/page.html', '<!doctype html>')
    await put('go-on', '')
  })
  afterEach(async () => {
    for (const child of running.splice(0)) if (child.exitCode === null) child.kill('SIGKILL')
    await rm(root, { recursive: true, force: true })
  })

  async function put(path: string, text: string): Promise<void> {
    await mkdir(join(root, path, '..'), { recursive: true })
    await writeFile(join(root, path), text)
  }

  /** The server of this clone: says what it was given and runs until a signal. */
  const SERVER = `
declare const process: any
export async function main({ lock, argv }: { lock: { release(): Promise<void> }; argv: string[] }): Promise<number> {
  const alive = setInterval(() => {}, 1_000)
  const ended = new Promise<number>((resolve) => process.once('SIGTERM', () => resolve(0)))
  process.stdout.write('serving ' + process.pid + ' ' + argv.join(' ') + '\\n')
  const code = await ended
  clearInterval(alive)
  await lock.release()
  return code
}
`

  function start(script: string, args: string[] = [], env: Record<string, string> = {}) {
    const child = spawn(process.execPath, [join(root, 'scripts', script), ...args], {
      cwd: root,
      env: {
        ...process.env,
        npm_execpath: join(root, 'npm-cli.js'),
        PACKAGES,
        NODE_ENV: 'production',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    running.push(child)
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    const ended: Promise<Ended> = once(child, 'close').then(([code]) => ({
      code: code as number | null,
      stdout,
      stderr,
    }))
    const shows = async (pattern: RegExp): Promise<void> => {
      while (!pattern.test(stdout + stderr)) {
        await Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data'), ended])
        if (child.exitCode !== null && !pattern.test(stdout + stderr))
          throw new Error(`ended: ${stdout}${stderr}`)
      }
    }
    return { child, ended, shows }
  }

  const npmRuns = async () => (await readFile(join(root, 'npm-runs'), 'utf8')).trim().split('\n')
  const isThere = (path: string) =>
    stat(join(root, path)).then(
      () => true,
      () => false,
    )

  it('installs from the lockfile with development packages, builds, and does neither a second time', async () => {
    const first = await start('build.mjs').ended
    expect(first).toMatchObject({ code: 0, stdout: '' })
    expect(first.stderr).toMatch(/set-up: installing .*\n.*npm says hello\n.*build: done/s)
    expect(await npmRuns()).toEqual(['ci --include=dev --no-audit --no-fund'])
    expect(await isThere('dist/main.js')).toBe(true)
    expect(await readFile(join(root, 'dist/page.html'), 'utf8')).toBe('<!doctype html>')

    expect(await start('build.mjs').ended).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(await npmRuns()).toHaveLength(1)
  })

  it('installs again when the lockfile changed, builds again when a source changed, but not for a test', async () => {
    await start('build.mjs').ended
    await put('src/main.test.ts', 'export {}\n')
    expect((await start('build.mjs').ended).stderr).toBe('')
    await put('src/more.ts', 'export const more = 1\n')
    const { stderr } = await start('build.mjs').ended
    expect(stderr).toContain('build: done')
    expect(stderr).not.toContain('set-up')
    expect(await isThere('dist/more.js')).toBe(true)
    await put('package-lock.json', '{"packages":{"":{},"node_modules/x":{}}}')
    expect((await start('build.mjs').ended).stderr).toContain('set-up: packages installed')
    expect(await npmRuns()).toHaveLength(2)
  })

  it('lets two at once install once: the other waits and says for whom', async () => {
    await rm(join(root, 'go-on'))
    const one = start('build.mjs')
    await one.shows(/npm says hello/)
    const other = start('build.mjs')
    await other.shows(new RegExp(`waiting for process ${one.child.pid}`))
    await put('go-on', '')
    expect([(await one.ended).code, (await other.ended).code]).toEqual([0, 0])
    expect(await npmRuns()).toHaveLength(1)
    expect(await isThere('dist/main.js')).toBe(true)
  })

  it('goes on where a killed set-up left off', async () => {
    await rm(join(root, 'go-on'))
    const killed = start('build.mjs')
    await killed.shows(/npm says hello/)
    killed.child.kill('SIGKILL')
    await once(killed.child, 'exit')
    await put('go-on', '')
    expect((await start('build.mjs').ended).code).toBe(0)
    expect(await npmRuns()).toHaveLength(2)
  })

  it('leaves the earlier build as it was when a build fails, and says what is wrong', async () => {
    await start('build.mjs').ended
    const before = await readFile(join(root, 'dist/main.js'), 'utf8')
    await put('src/main.ts', 'export const broken: number = "text"\n')
    const failed = await start('build.mjs').ended
    expect(failed.code).toBe(1)
    expect(failed.stderr).toContain(
      "src/main.ts(1,14): error TS2322: Type 'string' is not assignable to type 'number'.",
    )
    expect(await readFile(join(root, 'dist/main.js'), 'utf8')).toBe(before)
    expect((await readdir(root)).filter((name) => name.startsWith('dist'))).toEqual(['dist'])
  })

  it('says so when npm fails, and tries again the next time', async () => {
    await put('npm-cli.js', "console.error('no network'); process.exitCode = 7\n")
    const failed = await start('build.mjs').ended
    expect(failed.code).toBe(1)
    expect(failed.stderr).toMatch(/no network\n.*npm ci failed \(exit code 7\)/s)
    await put('npm-cli.js', NPM)
    expect((await start('build.mjs').ended).code).toBe(0)
  })

  it('starts the server in its own process, ends 0 on a signal, and frees the home', async () => {
    for (const round of [1, 2]) {
      const server = start('start.mjs', ['--api-port', '0'])
      await server.shows(new RegExp(`serving ${server.child.pid} --api-port 0`))
      server.child.kill('SIGTERM')
      expect((await server.ended).code, `round ${round}`).toBe(0)
    }
  })

  it('refuses a second start on the same home before it does anything else, and names the holder', async () => {
    const first = start('start.mjs')
    await first.shows(/serving/)
    await put('.certrail/ready.json', '{}')
    await rm(join(root, 'dist'), { recursive: true })
    const second = await start('start.mjs').ended
    expect(second.code).toBe(1)
    expect(second.stderr).toContain(`in use by process ${first.child.pid}`)
    expect(await isThere('dist')).toBe(false)
    expect(await isThere('.certrail/ready.json')).toBe(true)
    expect(await start('start.mjs', ['--home', 'other']).shows(/serving/)).toBeUndefined()
  })

  it('removes an earlier ready.json before it sets up, and a stop during set-up ends npm and exits 0', async () => {
    await rm(join(root, 'go-on'))
    await put('.certrail/ready.json', '{"pid":1}')
    const server = start('start.mjs')
    await server.shows(/npm says hello/)
    expect(await isThere('.certrail/ready.json')).toBe(false)
    server.child.kill('SIGINT')
    server.child.kill('SIGINT')
    expect((await server.ended).code).toBe(0)
    expect(await isThere('node_modules')).toBe(false)
  })

  it('runs the command line client with its words and exit code, saying nothing of its own on stdout', async () => {
    expect(await start('certrail.mjs', ['list', '--json']).ended).toMatchObject({ code: 2, stdout: '' })
    expect(await start('certrail.mjs', ['list', 'a', 'b']).ended).toEqual({ code: 3, stdout: '', stderr: '' })
    const server = start('certrail.mjs', ['start', '--dns-port', '0'])
    await server.shows(/serving \d+ --dns-port 0/)
  })

  it('neither installs nor builds in a packed package', async () => {
    await start('build.mjs').ended
    for (const path of ['src', 'node_modules', 'package-lock.json', 'npm-runs']) {
      await rm(join(root, path), { recursive: true })
    }
    const server = start('start.mjs')
    await server.shows(/serving/)
    expect((await start('certrail.mjs', ['list']).ended).code).toBe(1)
    expect(await isThere('npm-runs')).toBe(false)
  })

  it('finds its packages through a link to the program, as npm makes one', async () => {
    await start('build.mjs').ended
    await symlink('../scripts/certrail.mjs', join(root, 'node_modules', 'certrail'))
    const child = spawn(process.execPath, [join(root, 'node_modules', 'certrail'), 'one', 'two'], {
      stdio: 'ignore',
    })
    running.push(child)
    expect((await once(child, 'exit'))[0]).toBe(2)
  })
})
