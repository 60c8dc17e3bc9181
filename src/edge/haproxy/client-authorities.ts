import { readdir, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Problem } from '../../errors/problem.ts'
import { writeWholeFile } from '../whole-file.ts'
import { textOf } from './list-files.ts'
import type { RuntimeAuthorities } from './runtime-api.ts'
import type { AuthorityFile } from './wished-entries.ts'

const OURS = /^[0-9a-f]{16}-r[0-9]+\.pem$/

/** Files of CA certificates, in the running process and on disk. Each is written once and never changed. */
export interface ClientAuthorities {
  /** On disk alone: a list that HAProxy reads at a start names it, so it is there before any line is. */
  write(authorities: AuthorityFile): Promise<void>
  load(authorities: AuthorityFile): Promise<void>
  /** What no line names any more is deleted, here and there. Others' files are left alone. */
  keepOnly(files: ReadonlySet<string>): Promise<void>
}

export function createClientAuthorities(api: RuntimeAuthorities, folder: string): ClientAuthorities {
  const isOurs = (file: string): boolean => dirname(file) === folder && OURS.test(basename(file))

  async function write({ file, pem }: AuthorityFile): Promise<void> {
    if ((await textOf(file)) !== pem) await writeWholeFile(file, pem)
  }

  return {
    write,
    async load(authority) {
      const { file, pem, count } = authority
      await write(authority)
      const { transaction, counts } = await api.list()
      if (counts.get(file) === count) return
      if (transaction !== null) await api.abort(transaction)
      if (!counts.has(file)) await api.create(file)
      await api.set(file, pem)
      await api.commit(file)
      if ((await api.list()).counts.get(file) !== count)
        throw new Problem('edge-unreachable', {
          detail: `HAProxy did not take all certificates of ${basename(file)}`,
          members: { seen: 'other-authorities' },
        })
    },
    async keepOnly(files) {
      const { counts } = await api.list()
      for (const file of counts.keys()) if (isOurs(file) && !files.has(file)) await api.delete(file)
      for (const name of await readdir(folder)) {
        const file = join(folder, name)
        if (isOurs(file) && !files.has(file)) await unlink(file)
      }
    },
  }
}
