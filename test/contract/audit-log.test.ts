import { createHash } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { auditLine } from '../../src/domain/audit/audit-entry.ts'
import { verifyAuditChain } from '../../src/domain/audit/verify-audit-chain.ts'
import { type AccountId, accountId } from '../../src/domain/identifiers.ts'
import { instant } from '../../src/domain/time.ts'
import { createLog } from '../../src/observe/log.ts'
import type { AuditDraft } from '../../src/ports/audit-log.ts'
import type { Store } from '../../src/ports/store.ts'
import { createDatabase, createPool } from '../../src/store/database.ts'
import { createStore } from '../../src/store/store.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

let database: TestDatabase
let pool: ReturnType<typeof createPool>
let store: Store
let account: AccountId
let accounts = 0

beforeAll(async () => {
  database = await createTestDatabase()
  pool = createPool({ connectionString: database.url, connections: 20, log: createLog('silent') })
  store = createStore(createDatabase(pool), { origin: 'test' })
})
afterAll(async () => {
  await pool.end()
  await database.drop()
})
beforeEach(() => {
  account = accountId(`A-${(accounts += 1)}`)
})

const draft = (number: number, detail: AuditDraft['detail'] = {}): AuditDraft => ({
  realAt: instant(1_767_225_600_123 + number),
  lifecycleAt: instant(1_767_225_700_999 + number),
  accountId: account,
  actor: 'pipeline',
  source: '192.0.2.1',
  action: 'cancel-change',
  object: `enrollments/${number}`,
  before: { number },
  after: null,
  digested: {},
  detail,
})

const append = (number: number, detail?: AuditDraft['detail']) =>
  store.transaction((tx) => tx.audit.append(draft(number, detail)))

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const judge = async () =>
  verifyAuditChain((await store.read.audit.after(account, 0, 1000)).map(auditLine), sha256)

describe('the audit log', () => {
  it('is one chain after 50 appends at once, in the order of the commits', async () => {
    const entries = await Promise.all(Array.from({ length: 50 }, (_, number) => append(number)))
    expect(entries.map(({ id }) => id).toSorted((one, other) => one - other)).toEqual(
      Array.from({ length: 50 }, (_, index) => index + 1),
    )
    expect(await judge()).toMatchObject({ ok: true, entries: 50 })
  })

  it('has no gap where a transaction was rolled back', async () => {
    await append(1)
    await expect(
      store.transaction(async (tx) => {
        await tx.audit.append(draft(2))
        throw new Error('no')
      }),
    ).rejects.toThrow('no')
    await append(3)
    expect(await judge()).toMatchObject({ ok: true, entries: 2 })
  })

  it('keeps one chain per account', async () => {
    await append(1)
    const first = account
    account = accountId(`A-${(accounts += 1)}`)
    expect((await append(1)).id).toBe(1)
    expect((await store.read.audit.after(first, 0, 10)).map(({ accountId: of }) => of)).toEqual([first])
  })

  it('verifies whatever texts an entry holds', async () => {
    await append(1, {
      reason: 'Zürich "quoted" \\ \u2028 \u{1F600} \0 \uD800 end',
      nested: { b: 1, a: [null, true, 'x'] },
    })
    expect(await judge()).toMatchObject({ ok: true, entries: 1 })
    expect((await store.read.audit.after(account, 0, 1))[0]?.detail['reason']).toBe(
      'Zürich "quoted" \\ \u2028 \u{1F600}   end',
    )
  })

  it('keeps digests of objects and texts, never these themselves', async () => {
    const entry = await store.transaction((tx) =>
      tx.audit.append({ ...draft(1), before: { b: 1, a: 'secret' }, digested: { RSACertificate: 'PEM' } }),
    )
    expect(entry.digestBefore).toBe(sha256('{"a":"secret","b":1}'))
    expect(entry.digestAfter).toBeNull()
    expect(entry.detail).toEqual({ RSACertificateSha256: sha256('PEM') })
    expect(JSON.stringify(entry)).not.toContain('secret')
  })

  it.each([
    'update audit_log set actor = actor',
    'delete from audit_log',
    'truncate audit_log',
    'delete from audit_heads',
    'truncate audit_heads',
    "update audit_heads set hash = repeat('0', 64)",
    'update audit_heads set id = id - 1',
  ])('refuses: %s', async (statement) => {
    await append(1)
    await expect(pool.query(statement)).rejects.toThrow('the audit log is append-only')
    expect(await judge()).toMatchObject({ ok: true, entries: 1 })
  })

  describe('altered behind its back', () => {
    const behind = async (statement: string): Promise<void> => {
      const client = await pool.connect()
      try {
        await client.query('begin')
        await client.query("set local session_replication_role = 'replica'")
        await client.query(statement, [account])
        await client.query('commit')
      } finally {
        client.release()
      }
    }

    it.each([
      ["update audit_log set actor = 'nobody'", 3],
      ["update audit_log set source = ''", 3],
      ["update audit_log set action = 'create-enrollment'", 3],
      ["update audit_log set object = 'enrollments/0'", 3],
      ['update audit_log set real_at = real_at + 1000', 3],
      ['update audit_log set lifecycle_at = lifecycle_at - 1000', 3],
      ['update audit_log set digest_before = null', 3],
      ["update audit_log set digest_after = ''", 3],
      [`update audit_log set detail = '{"a":1}'`, 3],
      ["update audit_log set hash = repeat('a', 64)", 3],
      ["update audit_log set previous_hash = repeat('a', 64)", 3],
      ['update audit_log set id = 99', 4],
      ['delete from audit_log', 4],
    ])('%s of entry 3: entry %i is named', async (statement, named) => {
      for (let number = 1; number <= 5; number += 1) await append(number)
      await behind(`${statement} where account_id = $1 and id = 3`)
      expect(await judge()).toMatchObject({ ok: false, firstAltered: named })
    })

    it('an order that was changed is found', async () => {
      for (let number = 1; number <= 4; number += 1) await append(number)
      await behind(
        'update audit_log set id = case id when 2 then 103 else 102 end where account_id = $1 and id in (2, 3)',
      )
      await behind('update audit_log set id = id - 100 where account_id = $1 and id > 100')
      expect(await judge()).toMatchObject({ ok: false, firstAltered: 2 })
    })
  })
})
