import { expect, it } from 'vitest'
import type { GeneratedKey } from '../ports/key-material.ts'
import { generateRsaKey } from './key-material.ts'
import { createRsaKeyPool } from './rsa-key-pool.ts'

function countingGenerator() {
  let made = 0
  const generate = async (): Promise<GeneratedKey> => {
    made += 1
    return { algorithm: 'RSA', privateKey: new Uint8Array([made]), publicKey: new Uint8Array([made]) }
  }
  return { generate, made: () => made }
}

it('makes nothing before it is started, and gives out keys on demand meanwhile', async () => {
  const { generate, made } = countingGenerator()
  const pool = createRsaKeyPool({ size: 3, generate, restMs: 0 })
  expect([made(), pool.size()]).toEqual([0, 0])
  expect((await pool.take()).privateKey).toEqual(new Uint8Array([1]))
  expect([made(), pool.size()]).toEqual([1, 0])
  await pool.close()
})

it('fills up once, gives out each key once, and fills up again', async () => {
  const { generate, made } = countingGenerator()
  const pool = createRsaKeyPool({ size: 3, generate, restMs: 0 })
  pool.start()
  pool.start()
  await pool.full()
  expect([made(), pool.size()]).toEqual([3, 3])
  const taken = await Promise.all(Array.from({ length: 5 }, () => pool.take()))
  expect(new Set(taken.map(({ privateKey }) => privateKey[0])).size).toBe(5)
  await pool.full()
  expect(pool.size()).toBe(3)
  await pool.close()
})

it('stays usable after a key could not be made in advance', async () => {
  const { generate } = countingGenerator()
  let fails = true
  const pool = createRsaKeyPool({
    size: 1,
    restMs: 0,
    generate: async () => {
      if (fails) throw new Error('no entropy')
      return generate()
    },
  })
  pool.start()
  await pool.full()
  expect(pool.size()).toBe(0)
  fails = false
  await pool.take()
  await pool.full()
  expect(pool.size()).toBe(1)
  await pool.close()
})

it('wipes what nobody took, and makes no more', async () => {
  const kept: GeneratedKey[] = []
  const { generate, made } = countingGenerator()
  const pool = createRsaKeyPool({
    size: 2,
    restMs: 0,
    generate: async () => {
      const key = await generate()
      kept.push(key)
      return key
    },
  })
  pool.start()
  await pool.full()
  await pool.close()
  expect(kept.map(({ privateKey }) => [...privateKey])).toEqual([[0], [0]])
  expect([made(), pool.size()]).toEqual([2, 0])
})

it('holds real RSA keys of 2048 bits', async () => {
  const pool = createRsaKeyPool({ size: 1, generate: generateRsaKey })
  pool.start()
  await pool.full()
  const key = await pool.take()
  expect(key.algorithm).toBe('RSA')
  expect(key.publicKey.length).toBeGreaterThan(290)
  await pool.close()
})
