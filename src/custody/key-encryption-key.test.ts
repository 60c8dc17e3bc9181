import { chmod, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadKeyEncryptionKey } from './key-encryption-key.ts'

describe('key-encryption key', () => {
  let home: string
  let path: string
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'certrail-kek-'))
    path = join(home, 'keys', 'kek')
  })
  afterEach(() => rm(home, { recursive: true }))

  it('is made when allowed: 32 octets, for its owner only, and the same ever after', async () => {
    const made = await loadKeyEncryptionKey(path, { mayCreate: true })
    expect(made).toHaveLength(32)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await stat(join(home, 'keys'))).mode & 0o777).toBe(0o700)
    expect(await loadKeyEncryptionKey(path, { mayCreate: false })).toEqual(made)
    expect(await loadKeyEncryptionKey(path, { mayCreate: true })).toEqual(made)
    expect(await readdir(join(home, 'keys'))).toEqual(['kek'])
  })

  it('is one key for all who come at once', async () => {
    const all = await Promise.all(
      Array.from({ length: 8 }, () => loadKeyEncryptionKey(path, { mayCreate: true })),
    )
    expect(new Set(all.map((key) => key.toString('hex'))).size).toBe(1)
    expect(await readdir(join(home, 'keys'))).toEqual(['kek'])
  })

  it('is refused by path, and not made, when it is missing although secrets are sealed', async () => {
    await expect(loadKeyEncryptionKey(path, { mayCreate: false })).rejects.toMatchObject({
      code: 'secret-unreadable',
      detail: expect.stringContaining(`${path} is missing although sealed secrets exist`),
    })
    expect(await readdir(home)).toEqual([])
  })

  it.each([
    ['too short', Buffer.alloc(31, 7).toString('base64')],
    ['too long', Buffer.alloc(33, 7).toString('base64')],
    ['not base64', '!'.repeat(44)],
    ['empty', ''],
  ])('is refused, and left as it is, when it is %s', async (_, content) => {
    const file = join(home, 'kek')
    await writeFile(file, content, { mode: 0o600 })
    const refusal = await loadKeyEncryptionKey(file, { mayCreate: true }).catch((error: unknown) => error)
    expect(refusal).toMatchObject({ code: 'secret-unreadable', detail: expect.stringContaining(file) })
    expect(String(refusal)).not.toMatch(/!{44}|Bwc/)
    expect(await readFile(file, 'utf8')).toBe(content)
  })

  it.skipIf(process.platform === 'win32')('is refused when others can read it', async () => {
    await loadKeyEncryptionKey(path, { mayCreate: true })
    await chmod(path, 0o640)
    await expect(loadKeyEncryptionKey(path, { mayCreate: true })).rejects.toMatchObject({
      detail: expect.stringContaining('0600'),
    })
  })

  it('is refused when its place cannot be used', async () => {
    await writeFile(join(home, 'keys'), 'a file where the folder should be')
    await expect(loadKeyEncryptionKey(path, { mayCreate: true })).rejects.toMatchObject({
      code: 'secret-unreadable',
      detail: expect.stringContaining(path),
    })
  })
})
