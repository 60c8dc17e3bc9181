import { createHash } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { audited } from '../../src/app/audit/audited.ts'
import { auditEntries } from '../../src/app/audit/audit-entries.ts'
import type { Dependencies } from '../../src/app/dependencies.ts'
import type { UseCases } from '../../src/app/use-cases.ts'
import type { Caller } from '../../src/app/views.ts'
import { auditLine } from '../../src/domain/audit/audit-entry.ts'
import { verifyAuditChain } from '../../src/domain/audit/verify-audit-chain.ts'
import { accountId, changeId, contractId, enrollmentId } from '../../src/domain/identifiers.ts'
import { instant } from '../../src/domain/time.ts'
import { createLog } from '../../src/observe/log.ts'
import { Problem } from '../../src/errors/problem.ts'
import type { Store } from '../../src/ports/store.ts'
import { createDatabase, createPool } from '../../src/store/database.ts'
import { createStore } from '../../src/store/store.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { SETTINGS } from '../support/sample-views.ts'

let database: TestDatabase
let pool: ReturnType<typeof createPool>
let store: Store
let caller: Caller
let number = 0

const AT = instant(1_767_225_600_000)
const clock = { now: () => AT }

beforeAll(async () => {
  database = await createTestDatabase()
  pool = createPool({ connectionString: database.url, connections: 5, log: createLog('silent') })
  store = createStore(createDatabase(pool), { origin: 'test' })
})
afterAll(async () => {
  await pool.end()
  await database.drop()
})
beforeEach(async () => {
  number += 1
  const account = accountId(`A-${number}`)
  await store.read.accounts.insert({ id: account, name: 'x', switchKey: null }, AT)
  await store.read.accounts.insertContract(contractId(`C-${number}`), account, AT)
  caller = {
    accountId: account,
    clientId: 'client-1',
    clientName: 'pipeline',
    role: 'admin',
    requestId: 'request-1',
    source: '192.0.2.1',
  }
})

const enrollment = () => ({
  id: enrollmentId(number),
  accountId: caller.accountId,
  contractId: contractId(`C-${number}`),
  settings: SETTINGS,
  assignedSlots: [1],
  createdAt: AT,
  autoRenewalStartTime: null,
  revision: 0,
})

/** One use case in place of the real one; the rest is not called. */
function withUseCase<Name extends keyof UseCases>(
  name: Name,
  make: (own: Store) => UseCases[Name],
): UseCases {
  const deps = { store, clocks: { lifecycle: clock, real: clock } } as unknown as Dependencies
  return audited(deps, (own) => ({ [name]: make(own.store) }) as unknown as UseCases)
}

const log = () => store.read.audit.after(caller.accountId, 0, 100)
const ref = () => ({ enrollmentId: enrollmentId(number), changeId: changeId(number) })
const ANY = { schedule: { notBefore: null, notAfter: null }, allowCancelPendingChanges: false }

describe('a use case that acts', () => {
  beforeEach(() => store.read.enrollments.insert(enrollment(), ['www.example.com']))

  it('leaves its entry in the very transaction that changes the object', async () => {
    const useCases = withUseCase('removeEnrollment', (own) => async (_caller, id) => {
      await own.transaction(async (tx) => {
        await tx.lifecycle.remove(id, AT)
        expect(await log()).toEqual([])
      })
      expect(await log()).toHaveLength(1)
      return null
    })
    await useCases.removeEnrollment(caller, enrollmentId(number), ANY)
    expect(await log()).toMatchObject([
      {
        id: 1,
        actor: 'pipeline',
        source: '192.0.2.1',
        action: 'remove-enrollment',
        object: `enrollments/${number}`,
        digestBefore: expect.stringMatching(/^[0-9a-f]{64}$/),
        digestAfter: null,
        detail: { client: 'client-1', request: 'request-1', allowCancelPendingChanges: false },
      },
    ])
  })

  it('leaves none when its transaction is rolled back', async () => {
    const useCases = withUseCase(
      'removeEnrollment',
      (own) => (_caller, id) =>
        own.transaction(async (tx) => {
          await tx.lifecycle.remove(id, AT)
          throw new Problem('cannot-cancel')
        }),
    )
    await expect(useCases.removeEnrollment(caller, enrollmentId(number), ANY)).rejects.toThrow(Problem)
    expect(await log()).toEqual([])
    expect(await store.read.enrollments.find(caller.accountId, enrollmentId(number))).not.toBeNull()
  })

  it('changes nothing when its entry cannot be written', async () => {
    const useCases = withUseCase('removeEnrollment', (own) => async (_caller, id) => {
      await own.read.lifecycle.remove(id, AT)
      return null
    })
    await pool.query('alter table audit_heads rename to audit_heads_away')
    try {
      await expect(useCases.removeEnrollment(caller, enrollmentId(number), ANY)).rejects.toThrow(
        'audit_heads',
      )
    } finally {
      await pool.query('alter table audit_heads_away rename to audit_heads')
    }
    expect(await store.read.enrollments.find(caller.accountId, enrollmentId(number))).not.toBeNull()
    expect(await log()).toEqual([])
  })

  it('leaves an entry for a write outside of a transaction, and none for a compare-and-swap that lost', async () => {
    const useCases = withUseCase('updateEnrollment', (own) => async () => {
      expect(await own.read.enrollments.save({ ...enrollment(), revision: 7 })).toBe(false)
      expect(await log()).toEqual([])
      expect(await own.read.enrollments.save({ ...enrollment(), assignedSlots: [1] })).toBe(true)
      expect(await log()).toHaveLength(1)
      return null
    })
    await useCases.updateEnrollment(caller, enrollmentId(number), {
      ...ANY,
      settings: () => SETTINGS,
      allowStagingBypass: false,
      forceRenewal: true,
      renewalDateCheckOverride: false,
      allowMissingCertificateAddition: false,
    })
    const [entry] = await log()
    expect(entry?.detail).toMatchObject({ forceRenewal: true })
    expect(JSON.stringify(entry)).not.toContain('Doe')
  })

  it('leaves an entry even when it was granted without storing anything', async () => {
    const useCases = withUseCase('acknowledgeChallenges', () => async () => undefined)
    await useCases.acknowledgeChallenges(caller, ref(), 'deny')
    expect(await log()).toMatchObject([
      { action: 'acknowledge-challenges', detail: { word: 'deny', changedNothing: true } },
    ])
  })

  it('leaves digests of what was uploaded, not the texts', async () => {
    const useCases = withUseCase('uploadCertificates', () => async () => undefined)
    await useCases.uploadCertificates(caller, ref(), [
      { keyAlgorithm: 'RSA', certificate: 'the certificate', trustChain: null },
    ])
    const [entry] = await log()
    expect(entry?.detail['RSACertificateSha256']).toBe(sha256('the certificate'))
    expect(JSON.stringify(entry)).not.toContain('the certificate')
  })
})

it('what works beyond the store leaves its intent, and what became of it', async () => {
  let fails = false
  const useCases = withUseCase('advanceClock', () => async () => {
    expect((await log()).at(-1)?.detail).toMatchObject({ phase: 'intent', byMs: 1000 })
    if (fails) throw new Problem('validation-error')
    return { now: AT, offsetSeconds: 0 }
  })
  await useCases.advanceClock(caller, { by: 1000 })
  fails = true
  await expect(useCases.advanceClock(caller, { by: 1000 })).rejects.toThrow(Problem)
  expect((await log()).map(({ detail }) => [detail['phase'], detail['done'], detail['problem']])).toEqual([
    ['intent', undefined, undefined],
    ['outcome', true, undefined],
    ['intent', undefined, undefined],
    ['outcome', false, 'validation-error'],
  ])
})

it('an account, a contract and a client are made under their own names, without their secrets', async () => {
  const made = accountId(`A-${number}-made`)
  const useCases = withUseCase('createClient', (own) => async () => {
    await own.read.accounts.insert({ id: made, name: 'made', switchKey: 'switch-key' }, AT)
    await own.read.accounts.insertContract(contractId(`C-${number}-made`), made, AT)
    await own.transaction(async (tx) => {
      await tx.clients.insert({
        id: `id-${number}`,
        accountId: made,
        name: 'new',
        role: 'operator',
        accessToken: 'access-token',
        maySwitch: false,
        switchAccounts: [],
        disabled: false,
        expiresAt: null,
        createdAt: AT,
      })
      await tx.clients.insertCredential({
        clientToken: `ct-${number}`,
        clientId: `id-${number}`,
        version: 1,
        sealedSecret: Buffer.from('sealed-secret'),
        createdAt: AT,
        expiresAt: null,
        retiredAt: null,
        lastUsedAt: null,
      })
    })
    const shown = { clientToken: '', clientSecret: 'plain-secret', accessToken: '', name: '' }
    return { ...shown, id: '', role: 'operator', expiresAt: null }
  })
  await useCases.createClient(caller, made, {
    role: 'operator',
    name: 'new',
    expiresAt: null,
    switchKeys: [],
  })
  const entries = await log()
  expect(entries.map(({ action, object }) => [action, object])).toEqual([
    ['create-account', `accounts/${made}`],
    ['create-contract', `contracts/C-${number}-made`],
    ['create-client', `accounts/${made}/clients/id-${number}`],
  ])
  expect(JSON.stringify(entries)).not.toMatch(/access-token|secret|switch-key/)
})

it('50 calls at once leave one chain', async () => {
  const useCases = withUseCase('cancelChange', (own) => async () => {
    await own.transaction(async () => undefined)
  })
  await Promise.all(Array.from({ length: 50 }, () => useCases.cancelChange(caller, ref())))
  expect(verifyAuditChain((await log()).map(auditLine), sha256)).toMatchObject({ ok: true, entries: 50 })
})

it('the log is for administrators, and of their account', async () => {
  const deps = { store } as unknown as Dependencies
  await expect(auditEntries(deps, { ...caller, role: 'operator' }, 0, 10)).rejects.toMatchObject({
    code: 'forbidden',
  })
  await store.transaction((tx) =>
    tx.audit.append({
      realAt: AT,
      lifecycleAt: AT,
      accountId: caller.accountId,
      actor: '',
      source: '',
      action: 'a',
      object: 'o',
      before: null,
      after: null,
      digested: {},
      detail: {},
    }),
  )
  expect(await auditEntries(deps, caller, 0, 10)).toHaveLength(1)
  expect(await auditEntries(deps, caller, 1, 10)).toEqual([])
  expect(await auditEntries(deps, { ...caller, accountId: accountId('A-other') }, 0, 10)).toEqual([])
})

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
