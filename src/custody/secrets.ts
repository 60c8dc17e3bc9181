import { createCipheriv, createDecipheriv } from 'node:crypto'
import { Problem } from '../errors/problem.ts'
import type { Random } from '../ports/random.ts'
import type { SecretContext, Secrets } from '../ports/secrets.ts'

/** A data key as it is stored: useless without the key-encryption key. */
export interface WrappedDataKey {
  /** 1 to 2^32 - 1; stands in every envelope that the key sealed. */
  readonly id: number
  readonly wrapped: Uint8Array
}

export interface SecretsOptions {
  /** 32 octets. */
  readonly keyEncryptionKey: Uint8Array
  /** At least one. Every one opens what it sealed; the last one seals. */
  readonly dataKeys: readonly WrappedDataKey[]
  readonly random: Random
}

/*
 * Both envelopes: version 1 | data key id, 4 octets big-endian | nonce, 12 | ciphertext | tag, 16.
 * The header (version and id) is authenticated together with what the envelope belongs to.
 */
const VERSION = 1
const HEADER_LENGTH = 5
const NONCE_LENGTH = 12
const TAG_LENGTH = 16
const KEY_LENGTH = 32
const CIPHER = 'aes-256-gcm'

/** Throws `Problem('secret-unreadable')` when a data key does not open, that is when the key-encryption key is another one. */
export function createSecrets({ keyEncryptionKey, dataKeys, random }: SecretsOptions): Secrets {
  const keys = new Map(dataKeys.map((key) => [key.id, unwrapDataKey(keyEncryptionKey, key)]))
  const current = dataKeys.at(-1)
  if (current === undefined) throw new RangeError('secrets need at least one data key')
  const currentKey = keys.get(current.id) as Buffer
  return {
    seal: (plain, context) => encrypt(currentKey, current.id, plain, contextData(context), random),
    open(sealed, context) {
      const key = keys.get(dataKeyIdOf(sealed))
      if (key === undefined)
        throw unreadable(`${context.object} was sealed with a data key that is not here.`)
      return decrypt(key, sealed, contextData(context)) ?? refuse(`${context.object} cannot be opened.`)
    },
  }
}

/** A new data key, wrapped. */
export function createDataKey(keyEncryptionKey: Uint8Array, id: number, random: Random): WrappedDataKey {
  if (!Number.isInteger(id) || id < 1 || id > 0xffffffff)
    throw new RangeError('a data key id is 1 to 2^32 - 1')
  const key = random.bytes(KEY_LENGTH)
  return { id, wrapped: encrypt(keyOf(keyEncryptionKey), id, key, WRAPPING, random) }
}

/** Throws `Problem('secret-unreadable')`. */
export function unwrapDataKey(keyEncryptionKey: Uint8Array, { id, wrapped }: WrappedDataKey): Buffer {
  const key = dataKeyIdOf(wrapped) === id ? decrypt(keyOf(keyEncryptionKey), wrapped, WRAPPING) : null
  if (key?.length === KEY_LENGTH) return key
  throw unreadable(
    `Data key ${id} does not open: the key-encryption key is not the one that wrapped it, or the stored key is damaged.`,
  )
}

const WRAPPING = Buffer.from('certrail data key')

/** JSON of an array is unambiguous: no two contexts give the same octets. */
const contextData = ({ account, object, version }: SecretContext): Buffer =>
  Buffer.from(JSON.stringify(['certrail secret', account, object, version]))

function encrypt(
  key: Uint8Array,
  id: number,
  plain: Uint8Array,
  belongsTo: Uint8Array,
  random: Random,
): Buffer {
  const header = Buffer.alloc(HEADER_LENGTH)
  header.writeUInt8(VERSION)
  header.writeUInt32BE(id, 1)
  const nonce = random.bytes(NONCE_LENGTH)
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_LENGTH })
  cipher.setAAD(Buffer.concat([header, belongsTo]))
  return Buffer.concat([header, nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

/** Null when key, context or a single bit is not the one it was sealed with: which one is not said, since nobody can know. */
function decrypt(key: Uint8Array, sealed: Uint8Array, belongsTo: Uint8Array): Buffer | null {
  if (sealed.length < HEADER_LENGTH + NONCE_LENGTH + TAG_LENGTH || sealed[0] !== VERSION) return null
  const header = sealed.subarray(0, HEADER_LENGTH)
  const content = sealed.subarray(HEADER_LENGTH + NONCE_LENGTH, -TAG_LENGTH)
  const decipher = createDecipheriv(
    CIPHER,
    key,
    sealed.subarray(HEADER_LENGTH, HEADER_LENGTH + NONCE_LENGTH),
    {
      authTagLength: TAG_LENGTH,
    },
  )
  decipher.setAAD(Buffer.concat([header, belongsTo]))
  decipher.setAuthTag(sealed.subarray(-TAG_LENGTH))
  try {
    return Buffer.concat([decipher.update(content), decipher.final()])
  } catch {
    return null
  }
}

/** 0, which no data key has, for what is too short to say. */
const dataKeyIdOf = (sealed: Uint8Array): number =>
  sealed.length < HEADER_LENGTH ? 0 : Buffer.from(sealed.subarray(1, HEADER_LENGTH)).readUInt32BE()

function keyOf(keyEncryptionKey: Uint8Array): Uint8Array {
  if (keyEncryptionKey.length !== KEY_LENGTH) throw unreadable('A key-encryption key has 32 octets.')
  return keyEncryptionKey
}

function refuse(detail: string): never {
  throw unreadable(detail)
}

const unreadable = (detail: string): Problem => new Problem('secret-unreadable', { detail })
