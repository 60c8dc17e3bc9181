import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createNodeRandom } from '../../test/support/node-random.ts'
import { accountId } from '../domain/identifiers.ts'
import type { Problem } from '../errors/problem.ts'
import type { SecretContext } from '../ports/secrets.ts'
import { createDataKey, createSecrets, unwrapDataKey } from './secrets.ts'

const random = createNodeRandom()
const keyEncryptionKey = random.bytes(32)
const first = createDataKey(keyEncryptionKey, 1, random)
const second = createDataKey(keyEncryptionKey, 2, random)
const secrets = createSecrets({ keyEncryptionKey, dataKeys: [first], random })
const context: SecretContext = { account: accountId('acc_1'), object: 'key-pair:1', version: 1 }
const plain = Buffer.from('a private key, in the clear')

const refusalOf = (action: () => unknown): Problem => {
  try {
    action()
  } catch (error) {
    return error as Problem
  }
  throw new Error('nothing was refused')
}

describe('secrets', () => {
  it('opens what it sealed, of any length, and never twice in the same form', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5_000 }), (content) => {
        const sealed = secrets.seal(content, context)
        expect(Buffer.compare(secrets.open(sealed, context), content)).toBe(0)
        expect(Buffer.compare(secrets.seal(content, context), sealed)).not.toBe(0)
      }),
    )
  })

  it('says its version and its data key, and nothing of the content', () => {
    const sealed = Buffer.from(secrets.seal(plain, context))
    expect(sealed.subarray(0, 5).toString('hex')).toBe('0100000001')
    expect(sealed.length).toBe(5 + 12 + plain.length + 16)
    expect(sealed.includes('private')).toBe(false)
  })

  it.each([
    ['another account', { ...context, account: accountId('acc_2') }],
    ['the system', { ...context, account: 'system' as const }],
    ['another object', { ...context, object: 'key-pair:2' }],
    ['another version', { ...context, version: 2 }],
    ['the same octets cut elsewhere', { ...context, account: accountId('acc_1","key-pair:1'), object: '' }],
  ])('does not open for %s', (_, other) => {
    const refusal = refusalOf(() => secrets.open(secrets.seal(plain, context), other))
    expect(refusal.code).toBe('secret-unreadable')
    expect(refusal.message).not.toContain('private')
  })

  it('does not open once a single bit has changed, wherever it is', () => {
    const sealed = secrets.seal(plain, context)
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const changed = Buffer.from(sealed)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(refusalOf(() => secrets.open(changed, context)).code).toBe('secret-unreadable')
    }
  })

  it('does not open a piece of what was sealed', () => {
    const sealed = secrets.seal(plain, context)
    for (let length = 0; length < sealed.length; length += 1) {
      expect(refusalOf(() => secrets.open(sealed.subarray(0, length), context)).code).toBe(
        'secret-unreadable',
      )
    }
  })

  it('seals with the newest data key and opens with every one', () => {
    const both = createSecrets({ keyEncryptionKey, dataKeys: [first, second], random })
    expect(both.open(secrets.seal(plain, context), context)).toEqual(plain)
    const byNewest = both.seal(plain, context)
    expect(refusalOf(() => secrets.open(byNewest, context)).detail).toContain('data key that is not here')
  })

  it('refuses another key-encryption key at once, by name of the data key', () => {
    const refusal = refusalOf(() =>
      createSecrets({ keyEncryptionKey: random.bytes(32), dataKeys: [first], random }),
    )
    expect(refusal.code).toBe('secret-unreadable')
    expect(refusal.detail).toContain('Data key 1 does not open')
  })

  it('refuses a key-encryption key of another length', () => {
    expect(refusalOf(() => createDataKey(random.bytes(16), 1, random)).code).toBe('secret-unreadable')
    expect(refusalOf(() => unwrapDataKey(random.bytes(31), first)).code).toBe('secret-unreadable')
  })

  it('refuses a data key in another one’s place', () => {
    expect(refusalOf(() => unwrapDataKey(keyEncryptionKey, { ...first, id: 2 })).code).toBe(
      'secret-unreadable',
    )
  })

  it('does not take a sealed secret for a data key', () => {
    const sealed = secrets.seal(random.bytes(32), context)
    expect(refusalOf(() => unwrapDataKey(keyEncryptionKey, { id: 1, wrapped: sealed })).code).toBe(
      'secret-unreadable',
    )
  })

  it('needs a data key', () => {
    expect(() => createSecrets({ keyEncryptionKey, dataKeys: [], random })).toThrow(RangeError)
    expect(() => createDataKey(keyEncryptionKey, 0, random)).toThrow(RangeError)
  })
})
