import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLog } from '../../src/observe/log.ts'
import { CHANNELS } from '../../src/store/channels.ts'
import { createListener } from '../../src/store/listener.ts'
import { createWakeUps } from '../../src/store/wake-ups.ts'
import type { Change } from '../../src/domain/change/change.ts'
import { accountId, changeId, contractId, enrollmentId } from '../../src/domain/identifiers.ts'
import { DAY, MINUTE, plus } from '../../src/domain/time.ts'
import type { Kept } from '../../src/ports/changes.ts'
import type { NameValidationRecord } from '../../src/ports/validations.ts'
import { dvSettings } from '../support/settings.ts'
import {
  certificateFor,
  keyPairFor,
  NOTE,
  openStore,
  type StoreUnderTest,
  T0,
} from '../support/store-under-test.ts'

const LIVE = { notBefore: T0, notAfter: plus(T0, 90 * DAY) }

let under: StoreUnderTest
beforeAll(async () => {
  under = await openStore()
})
afterAll(() => under.close())

const read = () => under.store.read

describe('a change', () => {
  it('is given back as it was inserted', async () => {
    const change = await under.newChange()
    expect(await read().changes.load(change.id)).toEqual(change)
    expect(await read().changes.find(change.accountId, change.enrollmentId, change.id)).toEqual(change)
  })

  it('does not exist for another account, nor below another enrollment', async () => {
    const change = await under.newChange()
    const other = await under.newAccount()
    expect(await read().changes.find(other, change.enrollmentId, change.id)).toBeNull()
    expect(await read().changes.find(change.accountId, enrollmentId(1), change.id)).toBeNull()
  })

  it('is the only open one of its enrollment; after its end another may begin', async () => {
    const enrollment = await under.newEnrollment()
    const first = await under.newChange(enrollment)
    await expect(under.newChange(enrollment)).rejects.toMatchObject({ constraint: 'one_open_change' })
    expect(await read().changes.openOf([enrollment.id])).toEqual([first])
    await read().changes.record({ ...first, state: 'cancelled', effects: [] }, NOTE)
    const second = await under.newChange(enrollment)
    expect(await read().changes.openOf([enrollment.id])).toEqual([second])
  })

  it('leaves no history when it could not be inserted', async () => {
    const enrollment = await under.newEnrollment()
    const first = await under.newChange(enrollment)
    await under.newChange(enrollment, { id: changeId(999_999) }).catch(() => undefined)
    expect(await read().events.ofChange(changeId(999_999))).toEqual([])
    expect(await read().events.ofChange(first.id)).toHaveLength(1)
  })

  it('is saved by compare-and-swap: of many at once one wins, and only that one is told', async () => {
    const change = await under.newChange()
    const outcomes = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        read().changes.record({ ...change, createdBy: 'x', findings: [{ id: `${n}`, text: '' }] }, NOTE),
      ),
    )
    expect(outcomes.filter(Boolean)).toHaveLength(1)
    const stored = await read().changes.load(change.id)
    expect(stored?.revision).toBe(1)
    expect(stored?.findings[0]?.id).toBe(`${outcomes.indexOf(true)}`)
    expect(await read().events.ofChange(change.id)).toHaveLength(2)
    expect(await read().changes.save(change)).toBe(false)
  })

  it('keeps its history in the order of its moves', async () => {
    const change = await under.newChange()
    for (const [revision, event] of ['one', 'two', 'three'].entries()) {
      await read().changes.record({ ...change, revision }, { ...NOTE, event, at: plus(T0, -revision) })
    }
    const events = await read().events.ofChange(change.id)
    expect(events.map(({ event }) => event)).toEqual(['moved', 'one', 'two', 'three'])
    const ids = events.map(({ id }) => id)
    expect(await read().events.ofAccountAfter(change.accountId, ids[1] ?? 0, 1)).toEqual(events.slice(2, 3))
    expect(await read().events.newestId()).toBeGreaterThanOrEqual(ids[3] ?? Number.POSITIVE_INFINITY)
  })

  it('tells the workers of every process when a move was saved that wants them, and only then', async () => {
    const notes = await createListener(under.database.url, CHANNELS, createLog('silent'))
    const heard: unknown[] = []
    const last = new Promise<void>((resolve) => {
      createWakeUps(notes).subscribe((wakeUp) => {
        heard.push(wakeUp)
        if (wakeUp?.afterMs === 0) resolve()
      })
    })
    const change = await under.newChange()
    await read().changes.record(change, { ...NOTE, wakeAfterMs: 3_600_000 })
    await read().changes.record(change, { ...NOTE, wakeAfterMs: 1 })
    await read().wake(change.id)
    await last
    await notes.close()
    expect(heard).toEqual([
      { changeId: change.id, afterMs: 3_600_000, lane: 'person' },
      { changeId: change.id, afterMs: 0, lane: 'person' },
    ])
  })

  it('is due from its moment on, earliest first, open or not, up to a limit', async () => {
    const at = plus(T0, -DAY)
    const [later, sooner, never] = await Promise.all(
      [plus(at, 2), plus(at, 1), null].map((nextAt) => under.newChange(undefined, { nextAt })),
    )
    expect(await read().changes.due(at, 10)).toEqual([])
    expect(await read().changes.due(plus(at, 1), 10)).toEqual([sooner?.id])
    expect(await read().changes.due(plus(at, MINUTE), 10)).toEqual([sooner?.id, later?.id])
    expect(await read().changes.due(plus(at, MINUTE), 1)).toEqual([sooner?.id])
    expect(await read().changes.due(plus(T0, MINUTE), 1_000)).not.toContain(never?.id)
    for (const change of [later, sooner, never])
      if (change !== undefined)
        expect(await read().changes.isDue(change.id, plus(at, 1))).toBe(change === sooner)
  })
})

describe('what a step leaves behind', () => {
  const validation = (change: Change, more: Partial<NameValidationRecord> = {}): NameValidationRecord => ({
    changeId: change.id,
    enrollmentId: change.enrollmentId,
    accountId: change.accountId,
    domain: 'a.example',
    generation: 1,
    status: 'awaiting',
    error: null,
    challenges: [
      { type: 'http-01', token: 't', keyAuthorization: 't.k', status: 'pending', error: null, records: [] },
    ],
    published: true,
    requestedAt: T0,
    validatedAt: null,
    expiresAt: plus(T0, DAY),
    ...more,
  })

  it('is all there with the move', async () => {
    const change = await under.newChange()
    const keyPair = keyPairFor(change)
    const certificate = certificateFor(keyPair)
    const handshake = {
      changeId: change.id,
      network: 'staging' as const,
      address: '127.0.0.1:1',
      serverName: 'a.example',
      serialNumber: 'ab',
      fingerprint: 'cd',
      protocol: 'TLSv1.3',
      realAt: T0,
    }
    const kept: Kept = {
      keyPairs: [keyPair],
      certificates: [certificate],
      validations: [validation(change), validation(change, { domain: '*.a.example' })],
      handshakes: [handshake, { ...handshake, address: '[::1]:1' }],
    }
    expect(await read().changes.record(change, NOTE, kept)).toBe(true)
    const [pair] = await read().certificates.keyPairsOf(change.id)
    expect(pair?.sealedPrivateKey && new Uint8Array(pair.sealedPrivateKey)).toEqual(keyPair.sealedPrivateKey)
    expect(await read().certificates.ofChange(change.id)).toEqual([certificate])
    expect(await read().validations.currentOf(change.id)).toEqual([
      validation(change, { domain: '*.a.example' }),
      validation(change),
    ])
    expect((await read().handshakes.ofChange(change.id)).map(({ address }) => address)).toEqual([
      '127.0.0.1:1',
      '[::1]:1',
    ])
  })

  it('is not there when another moved the change first', async () => {
    const change = await under.newChange()
    await read().changes.record(change, NOTE)
    const kept: Kept = {
      keyPairs: [keyPairFor(change)],
      validations: [validation(change)],
      settles: {
        settings: dvSettings('other.example'),
        renewal: { at: T0, live: LIVE, askAt: null, namesLookAt: null },
      },
    }
    expect(await read().changes.record(change, NOTE, kept)).toBe(false)
    expect(await read().certificates.keyPairsOf(change.id)).toEqual([])
    expect(await read().validations.currentOf(change.id)).toEqual([])
    const enrollment = await read().enrollments.find(change.accountId, change.enrollmentId)
    expect(enrollment?.autoRenewalStartTime).toBeNull()
  })

  it('replaces the same generation of a name and leaves an earlier one as it was', async () => {
    const change = await under.newChange()
    await read().validations.save([validation(change, { status: 'invalid' })])
    const second = validation(change, { generation: 2, status: 'checking' })
    await read().changes.record(change, NOTE, { validations: [second] })
    const valid = { ...second, status: 'valid' as const, validatedAt: T0 }
    await read().changes.record({ ...change, revision: 1 }, NOTE, { validations: [valid] })
    expect(await read().validations.currentOf(change.id)).toEqual([valid])
    const { rows } = await under.pool.query(
      'select status from name_validations where change_id = $1 order by generation',
      [change.id],
    )
    expect(rows).toEqual([{ status: 'invalid' }, { status: 'valid' }])
  })

  it('takes back what is published of the change, of every generation, and of no other change', async () => {
    const [change, other] = await Promise.all([under.newChange(), under.newChange()])
    await read().validations.save([
      validation(change),
      validation(change, { domain: 'b.example' }),
      validation(other),
    ])
    const latest = validation(change, { generation: 2, status: 'valid' })
    await read().changes.record(change, NOTE, { validations: [latest], unpublishes: true })
    const { rows } = await under.pool.query(
      'select change_id from name_validations where published and change_id = any ($1)',
      [[change.id, other.id]],
    )
    expect(rows).toEqual([{ change_id: other.id }])
  })

  it('settles the enrollment; without a new date the old one stays', async () => {
    const change = await under.newChange()
    const settings = dvSettings('settled.example')
    const find = () => read().enrollments.find(change.accountId, change.enrollmentId)
    await read().changes.record(change, NOTE, {
      settles: { settings, renewal: { at: T0, live: LIVE, askAt: null, namesLookAt: null } },
    })
    expect(await find()).toMatchObject({ settings, autoRenewalStartTime: T0, revision: 1 })
    expect(await read().lifecycle.settled(change.enrollmentId)).toEqual(settings)
    await read().changes.record({ ...change, revision: 1 }, NOTE, {
      settles: { settings, renewal: null },
    })
    expect(await find()).toMatchObject({ autoRenewalStartTime: T0 })
  })

  it('of key pairs and certificates is the first one of its algorithm, also when many come at once', async () => {
    const change = await under.newChange()
    const pairs = Array.from({ length: 6 }, () => keyPairFor(change))
    await Promise.all(pairs.map((pair) => read().certificates.insertKeyPair(pair)))
    await read().certificates.insertKeyPair(keyPairFor(change, { keyAlgorithm: 'RSA' }))
    const [standing, rsa, ...more] = await read().certificates.keyPairsOf(change.id)
    expect([standing?.keyAlgorithm, rsa?.keyAlgorithm, more]).toEqual(['ECDSA', 'RSA', []])
    if (standing === undefined) throw new Error('no key pair stands')
    const first = certificateFor(standing)
    await read().certificates.insert(first)
    await read().certificates.insert(certificateFor(standing, { certificatePem: 'second' }))
    expect(await read().certificates.withKeyPairsOf(change.id)).toMatchObject([
      { certificate: first, keyPair: { id: standing.id } },
    ])
  })

  it('of keys is gone once they are destroyed', async () => {
    const change = await under.newChange()
    await read().certificates.insertKeyPair(keyPairFor(change))
    await read().certificates.destroyKeys(change.id, T0)
    const { rows } = await under.pool.query(
      'select sealed_private_key, destroyed_at from key_pairs where change_id = $1',
      [change.id],
    )
    expect(rows).toEqual([{ sealed_private_key: null, destroyed_at: T0 }])
  })
})

describe('the lock of a change', () => {
  it('is held by one at a time and free again afterwards', async () => {
    const change = await under.newChange()
    const other = under.anotherProcess('second').store
    const outcome = await under.store.withChangeLock(change.id, () =>
      other.withChangeLock(change.id, async () => 'never'),
    )
    expect(outcome).toEqual({ held: true, value: { held: false } })
    expect(await other.withChangeLock(change.id, async () => 'now')).toEqual({ held: true, value: 'now' })
  })

  it('is free after a failure', async () => {
    const { id } = await under.newChange()
    const failing = under.store.withChangeLock(id, () => Promise.reject(new Error('no luck')))
    await expect(failing).rejects.toThrow('no luck')
    expect(await under.anotherProcess('third').store.withChangeLock(id, async () => 1)).toMatchObject({
      held: true,
    })
  })

  it('is not the lock of another change', async () => {
    const [one, two] = [await under.newChange(), await under.newChange()]
    const outcome = await under.store.withChangeLock(one.id, () =>
      under.store.withChangeLock(two.id, async () => 'both'),
    )
    expect(outcome).toEqual({ held: true, value: { held: true, value: 'both' } })
  })

  it('goes with its connection, and the right to write goes too', async () => {
    const change = await under.newChange()
    const other = under.anotherProcess('fourth').store
    let taken: unknown
    const lost = under.store.withChangeLock(change.id, async (locked) => {
      await under.pool.query(
        `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and pid <> pg_backend_pid()
           and database = (select oid from pg_database where datname = current_database()) and objid = $1`,
        [change.id],
      )
      const written = locked.read.changes.record(change, NOTE)
      await expect(written).rejects.toThrow()
      taken = await other.withChangeLock(change.id, (now) => now.read.changes.record(change, NOTE))
    })
    await expect(lost).rejects.toThrow()
    expect(taken).toEqual({ held: true, value: true })
  })
})

describe('ids', () => {
  it('are unique however many are asked for at once, in whichever order', async () => {
    const asked = await Promise.all(
      Array.from({ length: 120 }, (_, n) =>
        under.store.nextIds(
          n % 2 === 0
            ? (['enrollment', 'change', 'slot'] as const)
            : (['slot', 'change', 'enrollment'] as const),
        ),
      ),
    )
    for (const counter of ['enrollment', 'change', 'slot'] as const) {
      const ids = asked.map((each) => each[counter])
      expect(new Set(ids).size).toBe(ids.length)
      expect(ids.every((id) => Number.isSafeInteger(id) && id > 10_000)).toBe(true)
    }
  })

  it('have gaps that say nothing of others', async () => {
    const ids: number[] = []
    for (let n = 0; n < 40; n += 1) ids.push((await under.store.nextIds(['change'])).change)
    const gaps = ids.slice(1).map((id, index) => id - (ids[index] ?? 0))
    expect(Math.min(...gaps)).toBeGreaterThan(0)
    expect(new Set(gaps).size).toBeGreaterThan(5)
  })
})

it('a transaction that fails leaves nothing', async () => {
  const account = accountId('A-nobody')
  const failing = under.store.transaction(async (tx) => {
    await tx.accounts.insert({ id: account, name: 'nobody', switchKey: null }, T0)
    throw new Error('stopped')
  })
  await expect(failing).rejects.toThrow('stopped')
  expect(await read().accounts.find(account)).toBeNull()
})

it('an account and a contract are made by one of those who want the same id or switch key, and the others are told', async () => {
  const { accounts } = read()
  const made = (id: string, switchKey: string) =>
    accounts.insert({ id: accountId(id), name: id, switchKey }, T0)
  const both = await Promise.all([made('A-met', '1-MET'), made('A-meets', '1-MET')])
  expect(both.toSorted()).toEqual([false, true])
  const standing = await accounts.bySwitchKey('1-MET')
  expect(await made(String(standing?.id), '1-OTHER')).toBe(false)
  const contract = (owner: string) => accounts.insertContract(contractId('C-met'), accountId(owner), T0)
  expect(
    (await Promise.all([contract(String(standing?.id)), contract(String(standing?.id))])).toSorted(),
  ).toEqual([false, true])
})
