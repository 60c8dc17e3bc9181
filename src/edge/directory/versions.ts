import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, readlink, rename, rm, symlink, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { pemText, privateKeyPem } from '../private-key-pem.ts'
import { type WholeFileOptions, writeWholeFile } from '../whole-file.ts'
import type { Layout, Pkcs12Writer } from './manifest.ts'

const MANIFEST = 'manifest.json'
const CURRENT = 'current'
const APPLIED = 'applied'

/**
 * `versions/DIGEST/` holds a manifest with its files and is never changed; `current` is a symbolic link to one of them, replaced in one step. `applied` says
 * which one the server was seen to serve: so whoever comes after a crash knows whether it was told.
 */
export interface Versions {
  /** Writes what is not there yet; its name. */
  write(layout: Layout): Promise<string>
  current(): Promise<string | null>
  applied(): Promise<string | null>
  switchTo(version: string): Promise<void>
  markApplied(version: string): Promise<void>
  /** All but these. */
  prune(kept: readonly string[]): Promise<void>
}

export function createVersions(
  folder: string,
  files: Required<Pick<WholeFileOptions, 'mode'>> & WholeFileOptions,
  pkcs12: Pkcs12Writer | null = null,
): Versions {
  const versions = join(folder, 'versions')

  return {
    async write({ manifest, files: served }) {
      const text = `${JSON.stringify(manifest, null, 2)}\n`
      const name = createHash('sha256').update(text).digest('hex').slice(0, 16)
      const target = join(versions, name)
      if ((await textOf(join(target, MANIFEST))) === text) return name
      await rm(target, { recursive: true, force: true })
      await mkdir(target, { recursive: true, mode: folderMode(files.mode) })
      for (const file of served) {
        const { manifest: named, certificate, sent, ocspResponse } = file
        const chain = sent.map((der) => pemText('CERTIFICATE', der)).join('')
        await writeWholeFile(join(target, named.fullChain), chain, { ...files, mode: files.mode | 0o044 })
        if (named.ocspResponse !== null && ocspResponse !== null)
          await writeWholeFile(join(target, named.ocspResponse), ocspResponse, {
            ...files,
            mode: files.mode | 0o044,
          })
        if (named.pkcs12 !== null && pkcs12 !== null)
          await writeWholeFile(join(target, named.pkcs12), pkcs12.write(file), files)
        const key = privateKeyPem(certificate)
        await writeWholeFile(join(target, named.privateKey), key, files).finally(() => key.fill(0))
      }
      // Last: a folder without it is not whole.
      await writeWholeFile(join(target, MANIFEST), text, { ...files, mode: files.mode | 0o044 })
      return name
    },
    async current() {
      const target = await readlink(join(folder, CURRENT)).catch(() => null)
      return target?.split('/').at(-1) ?? null
    },
    applied: async () => (await textOf(join(folder, APPLIED)))?.trim() ?? null,
    async switchTo(version) {
      const next = join(folder, `${CURRENT}.new`)
      await unlink(next).catch(() => {})
      await symlink(join('versions', version), next)
      await rename(next, join(folder, CURRENT))
    },
    markApplied: (version) => writeWholeFile(join(folder, APPLIED), `${version}\n`, { mode: 0o644 }),
    async prune(kept) {
      const names = await readdir(versions).catch((): string[] => [])
      for (const name of names)
        if (/^[0-9a-f]{16}$/.test(name) && !kept.includes(name))
          await rm(join(versions, name), { recursive: true, force: true })
    },
  }
}

/** Who may read a file may look into its folder. */
const folderMode = (mode: number): number => mode | 0o100 | ((mode & 0o044) >> 2)

const textOf = (path: string): Promise<string | null> => readFile(path, 'utf8').catch(() => null)
