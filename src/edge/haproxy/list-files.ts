import { mkdir, readdir, readFile, stat, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { pemOf } from '../served-pem.ts'
import { writeWholeFile } from '../whole-file.ts'
import { listLine } from './runtime-commands.ts'
import { isOurs, type WishedEntry } from './wished-entries.ts'

/** A crt-list and the folder of the certificates that it names. */
export interface ListPlace {
  readonly list: string
  readonly folder: string
}

export interface HaproxyPlaces {
  readonly placeholder: string
  /** What clients meet. */
  readonly public: ListPlace
  /** What clients meet whose certificate is asked for, on a bind of its own. */
  readonly mutual: ListPlace
  /** Of the private listener. Holds nothing at rest. */
  readonly candidate: ListPlace
  /** Which names go to which bind. */
  readonly map: string
  /** Session ticket keys of the mutual bind alone. */
  readonly ticketKeys: string
  /** Files of CA certificates that lines of the mutual list name. */
  readonly trust: string
}

export const haproxyPlaces = (folder: string): HaproxyPlaces => {
  const place = (name: string): ListPlace => ({
    list: join(folder, `${name}.list`),
    folder: join(folder, name),
  })
  return {
    placeholder: join(folder, 'placeholder.pem'),
    public: place('public'),
    mutual: place('mutual'),
    candidate: place('candidate'),
    map: join(folder, 'binds.map'),
    ticketKeys: join(folder, 'mutual.keys'),
    trust: join(folder, 'trust'),
  }
}

/** What HAProxy needs to start at all. What is there already stays. */
export async function layOut(
  places: HaproxyPlaces,
  made: { readonly placeholderPem: string; readonly ticketKeys: string },
): Promise<void> {
  const lists = [places.public, places.mutual, places.candidate]
  for (const folder of [...lists.map((each) => each.folder), places.trust])
    await mkdir(folder, { recursive: true, mode: 0o700 })
  const files = [
    [places.placeholder, made.placeholderPem],
    [places.ticketKeys, made.ticketKeys],
    [places.map, ''],
    ...lists.map(({ list }) => [list, `${places.placeholder}\n`] as const),
  ] as const
  for (const [file, text] of files) if ((await textOf(file)) === null) await writeWholeFile(file, text)
}

/** HAProxy reads it with the certificate. */
export const stapleFileOf = (file: string): string => `${file}.ocsp`

export const isOursIn = ({ folder }: ListPlace, file: string): boolean =>
  dirname(file) === folder && isOurs(basename(file))

/**
 * The files that a start or a reload of HAProxy reads. They follow what the process was proven to serve, and never lead it: so they are written last, each
 * whole, certificates before the list that names them, and what the list no longer names is removed after it.
 */
export function createListFiles(place: ListPlace, placeholder: string) {
  const written = new Map<string, string>()
  /** The list as it stood on disk when it was last written or read. */
  let listed: { readonly stamp: string; readonly files: ReadonlySet<string> } | null = null

  const fileOf = ({ fileName }: WishedEntry): string => join(place.folder, fileName)
  const lineOf = (entry: WishedEntry): string => listLine({ ...entry, file: fileOf(entry) })

  async function write(entry: WishedEntry): Promise<boolean> {
    const file = fileOf(entry)
    if (written.get(file) === entry.digest) return false
    const isDifferent = !(await isOnDisk(entry))
    // The response of another certificate goes first, and the new one comes last.
    if (isDifferent) await unlink(stapleFileOf(file)).catch(ignoreMissing)
    if (isDifferent) await writeWholeFile(file, pemOf(entry))
    written.set(file, entry.digest)
    return isDifferent
  }

  const isOnDisk = async (entry: WishedEntry): Promise<boolean> =>
    (await textOf(fileOf(entry))) === pemOf(entry)

  const writeAll = async (entries: readonly WishedEntry[]): Promise<readonly string[]> => {
    const differed: string[] = []
    for (const entry of entries) if (await write(entry)) differed.push(entry.fileName)
    return differed
  }

  /** Lines that are not ours come first, in their own order. */
  async function writeList(
    entries: readonly WishedEntry[],
    keeps: (file: string) => boolean,
  ): Promise<readonly string[]> {
    const lines = (await textOf(place.list))?.split('\n').filter((line) => line !== '') ?? []
    const own = new Map<string, string>()
    const foreign: string[] = []
    for (const line of lines) {
      const file = fileOfLine(line)
      if (!isOursIn(place, file)) foreign.push(line)
      else if (keeps(file)) own.set(file, line)
    }
    for (const entry of entries) own.set(fileOf(entry), lineOf(entry))
    const wished = [
      placeholder,
      ...foreign.filter((line) => fileOfLine(line) !== placeholder),
      ...[...own.values()].sort(),
    ]
    const isDifferent = wished.join('\n') !== lines.join('\n')
    if (isDifferent) await writeWholeFile(place.list, `${wished.join('\n')}\n`)
    listed = { stamp: await stampOf(place.list), files: new Set(own.keys()) }
    return isDifferent ? [basename(place.list)] : []
  }

  async function remove(file: string): Promise<string> {
    for (const each of [stapleFileOf(file), file]) await unlink(each).catch(ignoreMissing)
    written.delete(file)
    return basename(file)
  }

  return {
    /** Everything. `keeps`: files whose lines stay as they stand on disk. Lines and files that are not ours are left alone. Says what differed. */
    async follow(entries: readonly WishedEntry[], keeps: ReadonlySet<string>): Promise<readonly string[]> {
      const differed = [
        ...(await writeAll(entries)),
        ...(await writeList(entries, (file) => keeps.has(file))),
      ]
      for (const name of await readdir(place.folder)) {
        const file = join(place.folder, name.replace(/\.ocsp$/, ''))
        if (isOurs(basename(file)) && listed?.files.has(file) !== true) differed.push(await remove(file))
      }
      return differed
    },
    /** These entries alone, and the files that are to go; the list is written only where a line comes or goes. */
    async change(entries: readonly WishedEntry[], gone: readonly string[]): Promise<readonly string[]> {
      const differed = [...(await writeAll(entries))]
      const files = listed?.files
      const isListed =
        files !== undefined &&
        entries.every((entry) => files.has(fileOf(entry))) &&
        !gone.some((file) => files.has(file))
      const leaving = new Set(gone)
      if (!isListed) differed.push(...(await writeList(entries, (file) => !leaving.has(file))))
      for (const file of gone) differed.push(await remove(file))
      return differed
    },
    /** Whether they are as they were left: the list by its time and size, the certificate by its content. */
    async stand(entry: WishedEntry): Promise<boolean> {
      const isSame = listed?.stamp === (await stampOf(place.list)) && (await isOnDisk(entry))
      if (!isSame) written.delete(fileOf(entry))
      return isSame
    },
  }
}

const fileOfLine = (line: string): string => line.split(' ')[0] ?? ''

async function stampOf(path: string): Promise<string> {
  const facts = await stat(path).catch(() => null)
  return facts === null ? '' : `${facts.ino} ${facts.size} ${facts.mtimeMs}`
}

export function ignoreMissing(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
}

export async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}
