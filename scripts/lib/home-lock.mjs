/**
 * The lock of a home. Plain JavaScript without dependencies, since it is taken before anything is installed or built.
 * Node has no flock: a lock is a socket that its holder listens on and that answers who holds it.
 */
import { createHash, randomBytes } from 'node:crypto'
import { lstat, mkdir, readdir, realpath, rm, rmdir, unlink } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** @typedef {{ pid: number, startedAt: string }} Holder `startedAt`: RFC 3339, when the holder's process began */
/** @typedef {{ release(): Promise<void> }} Lock `release` is idempotent */
/** @typedef {{ address: string, holder: Holder, holds: boolean, close(): Promise<void> }} Post where a process says that it holds, or wants, a lock */

/** A unix socket's path ends at 107 bytes on Linux and at 103 on macOS and the BSDs. */
const LONGEST_SOCKET_PATH_BYTES = 103
const ANSWER_WITHIN_MS = 2_000
const ROUNDS = 200

/** Somebody else holds the lock. */
export class LockHeldError extends Error {
  /**
   * @param {string} directory
   * @param {Holder} holder pid 0: it did not answer
   */
  constructor(directory, holder) {
    super(
      `${directory} is in use by process ${holder.pid || 'unknown'}, running since ${holder.startedAt || 'an unknown time'}.`,
    )
    this.name = 'LockHeldError'
    this.holder = holder
  }
}

/**
 * Takes the home for this process; makes it (0700) when it is not there. A `ready.json` of an earlier life goes at once,
 * and our own at release, so that nobody who waits for it believes in a dead server.
 * @param {string} home
 * @returns {Promise<Lock>} Throws LockHeldError.
 */
export async function acquireHomeLock(home) {
  await mkdir(home, { recursive: true, mode: 0o700 })
  const lock = await acquireDirectoryLock(home, 'home')
  const ready = join(home, 'ready.json')
  await rm(ready, { force: true })
  /** @type {Promise<void> | undefined} */
  let released
  const giveBack = async () => {
    // While the lock is still held: afterwards the file may be the next holder's.
    await rm(ready, { force: true }).catch(() => undefined)
    await lock.release()
  }
  return { release: () => (released ??= giveBack()) }
}

/**
 * One holder per directory and purpose. The kernel frees it however the holder ends.
 * @param {string} directory exists
 * @param {string} purpose one short word
 * @param {{ byFile?: boolean }} [options] byFile: the way of systems without abstract sockets, for tests
 * @returns {Promise<Lock>} Throws LockHeldError.
 */
export async function acquireDirectoryLock(directory, purpose, options = {}) {
  const real = await realpath(directory)
  const name = `certrail-${purpose}-${createHash('sha256').update(real).digest('hex')}`
  const kernelName = { linux: `\0${name}`, win32: `\\\\.\\pipe\\${name}` }[process.platform]
  if (kernelName === undefined || options.byFile) return acquireByFile(real, purpose, name)
  try {
    const post = await openPost(kernelName)
    return { release: post.close }
  } catch (error) {
    if (error.code !== 'EADDRINUSE') throw error
    throw new LockHeldError(real, (await ask(kernelName))?.holder ?? { pid: 0, startedAt: '' })
  }
}

/**
 * Socket files outlive a killed holder, and removing a dead one can race with a newcomer. So everybody opens a post of
 * its own first and looks at all others after: of two, at least one sees the other. Who sees a holder gives up, who sees
 * another contender steps back and tries again.
 * @param {string} directory
 * @param {string} purpose
 * @param {string} name
 */
async function acquireByFile(directory, purpose, name) {
  for (let round = 0; round < ROUNDS; round += 1) {
    const post = await openOwnPost(directory, purpose, name)
    if (post === null) continue
    const others = await askOthers(dirname(post.address), post.address)
    const holder = others.find((other) => other.holds)
    // A newcomer that looked while we were not yet listening may have taken our file for a dead one.
    if (others.length === 0 && (await isThere(post.address))) {
      post.holds = true
      return { release: post.close }
    }
    await post.close()
    if (holder) throw new LockHeldError(directory, holder.holder)
    await delay(5 + randomBytes(1)[0] / 4)
  }
  throw new LockHeldError(directory, { pid: 0, startedAt: '' })
}

/**
 * The last one to leave takes the directory of the posts with it, which may happen between our making it and our using it.
 * @param {string} directory
 * @param {string} purpose
 * @param {string} name
 * @returns {Promise<Post | null>} null: that happened
 */
async function openOwnPost(directory, purpose, name) {
  try {
    const posts = await postDirectory(directory, purpose, name)
    const post = await openPost(join(posts, `${process.pid}-${randomBytes(4).toString('hex')}`))
    const closePost = post.close
    post.close = () => closePost().then(() => rmdir(posts).catch(() => undefined))
    return post
  } catch (error) {
    // libuv says EACCES where bind found no directory.
    if (error.code === 'ENOENT' || (error.code === 'EACCES' && error.syscall === 'listen')) return null
    throw error
  }
}

/**
 * @param {string} directory
 * @param {string} purpose
 * @param {string} name
 */
async function postDirectory(directory, purpose, name) {
  const inside = join(directory, `lock-${purpose}`)
  const fits = Buffer.byteLength(join(inside, '4294967295-00000000')) <= LONGEST_SOCKET_PATH_BYTES
  const path = fits ? inside : join('/tmp', `certrail-${process.getuid?.()}-${name.slice(-24)}`)
  await mkdir(path, { mode: 0o700 }).catch((error) => {
    if (error.code !== 'EEXIST') throw error
  })
  const found = await lstat(path)
  if (!found.isDirectory() || found.uid !== process.getuid?.() || (found.mode & 0o077) !== 0) {
    throw new Error(`${path} is not a private directory of this user`)
  }
  return path
}

/**
 * @param {string} address
 * @returns {Promise<Post>}
 */
function openPost(address) {
  const startedAt = new Date(Date.now() - process.uptime() * 1000).toISOString()
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.end(`${JSON.stringify({ holder: post.holder, holds: post.holds })}\n`, () => socket.destroy())
  })
  const closed = new Promise((resolve) => server.once('close', resolve))
  /** @type {Post} */
  const post = {
    address,
    holder: { pid: process.pid, startedAt },
    holds: address.startsWith('\0') || address.startsWith('\\\\'),
    close() {
      server.close()
      return closed
    },
  }
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ path: address, exclusive: true }, () => {
      // A lock is no reason to stay alive.
      server.unref()
      resolve(post)
    })
  })
}

/**
 * @param {string} posts
 * @param {string} own
 */
async function askOthers(posts, own) {
  const living = []
  for (const name of await readdir(posts)) {
    const address = join(posts, name)
    if (address === own) continue
    const answer = await ask(address)
    if (answer) living.push(answer)
    else await unlink(address).catch(() => undefined)
  }
  return living
}

/**
 * @param {string} address
 * @returns {Promise<{ holder: Holder, holds: boolean } | null>} null: nobody listens there
 */
function ask(address) {
  return new Promise((resolve) => {
    const busy = { holder: { pid: 0, startedAt: '' }, holds: false }
    let text = ''
    const socket = connect({ path: address })
    socket.setTimeout(ANSWER_WITHIN_MS, () => socket.destroy())
    let reached = false
    socket.once('connect', () => {
      reached = true
    })
    socket.on('data', (data) => {
      text += data
    })
    socket.on('error', () => undefined)
    socket.once('close', () => resolve(reached ? parsed(text, busy) : null))
  })
}

/**
 * @param {string} text
 * @param {{ holder: Holder, holds: boolean }} otherwise
 */
function parsed(text, otherwise) {
  try {
    return JSON.parse(text)
  } catch {
    return otherwise
  }
}

/** @param {string} path */
async function isThere(path) {
  return lstat(path).then(
    () => true,
    () => false,
  )
}
