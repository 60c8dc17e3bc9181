import { chmod, chown, open, rename, unlink } from 'node:fs/promises'

export interface WholeFileOptions {
  readonly mode?: number
  readonly owner?: { readonly uid: number; readonly gid: number }
}

/** Whole or not at all: a reader never sees half a file, and a crash leaves the old one. */
export async function writeWholeFile(
  path: string,
  content: string | Uint8Array,
  options: WholeFileOptions = {},
) {
  const { mode = 0o600, owner } = options
  const temporary = `${path}.${process.pid}.new`
  try {
    const file = await open(temporary, 'w', mode)
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await chmod(temporary, mode)
    if (owner !== undefined) await chown(temporary, owner.uid, owner.gid)
    await rename(temporary, path)
  } catch (error) {
    await unlink(temporary).catch(() => {})
    throw error
  }
}
