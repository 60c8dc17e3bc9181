import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Dependencies } from '../../src/app/dependencies.ts'
import { dvHistory } from '../../src/app/dv-history.ts'
import { changeHistory } from '../../src/app/histories.ts'
import type { Caller } from '../../src/app/views.ts'
import type { KeyAlgorithm } from '../../src/domain/certificate/certificate.ts'
import { type Change, NO_PROGRESS } from '../../src/domain/change/change.ts'
import {
  accountId,
  certificateId,
  changeId,
  contractId,
  enrollmentId,
  keyPairId,
} from '../../src/domain/identifiers.ts'
import { DAY, instant, plus } from '../../src/domain/time.ts'
import { createLog } from '../../src/observe/log.ts'
import type { Store } from '../../src/ports/store.ts'
import type { NameValidationRecord } from '../../src/ports/validations.ts'
import { createDatabase, createPool } from '../../src/store/database.ts'
import { createStore } from '../../src/store/store.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { SETTINGS } from '../support/sample-views.ts'

let database: TestDatabase
let pool: ReturnType<typeof createPool>
let store: Store

const AT = instant(1_767_225_600_000)
const ACCOUNT = accountId('A-1')
const ENROLLMENT = enrollmentId(7)
const caller = { accountId: ACCOUNT, role: 'read-only' } as unknown as Caller
const at = (days: number) => ({ now: () => plus(AT, days * DAY) })
const depsAt = (days: number) =>
  ({ store, clocks: { lifecycle: at(days), real: at(days) } }) as unknown as Dependencies

const changeOf = (id: number, facts: Partial<Change>): Change => ({
  id: changeId(id),
  enrollmentId: ENROLLMENT,
  accountId: ACCOUNT,
  action: 'renewal',
  status: 'complete',
  state: 'completed',
  settings: { ...SETTINGS, validationType: 'third-party', ra: 'third-party', certificateType: 'third-party' },
  stagingBypass: false,
  effects: [],
  progress: NO_PROGRESS,
  findings: [],
  error: null,
  notBefore: null,
  notAfter: null,
  nextAt: null,
  createdBy: 'somebody',
  createdAt: plus(AT, id * DAY),
  enteredAt: AT,
  updatedAt: plus(AT, id * DAY + 5),
  revision: 0,
  ...facts,
})

async function insertKey(change: number, keyAlgorithm: KeyAlgorithm): Promise<void> {
  await store.read.certificates.insertKeyPair({
    id: keyPairId(`${change}-${keyAlgorithm}`),
    accountId: ACCOUNT,
    enrollmentId: ENROLLMENT,
    changeId: changeId(change),
    keyAlgorithm,
    sealedPrivateKey: null,
    publicKey: Buffer.from(`${change}${keyAlgorithm}`),
    signingRequestPem: `request ${change} ${keyAlgorithm}`,
    createdAt: AT,
  })
}

const upload = (change: number, keyAlgorithm: KeyAlgorithm, certificate: string, chain: string | null) =>
  store.read.uploads.put({
    id: certificateId(`${change}-${keyAlgorithm}`),
    accountId: ACCOUNT,
    enrollmentId: ENROLLMENT,
    changeId: changeId(change),
    keyPairId: keyPairId(`${change}-${keyAlgorithm}`),
    keyAlgorithm,
    certificatePem: 'written anew',
    chainPem: 'written anew',
    serialNumber: '01',
    fingerprint: 'f',
    signatureHash: 'SHA-256',
    ocspUris: [],
    notBefore: AT,
    notAfter: plus(AT, 90 * DAY),
    createdAt: AT,
    uploadedCertificate: certificate,
    uploadedChain: chain,
  })

const token = (
  change: number,
  generation: number,
  facts: Partial<NameValidationRecord>,
): NameValidationRecord => ({
  changeId: changeId(change),
  enrollmentId: ENROLLMENT,
  accountId: ACCOUNT,
  domain: 'www.example.com',
  generation,
  status: 'awaiting',
  error: null,
  challenges: [
    {
      type: 'http-01',
      token: `t${change}.${generation}`,
      keyAuthorization: 'k',
      status: 'pending',
      error: null,
      records: [],
    },
  ],
  published: false,
  requestedAt: plus(AT, change * DAY + generation),
  validatedAt: null,
  expiresAt: plus(AT, (change + 7) * DAY),
  ...facts,
})

beforeAll(async () => {
  database = await createTestDatabase()
  pool = createPool({ connectionString: database.url, connections: 5, log: createLog('silent') })
  store = createStore(createDatabase(pool), { origin: 'test' })
  const { accounts, enrollments, changes, validations } = store.read
  await accounts.insert({ id: ACCOUNT, name: 'x', switchKey: null }, AT)
  await accounts.insertContract(contractId('C-1'), ACCOUNT, AT)
  const enrollment = {
    id: ENROLLMENT,
    accountId: ACCOUNT,
    contractId: contractId('C-1'),
    settings: SETTINGS,
    assignedSlots: [1],
    createdAt: AT,
    autoRenewalStartTime: null,
    revision: 0,
  }
  await enrollments.insert(enrollment, ['www.example.com'])
  const note = { event: 'started', at: AT, realAt: AT, wakeAfterMs: null }
  await changes.insert(changeOf(1, { action: 'new-certificate' }), note)
  await changes.insert(changeOf(2, { state: 'cancelled' }), note)
  await changes.insert(changeOf(3, { status: 'wait-upload-third-party', state: 'awaiting-input' }), note)
  for (const change of [1, 2, 3])
    for (const algorithm of ['RSA', 'ECDSA'] as const) await insertKey(change, algorithm)
  await upload(1, 'RSA', '  as \r\n uploaded\n\n', 'chain\r\n')
  await upload(1, 'ECDSA', 'ecdsa as uploaded', null)
  await validations.save([
    token(1, 1, { status: 'invalid', error: 'CA: wrong answer' }),
    token(1, 2, { status: 'valid', validatedAt: plus(AT, DAY) }),
    token(2, 1, { status: 'failed-look', error: 'nobody there' }),
    token(3, 1, {}),
    token(3, 2, {}),
  ])
})
afterAll(async () => {
  await pool.end()
  await database.drop()
})

it('a third-party change gives its texts back to the letter, ECDSA first, and its requests before anything is uploaded', async () => {
  const [waiting, cancelled, done] = await changeHistory(depsAt(3), caller, ENROLLMENT)
  expect(done).toEqual({
    action: 'new-certificate',
    actionDescription: 'Create New Certificate',
    status: 'completed',
    createdBy: 'somebody',
    createdOn: plus(AT, DAY),
    lastUpdated: plus(AT, DAY + 5),
    ra: 'third-party',
    primary: {
      keyAlgorithm: 'ECDSA',
      certificatePem: 'ecdsa as uploaded',
      chainPem: null,
      expiry: plus(AT, 90 * DAY),
      signingRequestPem: 'request 1 ECDSA',
    },
    multiStacked: [
      {
        keyAlgorithm: 'RSA',
        certificatePem: '  as \r\n uploaded\n\n',
        chainPem: 'chain\r\n',
        expiry: plus(AT, 90 * DAY),
        signingRequestPem: 'request 1 RSA',
      },
    ],
    orderId: null,
  })
  expect(cancelled).toMatchObject({
    action: 'renew',
    actionDescription: 'Renew Certificate',
    status: 'cancelled',
  })
  expect(waiting).toMatchObject({
    status: 'incomplete',
    primary: { certificatePem: null, signingRequestPem: 'request 3 ECDSA' },
    multiStacked: [{ certificatePem: null, signingRequestPem: 'request 3 RSA' }],
  })
})

it('every token generation stays, newest first; only the usable one of the open change can still be placed', async () => {
  const [name, ...others] = await dvHistory(depsAt(4), caller, ENROLLMENT)
  expect(others).toEqual([])
  expect(
    name?.generations.map(({ challenges, status }) => [challenges[0]?.token, status, challenges[0]?.status]),
  ).toEqual([
    ['t3.2', 'awaiting', 'pending'],
    ['t3.1', 'expired', 'expired'],
    ['t2.1', 'expired', 'expired'],
    ['t1.2', 'valid', 'pending'],
    ['t1.1', 'invalid', 'pending'],
  ])
  expect(name?.generations.map(({ error }) => error).slice(2)).toEqual([
    'nobody there',
    null,
    'CA: wrong answer',
  ])
})

it('a token that grew too old is expired in the words of the CPS API, whatever was found before', async () => {
  const [name] = await dvHistory(depsAt(60), caller, ENROLLMENT)
  expect(name?.generations.map(({ status, error }) => [status, error])).toEqual([
    ['expired', 'Expired authorization'],
    ['expired', 'Expired authorization'],
    ['expired', 'Expired authorization'],
    ['valid', null],
    ['invalid', 'CA: wrong answer'],
  ])
})

it('another account finds nothing', async () => {
  const stranger = { ...caller, accountId: accountId('A-2') }
  await expect(changeHistory(depsAt(3), stranger, ENROLLMENT)).rejects.toMatchObject({ code: 'not-found' })
  await expect(dvHistory(depsAt(3), stranger, ENROLLMENT)).rejects.toMatchObject({ code: 'not-found' })
})
