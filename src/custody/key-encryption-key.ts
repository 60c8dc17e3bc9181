import { randomBytes } from 'node:crypto'
import { link, mkdir, open, readFile, rename, stat, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Problem } from '../errors/problem.ts'

export interface KeyEncryptionKeyOptions {
  /** Only while nothing has been sealed: a new key would open none of it. */
  readonly mayCreate: boolean
}

const KEY_LENGTH = 32
/** 32 octets in base64. */
const BASE64 = /^[A-Za-z0-9+/]{43}=$/
const GROUP_AND_OTHERS = 0o077

/**
 * The 32 octets that wrap the data keys: base64 in a file that only its owner can read. Created when missing and allowed, so that it is
 * there whole or not at all, also after a power cut. Throws `Problem('secret-unreadable')` that names the path, never the content.
 */
export async function loadKeyEncryptionKey(
  path: string,
  { mayCreate }: KeyEncryptionKeyOptions,
): Promise<Buffer> {
  const found = await readKey(path)
  if (found !== null) return found
  if (!mayCreate) {
    throw unreadable(
      `The key-encryption key ${path} is missing although sealed secrets exist. Put the file back, or point CERTRAIL_KEK_FILE at it.`,
    )
  }
  await createKey(path)
  return (await readKey(path)) ?? refuseVanished(path)
}

async function readKey(path: string): Promise<Buffer | null> {
  const text = await readText(path)
  if (text === null) return null
  if (process.platform !== 'win32' && ((await stat(path)).mode & GROUP_AND_OTHERS) !== 0) {
    throw unreadable(`Others can read the key-encryption key ${path}. Its mode must be 0600.`)
  }
  if (!BASE64.test(text.trim())) {
    throw unreadable(`The key-encryption key ${path} is not ${KEY_LENGTH} octets in base64.`)
  }
  return Buffer.from(text.trim(), 'base64')
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return null
    throw unreadable(`The key-encryption key ${path} cannot be read (${codeOf(cause)}).`, cause)
  }
}

/** Two processes may come here at once: the first file stays, and both read it. */
async function createKey(path: string): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.new`
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await writeDurably(temporary, `${randomBytes(KEY_LENGTH).toString('base64')}\n`)
    await place(temporary, path)
    await syncFolder(dirname(path))
  } catch (cause) {
    throw unreadable(`The key-encryption key ${path} cannot be created (${codeOf(cause)}).`, cause)
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** A link, unlike a rename, never replaces a key that somebody else placed meanwhile. Some file systems have none. */
async function place(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path)
  } catch (error) {
    if (['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(codeOf(error))) return rename(temporary, path)
    if (codeOf(error) !== 'EEXIST') throw error
  }
  await unlink(temporary)
}

async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'unknown'

function refuseVanished(path: string): never {
  throw unreadable(`The key-encryption key ${path} vanished while it was being created.`)
}

const unreadable = (detail: string, cause?: unknown): Problem =>
  new Problem('secret-unreadable', { detail, cause })
