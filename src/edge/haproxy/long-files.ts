import { createHash } from 'node:crypto'
import { readdir, readFile, unlink } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Problem } from '../../errors/problem.ts'
import type { Pause } from '../../ports/pause.ts'
import { pemOf } from '../served-pem.ts'
import { writeWholeFile } from '../whole-file.ts'
import type { ClientAuthorities } from './client-authorities.ts'
import { type HaproxyPlaces, isOursIn, textOf } from './list-files.ts'
import type { AskForReload } from './reload.ts'
import type { RuntimeApi } from './runtime-api.ts'
import { listLine } from './runtime-commands.ts'
import type { AfterStep } from './runtime-list.ts'
import { isSilence } from './runtime-socket.ts'
import { type AuthorityFile, isStored, type WishedEntry } from './wished-entries.ts'

/** What no command can carry comes by file: HAProxy is asked to read its files anew. */
export interface LongFiles {
  isLacked(entry: WishedEntry): Promise<boolean>
  /**
   * By one reload for all of them, and by the private listener's list alone: a reload brings them into the process, and what clients meet is led by commands
   * as ever. Resolves when a process other than `pid` answers.
   */
  bring(entries: readonly WishedEntry[], pid: number): Promise<void>
  /** Takes away what somebody who was killed has left on disk for a reload. */
  clear(): Promise<void>
}

export interface LongFilesOptions {
  readonly api: Pick<RuntimeApi, 'info' | 'certificate' | 'authorities'>
  readonly places: HaproxyPlaces
  readonly authorities: Pick<ClientAuthorities, 'write'>
  readonly fileOf: (entry: WishedEntry) => string
  /** Null: nobody said how HAProxy is asked for one. */
  readonly reload: AskForReload | null
  readonly pause: Pause
  readonly afterStep: AfterStep
}

/** Ten thousand certificates take HAProxy a few seconds to read. */
const LOOKS = 1_200
const LOOK_EVERY_MS = 25

export function createLongFiles(options: LongFilesOptions): LongFiles {
  const { api, places, authorities, fileOf, reload, pause, afterStep } = options
  const { list, folder } = places.candidate

  const isOurs = (line: string): boolean =>
    [places.candidate, places.public, places.mutual].some((place) =>
      isOursIn(place, line.split(' ')[0] ?? ''),
    )

  async function foreignLines(): Promise<{ readonly foreign: readonly string[]; readonly all: number }> {
    const lines = (await textOf(list))?.split('\n').filter((line) => line !== '') ?? []
    return { foreign: lines.filter((line) => !isOurs(line)), all: lines.length }
  }

  async function clear(): Promise<void> {
    const { foreign, all } = await foreignLines()
    // The line before what it names: HAProxy does not start with a list whose file is gone.
    if (foreign.length < all) await writeWholeFile(list, `${foreign.join('\n')}\n`)
    for (const name of await readdir(folder))
      if (isOursIn(places.candidate, join(folder, name))) await unlink(join(folder, name))
  }

  async function untilReplaced(pid: number): Promise<void> {
    for (let look = 0; look < LOOKS; look++) {
      if ((await pidNow()) !== pid) return
      await pause(LOOK_EVERY_MS, new AbortController().signal)
    }
    throw new Problem('edge-unreachable', {
      detail: 'HAProxy was asked for a reload, and the same process still answers',
      members: { seen: 'reload-failed' },
    })
  }

  /** The same one as long as nobody answers. */
  let lastPid = 0
  async function pidNow(): Promise<number> {
    try {
      lastPid = (await api.info()).pid
    } catch (error) {
      if (!isSilence(error)) throw error
    }
    return lastPid
  }

  /** Its line; the file is there, and `made` says whether it was not before. */
  async function layDown(entry: WishedEntry, made: Set<string>): Promise<string> {
    if (entry.authorities !== null) await authorities.write(entry.authorities)
    if (!entry.isLong && entry.authorities !== null) return standIn(entry.authorities)
    const file = fileOf(entry)
    if ((await textOf(file)) === null) made.add(file)
    await writeWholeFile(file, pemOf(entry))
    return listLine({ ...entry, file })
  }

  /** For a file of CA certificates alone: the placeholder under another name, for a name that nobody has. */
  async function standIn({ file: trusted }: AuthorityFile): Promise<string> {
    const digest = createHash('sha256').update(basename(trusted)).digest('hex').slice(0, 16)
    const file = join(folder, `0-ecdsa-${digest}.pem`)
    await writeWholeFile(file, await readFile(places.placeholder))
    return listLine({ file, options: `verify required ca-file ${trusted}`, names: [`${digest}.invalid`] })
  }

  return {
    async isLacked(entry) {
      const { authorities: trusted } = entry
      if (
        trusted?.isLong === true &&
        (await api.authorities.list()).counts.get(trusted.file) !== trusted.count
      )
        return true
      return entry.isLong && !isStored(await api.certificate(fileOf(entry)), entry)
    },
    async bring(entries, pid) {
      if (reload === null) throw withoutReload(entries)
      const made = new Set<string>()
      lastPid = pid
      try {
        const lines = new Set<string>()
        for (const entry of entries) lines.add(await layDown(entry, made))
        const { foreign } = await foreignLines()
        await writeWholeFile(list, `${[...foreign, ...lines].join('\n')}\n`)
        await afterStep('laid-down')
        await reload()
        await untilReplaced(pid)
      } catch (error) {
        await clear()
        for (const file of made) await unlink(file)
        throw error
      }
      await clear()
    },
    clear,
  }
}

const withoutReload = ([entry]: readonly WishedEntry[]): Problem =>
  new Problem('edge-unreachable', {
    detail: `${entry?.fileName ?? ''} does not fit HAProxy's buffer; raise tune.bufsize, or say how HAProxy is asked for a reload: CERTRAIL_…_HAPROXY_MASTER_SOCKET or CERTRAIL_…_EDGE_RELOAD.`,
    members: { seen: 'too-long' },
  })
