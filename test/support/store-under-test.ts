import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import type { Kysely } from 'kysely'
import type pg from 'pg'
import { type Change, NO_PROGRESS } from '../../src/domain/change/change.ts'
import type { Enrollment } from '../../src/domain/enrollment/enrollment.ts'
import {
  type AccountId,
  accountId,
  certificateId,
  changeId,
  contractId,
  deploymentId,
  enrollmentId,
  keyPairId,
} from '../../src/domain/identifiers.ts'
import type { Network } from '../../src/domain/network.ts'
import { DAY, type Instant, instant, plus } from '../../src/domain/time.ts'
import { createLog } from '../../src/observe/log.ts'
import type { Store } from '../../src/ports/store.ts'
import type { CertificateRecord, KeyPairRecord } from '../../src/ports/certificates.ts'
import type { DeploymentRecord } from '../../src/ports/deployments.ts'
import type { MoveNote } from '../../src/ports/changes.ts'
import { createDatabase, createPool } from '../../src/store/database.ts'
import type { Database } from '../../src/store/schema.ts'
import { createStore } from '../../src/store/store.ts'
import { migrate } from '../../src/store/migrate.ts'
import { createTestDatabase, type TestDatabase } from './database.ts'
import { dvSettings } from './settings.ts'

const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url))

export const T0: Instant = instant(1_795_000_000_000)

export const NOTE: MoveNote = { event: 'moved', at: T0, realAt: T0, wakeAfterMs: null }

/** As another process has it: a pool of its own on the same database. */
export interface StoreProcess {
  readonly store: Store
  readonly db: Kysely<Database>
  readonly pool: pg.Pool
}

export interface StoreUnderTest extends StoreProcess {
  readonly database: TestDatabase
  anotherProcess(origin: string): StoreProcess
  newAccount(): Promise<AccountId>
  /** With its names claimed. */
  newEnrollment(account?: AccountId, names?: readonly string[]): Promise<Enrollment>
  /** In its first step, with something to do. */
  newChange(enrollment?: Enrollment, more?: Partial<Change>): Promise<Change>
  close(): Promise<void>
}

/** The store over a database of its own, with the rows that others hang on. */
export async function openStore(): Promise<StoreUnderTest> {
  const database = await createTestDatabase()
  const processes: StoreProcess[] = []
  const anotherProcess = (origin: string): StoreProcess => {
    const pool = createPool({ connectionString: database.url, connections: 20, log: createLog('silent') })
    const db = createDatabase(pool)
    const made = { pool, db, store: createStore(db, { origin }) }
    processes.push(made)
    return made
  }
  const first = anotherProcess('first')
  await migrate(first.pool, MIGRATIONS)
  const { store } = first
  let made = 0

  async function newAccount(): Promise<AccountId> {
    const id = accountId(`A-${(made += 1)}`)
    await store.read.accounts.insert({ id, name: id, switchKey: null }, T0)
    await store.read.accounts.insertContract(contractId(`C-${id}`), id, T0)
    return id
  }

  async function newEnrollment(owner?: AccountId, names?: readonly string[]): Promise<Enrollment> {
    const account = owner ?? (await newAccount())
    const id = enrollmentId((made += 1))
    const wanted = names ?? [`n${id}.e${id}.example`]
    const enrollment: Enrollment = {
      id,
      accountId: account,
      contractId: contractId(`C-${account}`),
      settings: dvSettings(wanted[0] ?? '', wanted.slice(1)),
      assignedSlots: [id],
      createdAt: T0,
      autoRenewalStartTime: null,
      revision: 0,
    }
    await store.transaction(async (tx) => {
      await tx.enrollments.claimNames(account, wanted)
      await tx.enrollments.insert(enrollment, wanted)
    })
    return enrollment
  }

  async function newChange(of?: Enrollment, more: Partial<Change> = {}): Promise<Change> {
    const enrollment = of ?? (await newEnrollment())
    const change: Change = { ...freshChange(enrollment, (made += 1)), ...more }
    await store.read.changes.insert(change, NOTE)
    return change
  }

  return {
    ...first,
    database,
    anotherProcess,
    newAccount,
    newEnrollment,
    newChange,
    async close() {
      for (const each of processes) await each.pool.end()
      await database.drop()
    },
  }
}

const freshChange = (enrollment: Enrollment, id: number): Change => ({
  id: changeId(id),
  enrollmentId: enrollment.id,
  accountId: enrollment.accountId,
  action: 'new-certificate',
  status: 'pre-verification-safety-checks',
  state: 'running',
  settings: enrollment.settings,
  stagingBypass: false,
  effects: ['check-request'],
  progress: NO_PROGRESS,
  findings: [],
  error: null,
  notBefore: null,
  notAfter: null,
  nextAt: T0,
  createdBy: 'tester',
  createdAt: T0,
  enteredAt: T0,
  updatedAt: T0,
  revision: 0,
})

export const keyPairFor = (change: Change, more: Partial<KeyPairRecord> = {}): KeyPairRecord => ({
  id: keyPairId(randomUUID()),
  accountId: change.accountId,
  enrollmentId: change.enrollmentId,
  changeId: change.id,
  keyAlgorithm: 'ECDSA',
  sealedPrivateKey: new Uint8Array([0, 1, 0x5c, 0x78, 255]),
  publicKey: new Uint8Array([48, 0]),
  signingRequestPem: 'request',
  createdAt: T0,
  ...more,
})

export const certificateFor = (
  keyPair: KeyPairRecord,
  more: Partial<CertificateRecord> = {},
): CertificateRecord => ({
  id: certificateId(randomUUID()),
  accountId: keyPair.accountId,
  enrollmentId: keyPair.enrollmentId,
  changeId: keyPair.changeId,
  keyPairId: keyPair.id,
  keyAlgorithm: keyPair.keyAlgorithm,
  certificatePem: 'leaf',
  chainPem: 'chain',
  serialNumber: 'ab',
  fingerprint: 'cd',
  signatureHash: 'SHA-256',
  ocspUris: ['http://ocsp.example/"a",{b}'],
  notBefore: T0,
  notAfter: plus(T0, 90 * DAY),
  createdAt: T0,
  ...more,
})

export const deploymentFor = (
  change: Change,
  network: Network,
  servedNames: readonly string[],
): DeploymentRecord => ({
  id: deploymentId(`${change.id}-${network}`),
  accountId: change.accountId,
  enrollmentId: change.enrollmentId,
  changeId: change.id,
  network,
  generation: 1,
  certificateIds: [],
  settings: change.settings.networkConfiguration,
  servedNames,
  state: 'pending',
  replaces: {},
  createdAt: T0,
  activatedAt: null,
})
