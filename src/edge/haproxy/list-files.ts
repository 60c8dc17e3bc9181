import { mkdir, readdir, readFile, unlink } from 'node:fs/promises'
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
  /** Of the private listener. Holds nothing at rest. */
  readonly candidate: ListPlace
}

export const haproxyPlaces = (folder: string): HaproxyPlaces => ({
  placeholder: join(folder, 'placeholder.pem'),
  public: { list: join(folder, 'public.list'), folder: join(folder, 'public') },
  candidate: { list: join(folder, 'candidate.list'), folder: join(folder, 'candidate') },
})

/** What HAProxy needs to start at all. What is there already stays. */
export async function layOut(places: HaproxyPlaces, placeholderPem: string): Promise<void> {
  for (const { folder } of [places.public, places.candidate])
    await mkdir(folder, { recursive: true, mode: 0o700 })
  if ((await textOf(places.placeholder)) === null) await writeWholeFile(places.placeholder, placeholderPem)
  for (const { list } of [places.public, places.candidate])
    if ((await textOf(list)) === null) await writeWholeFile(list, `${places.placeholder}\n`)
}

export const isOursIn = ({ folder }: ListPlace, file: string): boolean =>
  dirname(file) === folder && isOurs(basename(file))

/**
 * The files that a start or a reload of HAProxy reads. They follow what the process was proven to serve, and never lead it: so they are written last, each
 * whole, certificates before the list that names them, and what the list no longer names is removed after it.
 */
export function createListFiles(places: HaproxyPlaces) {
  const place = places.public
  const written = new Map<string, string>()

  async function write(entry: WishedEntry): Promise<boolean> {
    const file = join(place.folder, entry.fileName)
    if (written.get(file) === entry.digest) return false
    const pem = pemOf(entry)
    const isDifferent = (await textOf(file)) !== pem
    if (isDifferent) await writeWholeFile(file, pem)
    written.set(file, entry.digest)
    return isDifferent
  }

  return {
    /** `keeps`: files whose lines stay as they stand on disk. Lines and files that are not ours are left alone. Says what differed. */
    async follow(entries: readonly WishedEntry[], keeps: ReadonlySet<string>): Promise<readonly string[]> {
      const differed: string[] = []
      for (const entry of entries) if (await write(entry)) differed.push(entry.fileName)
      const lines = (await textOf(place.list))?.split('\n').filter((line) => line !== '') ?? []
      const isKept = (line: string): boolean => {
        const [file = ''] = line.split(' ')
        return file !== places.placeholder && (!isOursIn(place, file) || keeps.has(file))
      }
      const ours = entries.map(({ fileName, ...line }) =>
        listLine({ ...line, file: join(place.folder, fileName) }),
      )
      const wished = [places.placeholder, ...lines.filter(isKept), ...ours.sort()]
      if (wished.join('\n') !== lines.join('\n')) {
        await writeWholeFile(place.list, `${wished.join('\n')}\n`)
        differed.push(basename(place.list))
      }
      const named = new Set(wished.map((line) => line.split(' ')[0]))
      for (const name of await readdir(place.folder)) {
        const file = join(place.folder, name)
        if (!isOurs(name) || named.has(file)) continue
        await unlink(file)
        written.delete(file)
        differed.push(name)
      }
      return differed
    },
    /** Looks at these again at the next turn, whatever was written before. */
    doubt(file: string): void {
      written.delete(file)
    },
  }
}

async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}
