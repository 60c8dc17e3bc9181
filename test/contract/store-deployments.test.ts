import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Change } from '../../src/domain/change/change.ts'
import type { Enrollment } from '../../src/domain/enrollment/enrollment.ts'
import { type AccountId, type DeploymentId, deploymentId } from '../../src/domain/identifiers.ts'
import { MINUTE, plus } from '../../src/domain/time.ts'
import type { DeploymentRecord } from '../../src/ports/deployments.ts'
import { createLog } from '../../src/observe/log.ts'
import { EDGE_CHANNEL } from '../../src/store/channels.ts'
import { createEdgeWishes } from '../../src/store/edge-wishes.ts'
import { createListener, type Listener } from '../../src/store/listener.ts'
import {
  certificateFor,
  deploymentFor,
  keyPairFor,
  NOTE,
  openStore,
  type StoreUnderTest,
  T0,
} from '../support/store-under-test.ts'

let under: StoreUnderTest
let notes: Listener
let account: AccountId
let number = 0
beforeAll(async () => {
  under = await openStore()
  notes = await createListener(under.database.url, [EDGE_CHANNEL], createLog('silent'))
})
afterAll(async () => {
  await notes.close()
  await under.close()
})
beforeEach(async () => {
  account = await under.newAccount()
})

const name = () => `n${(number += 1)}.example`
const deployments = () => under.store.read.deployments
const answered = async (): Promise<Record<string, string>> =>
  Object.fromEntries(await createEdgeWishes(under.db).names('staging'))
const stateOf = async (record: DeploymentRecord) =>
  (await deployments().find(record.changeId, record.network))?.state

/** A change whose predecessor, if any, has ended. */
async function nextChange(enrollment: Enrollment): Promise<Change> {
  const [open] = await under.store.read.changes.openOf([enrollment.id])
  if (open !== undefined) await under.store.read.changes.record({ ...open, state: 'completed' }, NOTE)
  return under.newChange(enrollment)
}

async function live(enrollment: Enrollment, names: readonly string[]): Promise<DeploymentRecord> {
  const record = deploymentFor(await nextChange(enrollment), 'staging', names)
  await deployments().begin(record)
  await deployments().activate(record.id, T0)
  return record
}

/** Payloads that come while `work` runs, in their order: notes are heard in the order of the commits. */
async function told(work: () => Promise<unknown>): Promise<readonly string[]> {
  const payloads: string[] = []
  let end = () => {}
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  const unsubscribe = notes.subscribe((note) => {
    if (note?.payload === 'END') end()
    else if (note !== null) payloads.push(note.payload)
  })
  const mark = (payload: string) => under.pool.query('select pg_notify($1, $2)', [EDGE_CHANNEL, payload])
  await mark('BEGIN')
  await work()
  await mark('END')
  await ended
  unsubscribe()
  return payloads.slice(payloads.indexOf('BEGIN') + 1)
}

describe('a deployment that begins', () => {
  it('is pending, has its names, and notes what they were answered with before', async () => {
    const [taken, free] = [name(), name()]
    const before = await live(await under.newEnrollment(account), [taken])
    const record = deploymentFor(await under.newChange(), 'staging', [taken, free])
    const payloads = await told(async () => {
      expect(await deployments().begin(record)).toEqual({
        ...record,
        replaces: { [taken]: before.id, [free]: null },
      })
    })
    expect(payloads).toEqual([`staging ${record.id} first`])
    expect(await answered()).toMatchObject({ [taken]: record.id, [free]: record.id })
    expect(await stateOf(before)).toBe('active')
  })

  it('keeps its first note when it is begun again after a crash', async () => {
    const taken = name()
    const before = await live(await under.newEnrollment(account), [taken])
    const record = deploymentFor(await under.newChange(), 'staging', [taken])
    const first = await deployments().begin(record)
    expect(await deployments().begin({ ...record, createdAt: plus(T0, MINUTE) })).toEqual(first)
    expect(first.replaces).toEqual({ [taken]: before.id })
  })

  it('makes a new note when it failed before', async () => {
    const taken = name()
    const record = deploymentFor(await under.newChange(), 'staging', [taken])
    await deployments().begin(record)
    await deployments().revert(record.id)
    const meanwhile = await live(await under.newEnrollment(account), [taken])
    expect(await deployments().begin(record)).toMatchObject({
      state: 'pending',
      replaces: { [taken]: meanwhile.id },
    })
  })

  it('knows a name once, however often it is given, and is on its own network alone', async () => {
    const twice = name()
    const record = deploymentFor(await under.newChange(), 'production', [twice, twice])
    expect((await deployments().begin(record)).replaces).toEqual({ [twice]: null })
    expect(await answered()).not.toHaveProperty(twice)
  })

  it('of several that ask for the same names at once, all come to an end and one has them all', async () => {
    const names = Array.from({ length: 8 }, name)
    const records = await Promise.all(
      Array.from({ length: 8 }, async (_, n) =>
        deploymentFor(await under.newChange(), 'staging', [...names.slice(n), ...names.slice(0, n)]),
      ),
    )
    await Promise.all(records.map((record) => deployments().begin(record)))
    const wished = await answered()
    expect(new Set(names.map((each) => wished[each])).size).toBe(1)
  })
})

describe('a deployment that becomes active', () => {
  it('replaces the former one and drops the names that it does not ask for any more', async () => {
    const enrollment = await under.newEnrollment(account)
    const [kept, dropped, added] = [name(), name(), name()]
    const former = await live(enrollment, [kept, dropped])
    const record = deploymentFor(await nextChange(enrollment), 'staging', [kept, added])
    await deployments().begin(record)
    expect(await answered()).toMatchObject({ [kept]: record.id, [dropped]: former.id })
    const payloads = await told(() => deployments().activate(record.id, T0))
    expect(payloads).toEqual([`staging ${record.id} -`])
    expect(await answered()).toMatchObject({ [kept]: record.id, [added]: record.id })
    expect(await answered()).not.toHaveProperty(dropped)
    expect([await stateOf(former), await stateOf(record)]).toEqual(['replaced', 'active'])
    expect(await deployments().active(enrollment.id)).toMatchObject([{ id: record.id, activatedAt: T0 }])
  })

  it('tells nobody when no name is dropped, and is the same when it is done again', async () => {
    const enrollment = await under.newEnrollment(account)
    const record = await live(enrollment, [name()])
    expect(await told(() => deployments().activate(record.id, T0))).toEqual([])
    expect(await stateOf(record)).toBe('active')
  })

  it('leaves the other network and other enrollments alone', async () => {
    const [mine, other] = [await under.newEnrollment(account), await under.newEnrollment(account)]
    const elsewhere = await live(other, [name()])
    const change = await nextChange(mine)
    const production = deploymentFor(change, 'production', [name()])
    await deployments().begin(production)
    await deployments().activate(production.id, T0)
    const staging = deploymentFor(change, 'staging', [name()])
    await deployments().begin(staging)
    await deployments().activate(staging.id, T0)
    expect([await stateOf(production), await stateOf(elsewhere)]).toEqual(['active', 'active'])
    expect(await deployments().activeOfAccount(account)).toHaveLength(3)
  })

  it('does so together with the move of its change, or not at all', async () => {
    const enrollment = await under.newEnrollment(account)
    const former = await live(enrollment, [name()])
    const change = await nextChange(enrollment)
    const record = deploymentFor(change, 'staging', [name()])
    await deployments().begin(record)
    const kept = { activates: { id: record.id, at: T0 } }
    expect(await under.store.read.changes.record({ ...change, revision: 7 }, NOTE, kept)).toBe(false)
    expect([await stateOf(former), await stateOf(record)]).toEqual(['active', 'pending'])
    expect(await answered()).toMatchObject({ [former.servedNames[0] ?? '']: former.id })
    expect(await under.store.read.changes.record(change, NOTE, kept)).toBe(true)
    expect([await stateOf(former), await stateOf(record)]).toEqual(['replaced', 'active'])
    expect(await answered()).not.toHaveProperty(former.servedNames[0] ?? '')
  })
})

describe('a deployment that is reverted', () => {
  it('gives its names back: to what answered them, or to nobody', async () => {
    const [taken, free] = [name(), name()]
    const before = await live(await under.newEnrollment(account), [taken])
    const record = deploymentFor(await under.newChange(), 'staging', [taken, free])
    await deployments().begin(record)
    const payloads = await told(() => deployments().revert(record.id))
    expect(payloads).toEqual([`staging ${record.id} first`])
    expect(await answered()).toMatchObject({ [taken]: before.id })
    expect(await answered()).not.toHaveProperty(free)
    expect(await stateOf(record)).toBe('failed')
    await deployments().revert(record.id)
    expect(await answered()).toMatchObject({ [taken]: before.id })
  })

  it('does not take a name from whoever has it by now', async () => {
    const taken = name()
    const record = deploymentFor(await under.newChange(), 'staging', [taken])
    await deployments().begin(record)
    const later = await live(await under.newEnrollment(account), [taken])
    await deployments().revert(record.id)
    expect(await answered()).toMatchObject({ [taken]: later.id })
  })
})

describe('a reverted deployment that was active', () => {
  it('leaves the one that it replaced active again, with the names that had been dropped for it', async () => {
    const enrollment = await under.newEnrollment(account)
    const [kept, dropped, added] = [name(), name(), name()]
    const former = await live(enrollment, [kept, dropped])
    const record = await live(enrollment, [kept, added])
    await deployments().revert(record.id)
    expect([await stateOf(former), await stateOf(record)]).toEqual(['active', 'failed'])
    expect(await answered()).toMatchObject({ [kept]: former.id, [dropped]: former.id })
    expect(await answered()).not.toHaveProperty(added)
    await deployments().revert(record.id)
    expect(await deployments().active(enrollment.id)).toMatchObject([{ id: former.id, activatedAt: T0 }])
  })

  it('leaves a dropped name to whoever has taken it meanwhile', async () => {
    const enrollment = await under.newEnrollment(account)
    const [kept, dropped] = [name(), name()]
    await live(enrollment, [kept, dropped])
    const record = await live(enrollment, [kept])
    const taker = await live(await under.newEnrollment(account), [dropped])
    await deployments().revert(record.id)
    expect(await answered()).toMatchObject({ [dropped]: taker.id })
  })

  it('does not give a name back to an enrollment that was removed meanwhile', async () => {
    const taken = name()
    const gone = await under.newEnrollment(account)
    await live(gone, [taken])
    const [heir, mine] = [await under.newEnrollment(account), await under.newEnrollment(account)]
    const record = await live(mine, [taken])
    await under.store.read.lifecycle.withdraw(gone.id)
    await deployments().revert(record.id)
    expect(await answered()).not.toHaveProperty(taken)
    const next = await live(heir, [taken])
    expect(await answered()).toMatchObject({ [taken]: next.id })
  })

  it('of several generations goes back through all of them to what was there before the change', async () => {
    const enrollment = await under.newEnrollment(account)
    const taken = name()
    const former = await live(enrollment, [taken])
    const first = await live(enrollment, [taken])
    const second = { ...first, id: deploymentId(`${first.id}-2`), generation: 2, state: 'pending' as const }
    expect(await deployments().begin(second)).toMatchObject({
      generation: 2,
      replaces: { [taken]: first.id },
    })
    await deployments().activate(second.id, T0)
    expect(await deployments().find(first.changeId, 'staging')).toMatchObject({ id: second.id })
    const all = await deployments().ofChange(first.changeId, 'staging')
    expect(all.map(({ id, state }) => [id, state])).toEqual([
      [second.id, 'active'],
      [first.id, 'replaced'],
    ])
    for (const { id } of all) await deployments().revert(id)
    expect(await answered()).toMatchObject({ [taken]: former.id })
    expect(await deployments().active(enrollment.id)).toMatchObject([{ id: former.id }])
  })
})

describe('a deployment that never began', () => {
  it('is not reverted, nor activated, nor does its change move: all three fail loudly', async () => {
    const unknown = deploymentId('1-nowhere')
    await expect(deployments().revert(unknown)).rejects.toThrow('unknown deployment 1-nowhere')
    await expect(deployments().activate(unknown, T0)).rejects.toThrow('unknown deployment 1-nowhere')
    const change = await under.newChange()
    const kept = { activates: { id: unknown, at: T0 } }
    await expect(under.store.read.changes.record(change, NOTE, kept)).rejects.toThrow(
      'unknown deployment 1-nowhere',
    )
    expect(await under.store.read.changes.load(change.id)).toEqual(change)
  })
})

describe('a deployment that somebody would go back to', () => {
  it('knows which of its names another enrollment answers by now, and which another account claims', async () => {
    const [kept, taken, foreign] = [name(), name(), name()]
    const enrollment = await under.newEnrollment(account, [kept, taken])
    const record = await live(enrollment, [kept, taken])
    const others = () => deployments().namesOfOthers(record.id)
    expect(await others()).toEqual([])
    await live(enrollment, [kept])
    expect(await others()).toEqual([])
    await live(await under.newEnrollment(account, [taken]), [taken])
    expect(await others()).toEqual([taken])
    expect(await deployments().namesOfOthers(deploymentId('nothing'))).toEqual([])

    const wide = await live(await under.newEnrollment(account, [kept]), [kept, foreign])
    expect(await deployments().namesOfOthers(wide.id)).toEqual([])
    await under.newEnrollment(undefined, [foreign])
    expect(await deployments().namesOfOthers(wide.id)).toEqual([foreign])
  })
})

describe('what edges read', () => {
  it('of one deployment are all names of its enrollment, with who answers them now', async () => {
    const enrollment = await under.newEnrollment(account)
    const [kept, dropped] = [name(), name()]
    const former = await live(enrollment, [kept, dropped])
    const record = await live(enrollment, [kept])
    const touched = await createEdgeWishes(under.db).namesTouchedBy('staging', former.id)
    expect(touched).toEqual(
      new Map<string, DeploymentId | null>([
        [kept, record.id],
        [dropped, null],
      ]),
    )
  })

  it('is the deployment with its certificates and their sealed keys', async () => {
    const change = await under.newChange()
    const pair = keyPairFor(change)
    const certificate = certificateFor(pair)
    await under.store.read.changes.record(change, NOTE, { keyPairs: [pair], certificates: [certificate] })
    const record = { ...deploymentFor(change, 'staging', [name()]), certificateIds: [certificate.id] }
    const begun = await deployments().begin(record)
    const [wished, ...more] = await createEdgeWishes(under.db).deployments([record.id])
    expect(more).toEqual([])
    expect(wished?.deployment).toEqual(begun)
    expect(wished?.certificates).toMatchObject([
      { certificate, keyPair: { id: pair.id, accountId: pair.accountId } },
    ])
    const sealed = wished?.certificates[0]?.keyPair.sealedPrivateKey
    expect(sealed && new Uint8Array(sealed)).toEqual(pair.sealedPrivateKey)
  })
})
