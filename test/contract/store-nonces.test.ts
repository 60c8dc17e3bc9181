import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Instant, plus, SECOND } from '../../src/domain/time.ts'
import { beginEpoch, createNonces } from '../../src/store/nonces.ts'
import { openStore, type StoreUnderTest, T0 } from '../support/store-under-test.ts'

let under: StoreUnderTest
let now: Instant
let token = ''
let number = 0
beforeAll(async () => {
  under = await openStore()
  await beginEpoch(under.db, T0)
})
afterAll(() => under.close())
beforeEach(() => {
  now = plus(T0, 60 * SECOND)
  token = `client-${(number += 1)}`
})

const real = { now: () => now }
const here = () => createNonces(under.db, real)

describe('a nonce', () => {
  it('is taken once, and once more by another client', async () => {
    const nonces = here()
    expect(await nonces.claim(token, 'n', now)).toBe(true)
    expect(await nonces.claim(token, 'n', now)).toBe(false)
    expect(await nonces.claim(`${token}-other`, 'n', now)).toBe(true)
  })

  it('is taken in every process', async () => {
    const there = createNonces(under.anotherProcess('nonces').db, real)
    expect(await here().claim(token, 'n', now)).toBe(true)
    expect(await there.claim(token, 'n', now)).toBe(false)
  })

  it('that comes many times at once is taken once, however the calls are put together', async () => {
    const there = createNonces(under.anotherProcess('nonces').db, real)
    const nonces = here()
    const claims = Array.from({ length: 200 }, (_, n) =>
      (n % 2 === 0 ? nonces : there).claim(token, `n${n % 20}`, now).then((won) => ({ nonce: n % 20, won })),
    )
    const winners = (await Promise.all(claims)).filter(({ won }) => won).map(({ nonce }) => nonce)
    expect(winners.toSorted((one, other) => one - other)).toEqual(Array.from({ length: 20 }, (_, n) => n))
  })

  it('has its own verdict: what the database cannot keep spoils no other', async () => {
    const nonces = here()
    const first = nonces.claim(token, 'first', now)
    const [tooLong, good] = [nonces.claim(token, randomText(8_000), now), nonces.claim(token, 'good', now)]
    await expect(tooLong).rejects.toThrow()
    expect(await Promise.all([first, good])).toEqual([true, true])
    expect(await nonces.claim(token, 'good', now)).toBe(false)
  })

  it('is forgotten when its timestamp alone refuses it', async () => {
    const nonces = here()
    await nonces.claim(token, 'old', now)
    const kept = async () =>
      (await under.pool.query('select from nonces where client_token = $1', [token])).rowCount
    now = plus(now, 9 * 60 * SECOND)
    await nonces.purge()
    expect(await kept()).toBe(1)
    now = plus(now, 2 * 60 * SECOND)
    await nonces.purge()
    expect(await kept()).toBe(0)
  })
})

describe('after an unclean stop', () => {
  beforeEach(async () => {
    // What PostgreSQL does with unlogged tables then.
    await under.pool.query('truncate nonces, nonce_epoch')
  })

  it('what was signed before the memory begins is refused, and what comes after is not', async () => {
    const nonces = here()
    expect(await nonces.claim(token, 'before', plus(now, -SECOND))).toBe(false)
    expect(await nonces.claim(token, 'at', now)).toBe(true)
    expect(await nonces.claim(token, 'after', plus(now, SECOND))).toBe(true)
  })

  it('whole seconds count: a timestamp in the second of the beginning is not before it', async () => {
    now = plus(now, 900)
    const signedAt = plus(now, -900)
    expect(await here().claim(token, 'n', signedAt)).toBe(true)
  })

  it('the beginning stays where the first process put it', async () => {
    expect(await beginEpoch(under.db, now)).toBe(now)
    expect(await beginEpoch(under.db, plus(now, SECOND))).toBe(now)
  })
})

/** Of a kind that no index can hold: long, and not to be compressed. */
const randomText = (length: number): string => randomBytes(length / 2).toString('hex')
