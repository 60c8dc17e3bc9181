import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  acquireDirectoryLock,
  acquireHomeLock,
  type Lock,
  LockHeldError,
} from '../../scripts/lib/home-lock.mjs'

const MODULE = pathToFileURL(join(import.meta.dirname, '../../scripts/lib/home-lock.mjs')).href

let scratch: string
const children: ChildProcess[] = []

beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'certrail-lock-'))
})

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await rm(scratch, { recursive: true, force: true })
})

/** A process that takes the lock, says `held` or `refused`, and stays. */
async function contender(
  directory: string,
  byFile: boolean,
): Promise<{ child: ChildProcess; outcome: string }> {
  const script = `
    import { acquireDirectoryLock } from ${JSON.stringify(MODULE)}
    const [directory, byFile] = process.argv.slice(1)
    const outcome = await acquireDirectoryLock(directory, 'home', { byFile: byFile === 'true' }).then(() => 'held', (error) => 'refused by ' + error.holder?.pid)
    process.stdout.write(outcome)
    setInterval(() => undefined, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, directory, String(byFile)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  const [outcome] = await once(child.stdout, 'data')
  return { child, outcome: String(outcome) }
}

async function killed(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  await once(child, 'close')
}

describe.each([
  ['as this system does it', false],
  ['by files', true],
])('the lock, %s', (_how, byFile) => {
  const take = (directory: string): Promise<Lock> => acquireDirectoryLock(directory, 'home', { byFile })

  test('has one holder, who tells its process and since when it runs', async () => {
    const lock = await take(scratch)
    const refused = await take(scratch).catch((error: unknown) => error)
    await lock.release()
    expect(refused).toBeInstanceOf(LockHeldError)
    const { holder } = refused as LockHeldError
    expect(holder.pid).toBe(process.pid)
    expect(Math.abs(Date.parse(holder.startedAt) - (Date.now() - process.uptime() * 1000))).toBeLessThan(
      2_000,
    )
    expect(String(refused)).toContain(String(process.pid))
  })

  test('is free after release, which may be called twice', async () => {
    const first = await take(scratch)
    await Promise.all([first.release(), first.release()])
    await first.release()
    const second = await take(scratch)
    await second.release()
  })

  test('is one for every spelling of the directory, another for another purpose and another directory', async () => {
    const alias = join(scratch, 'alias')
    const real = join(scratch, 'real')
    await mkdir(real)
    await symlink(real, alias)
    const locks = await Promise.all([
      take(real),
      acquireDirectoryLock(real, 'other', { byFile }),
      take(scratch),
    ])
    await expect(take(alias)).rejects.toBeInstanceOf(LockHeldError)
    await Promise.all(locks.map((lock) => lock.release()))
  })

  test('is free after kill -9 of its holder', async () => {
    const { child, outcome } = await contender(scratch, byFile)
    expect(outcome).toBe('held')
    await expect(take(scratch)).rejects.toMatchObject({ holder: { pid: child.pid } })
    await killed(child)
    const lock = await take(scratch)
    await lock.release()
  })

  test('of many who come at once after a kill exactly one gets it', async () => {
    const { child } = await contender(scratch, byFile)
    await killed(child)
    const all = await Promise.all([1, 2, 3, 4].map(() => contender(scratch, byFile)))
    const holders = all.filter(({ outcome }) => outcome === 'held')
    expect(holders).toHaveLength(1)
    for (const { outcome } of all.filter((each) => !holders.includes(each))) {
      expect(outcome).toBe(`refused by ${holders[0]?.child.pid}`)
    }
  })

  test('of many in one process exactly one gets it, again and again', async () => {
    for (let round = 0; round < 20; round += 1) {
      const outcomes = await Promise.allSettled(Array.from({ length: 6 }, () => take(scratch)))
      const locks = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
      expect(locks).toHaveLength(1)
      await locks[0]?.release()
    }
  })

  test('works in a directory whose path is longer than a socket’s may be', async () => {
    const long = join(scratch, 'long-'.repeat(40))
    await mkdir(long)
    const lock = await take(long)
    await expect(take(long)).rejects.toMatchObject({ holder: { pid: process.pid } })
    await lock.release()
  })
})

test('by files, nothing of dead contenders stays', async () => {
  const { child } = await contender(scratch, true)
  await killed(child)
  expect(await readdir(join(scratch, 'lock-home'))).toHaveLength(1)
  const lock = await acquireDirectoryLock(scratch, 'home', { byFile: true })
  expect(await readdir(join(scratch, 'lock-home'))).toHaveLength(1)
  await lock.release()
  expect(await readdir(scratch)).toEqual([])
})

describe('a home', () => {
  test('is private once taken, and its ready.json goes at the taking and at the release', async () => {
    const home = join(scratch, 'deep/home')
    const ready = join(home, 'ready.json')
    await mkdir(home, { recursive: true, mode: 0o700 })
    await writeFile(ready, '{}')
    const lock = await acquireHomeLock(home)
    expect(await readdir(home)).not.toContain('ready.json')
    await writeFile(ready, '{}')
    await lock.release()
    expect(await readdir(home)).not.toContain('ready.json')
  })

  test('is made with mode 0700', async () => {
    const home = join(scratch, 'new/home')
    const lock = await acquireHomeLock(home)
    expect((await stat(home)).mode & 0o777).toBe(0o700)
    await lock.release()
  })

  test('keeps its holder’s ready.json when another is refused, or releases a second time', async () => {
    const home = join(scratch, 'home')
    const first = await acquireHomeLock(home)
    await first.release()
    const second = await acquireHomeLock(home)
    await writeFile(join(home, 'ready.json'), '{}')
    await expect(acquireHomeLock(home)).rejects.toBeInstanceOf(LockHeldError)
    await first.release()
    expect(await readdir(home)).toContain('ready.json')
    await second.release()
  })
})

test('a lock alone does not keep its process alive', async () => {
  const script = `const { acquireHomeLock } = await import(${JSON.stringify(MODULE)}); await acquireHomeLock(process.argv[1])`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, join(scratch, 'home')], {
    stdio: 'inherit',
  })
  children.push(child)
  expect(await once(child, 'close')).toEqual([0, null])
})
