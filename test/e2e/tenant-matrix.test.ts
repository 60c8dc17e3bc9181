import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { createEnrollment, dvEnrollment, followChange } from '../support/enrollments.ts'
import { type Instance, makeHome, removeHome, startInstance } from '../support/instance.ts'
import {
  firstEvents,
  makeTenant,
  type Role,
  type TestTenant,
  wholeDatabase,
  withoutRowsOf,
} from '../support/tenants.ts'
import type { TestClient, TestResponse } from '../support/test-client.ts'
import { thirdPartyEnrollment } from '../support/third-party.ts'

/**
 * Every operation of the route registry, as the server's OpenAPI document has it, against the objects of another account. What is asked follows from the
 * parameters of the path; an operation whose path names no object has to have a row in WITHOUT_OBJECT, one with a body of our own a row in BODIES.
 */
interface Operation {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly isOpen: boolean
  readonly body: string | null
}

/** What stands in paths: the objects of one account, or of nobody. */
type Objects = Readonly<Record<string, string>>

const NOBODY: Objects = {
  enrollmentId: '9007199254',
  changeId: '9007199255',
  accountId: 'A-NOBODY',
  contractId: 'C-NOBODY',
  clientId: '00000000-0000-4000-8000-000000000000',
  clientToken: 'certrail-ct-nobody',
  zone: 'nobody.example',
  name: 'www.nobody.example',
  type: 'A',
  requestId: '00000000-0000-4000-8000-000000000000',
  setId: 'set-nobody',
  webhookId: '00000000-0000-4000-8000-000000000000',
  fingerprint: '0'.repeat(64),
  authority: 'nobody',
}

/** `list`: what is the caller's own alone; `everybody`: tells nothing of anybody; `operator`: for those who run the installation; `names`: the query or body names the object;
 * `creates`: an object of the caller's own, with ids of its account. */
const WITHOUT_OBJECT: Readonly<Record<string, 'list' | 'everybody' | 'operator' | 'names' | 'creates'>> = {
  createEnrollment: 'names',
  listEnrollments: 'list',
  listActiveCertificates: 'list',
  getCpsErrorType: 'everybody',
  getOwnErrorType: 'everybody',
  getRootPage: 'everybody',
  listContractIdentifiers: 'list',
  listPropertyContracts: 'list',
  listPropertyGroups: 'list',
  listZones: 'list',
  createZone: 'names',
  deleteZones: 'names',
  createChangeList: 'names',
  listAuthorities: 'everybody',
  // Those of the installation.
  listCertificateAuthorities: 'everybody',
  getHealth: 'everybody',
  getReady: 'everybody',
  getClock: 'everybody',
  // Its own test is below.
  streamEvents: 'list',
  getOpenApi: 'everybody',
  createAccount: 'operator',
  getOwnAccount: 'list',
  // The clock is that of all accounts (docs/divergences.md).
  advanceClock: 'everybody',
  listOrganizations: 'list',
  readAudit: 'list',
  listTrustChainSets: 'list',
  createTrustChainSet: 'creates',
  listConflicts: 'list',
  listPauses: 'list',
  pauseAccount: 'creates',
  resumeAccount: 'creates',
  pauseInstallation: 'operator',
  resumeInstallation: 'operator',
  listEdges: 'operator',
  listReportedKeys: 'list',
  reportKey: 'creates',
  getMaintenance: 'list',
  setMaintenance: 'creates',
  listNotices: 'list',
  listWebhooks: 'list',
  createWebhook: 'creates',
}

const record = { name: 'www', type: 'A', ttl: 300, rdata: ['192.0.2.1'] }

/** Of the home's roots, once they are there. */
let pem = ''

/** Valid ones: were the account not looked at, they would do something. */
const BODIES: Readonly<Record<string, (objects: Objects) => unknown>> = {
  createZone: ({ zone }) => ({ zone: `sub.${zone}`, type: 'PRIMARY' }),
  deleteZones: ({ zone }) => ({ zones: [zone] }),
  updateZone: ({ zone }) => ({ zone, type: 'PRIMARY', comment: 'taken over' }),
  createRecordSets: ({ zone }) => ({ recordsets: [{ ...record, name: `new.${zone}` }] }),
  replaceRecordSets: ({ zone }) => ({ recordsets: [{ ...record, name: `new.${zone}` }] }),
  createRecordSet: ({ name, type }) => ({ ...record, name, type }),
  updateRecordSet: ({ name, type }) => ({ ...record, name, type }),
  createAccount: () => ({ name: 'made by a tenant' }),
  createContract: () => ({ id: 'C-TAKEN' }),
  createClient: () => ({ role: 'admin' }),
  changeClient: () => ({ disabled: true }),
  addCredential: () => ({}),
  advanceClock: () => ({ by: 'PT0S' }),
  createTrustChainSet: () => ({ name: 'set', certificates: pem }),
  reviseTrustChainSet: () => ({ certificates: pem }),
  activateTrustChainSet: () => ({ network: 'production', revision: 1 }),
  setRenewal: () => ({ keepKey: true }),
  setMaintenance: () => ({ windows: [], freezes: [] }),
  pauseEnrollment: () => ({ reason: 'a stranger says so' }),
  rollBackEnrollment: () => ({ reason: 'a stranger says so' }),
  pinEnrollment: () => ({ reason: 'a stranger says so' }),
  pauseAccount: () => ({ network: 'staging' }),
  pauseInstallation: () => ({}),
  rollOverAuthorityKey: () => ({ force: false }),
  agreeAtAuthority: () => ({}),
  reportKey: () => ({ sha256: '5'.repeat(64) }),
  createWebhook: () => ({ url: 'https://hooks.stranger.example/' }),
  revokeCertificate: () => ({ reason: 'superseded' }),
  decideVetting: () => ({ decision: 'approve' }),
}

/** Members of an answer that are new with every call. */
const EVER_NEW = /\?id=[0-9a-f]{32}|"(requestId|requestTime|expirationDate)":"[^"]*"|"instance":"[^"]*"/g

// Hundreds of signed calls in each of these, one after the other.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 })

describe('no client reads, changes, names or counts what is of another account', () => {
  let home: string
  let database: TestDatabase
  let instance: Instance
  let operations: readonly Operation[]
  let [victim, stranger]: [TestTenant?, TestTenant?] = []
  let [theirs, own]: [Objects, Objects] = [NOBODY, NOBODY]
  const ROLES: readonly Role[] = ['admin', 'operator', 'read-only']

  beforeAll(async () => {
    ;[home, database] = await Promise.all([makeHome(), createTestDatabase()])
    instance = await startInstance(home, {
      DATABASE_URL: database.url,
      CERTRAIL_SANDBOX_VALIDATION: 'acknowledged',
      CERTRAIL_SANDBOX_VETTING: 'manual',
      // What is told of meanwhile is no matter of this matrix.
      CERTRAIL_NOTICE_DIGEST: 'PT1H',
    })
    pem = readFileSync(join(home, 'root.pem'), 'utf8')
    const document = await instance.client.call('GET', '/certrail/v1/openapi.json')
    operations = operationsOf(document.body)
    ;[victim, stranger] = [await makeTenant(instance, 'VICTIM'), await makeTenant(instance, 'STRANGER')]
    ;[theirs, own] = [await equip(victim, 'victim'), await equip(stranger, 'stranger')]
  })
  afterAll(async () => {
    victim?.close()
    stranger?.close()
    expect(await instance.stop()).toBe(0)
    await database.drop()
    await removeHome(home)
  })

  const tenant = (which: TestTenant | undefined): TestTenant => {
    if (which === undefined) throw new Error('not made')
    return which
  }

  /** One of each kind of object, at rest: live, in validation, waiting for an upload. */
  async function equip(
    { clients, accountId, contract, ...account }: TestTenant,
    word: string,
  ): Promise<Objects> {
    const client = clients.operator
    const live = await createEnrollment(client, contract, dvEnrollment(`live.${word}.example`))
    await client.call('POST', `${live.change}/input/update/lets-encrypt-challenges-completed`, {
      body: { acknowledgement: 'acknowledge' },
    })
    await followChange(client, live.change, ({ state }) => state === 'completed')
    const third = await createEnrollment(client, contract, thirdPartyEnrollment(`third.${word}.example`))
    await followChange(client, third.change, ({ status }) => status === 'wait-upload-third-party')
    const waiting = await createEnrollment(client, contract, dvEnrollment(`www.${word}.example`))
    // At rest, or it moves while others are asked.
    await followChange(client, waiting.change, ({ state }) => state === 'awaiting-input')
    const [enrollmentId = '', changeId = ''] = waiting.change.match(/\d{5,}/g) ?? []
    const zone = `zone-${word}.example`
    const zoneBody = { zone, type: 'PRIMARY' }
    const made = await client.call('POST', `/config-dns/v2/zones?contractId=${contract}`, { body: zoneBody })
    expect(made.status, made.text).toBe(201)
    const name = `www.${zone}`
    const set = `/config-dns/v2/zones/${zone}/names/${name}/types/A`
    const { status } = await client.call('POST', set, { body: { ...record, name } })
    expect(status).toBe(201)
    const setId = `set-${word}`
    const chain = { id: setId, name: word, certificates: pem }
    expect((await client.call('POST', '/certrail/v1/trust-chain-sets', { body: chain })).status).toBe(201)
    const hook = { url: `https://hooks.${word}.example/` }
    const webhook = await clients.admin.call('POST', '/certrail/v1/webhooks', { body: hook })
    expect(webhook.status, webhook.text).toBe(201)
    const webhookId = String(webhook.body.id)
    const key = { sha256: createHash('sha256').update(word).digest('hex') }
    const reported = await client.call('POST', '/certrail/v1/reported-keys', { body: key })
    expect(reported.status, reported.text).toBe(200)
    const { clientId, clientToken } = account
    const requestId = await deletionOf(client, contract, `gone-${word}.example`)
    return {
      enrollmentId,
      changeId,
      accountId,
      contractId: contract,
      clientId,
      clientToken,
      zone,
      name,
      type: 'A',
      requestId,
      setId,
      webhookId,
      fingerprint: reported.body.sha256,
      authority: 'some-ca',
    }
  }

  async function deletionOf(client: TestClient, contract: string, zone: string): Promise<string> {
    await client.call('POST', `/config-dns/v2/zones?contractId=${contract}`, {
      body: { zone, type: 'PRIMARY' },
    })
    const asked = await client.call('POST', '/config-dns/v2/zones/delete-requests?bypassSafetyChecks=true', {
      body: { zones: [zone] },
    })
    return String(asked.body.requestId)
  }

  const signed = (): readonly Operation[] => operations.filter(({ isOpen }) => !isOpen)
  const ofObjects = (): readonly Operation[] => signed().filter(({ path }) => path.includes('{'))
  const kindOf = ({ id }: Operation) => WITHOUT_OBJECT[id]

  function ask(
    client: TestClient,
    operation: Operation,
    objects: Objects,
    query = '',
  ): Promise<TestResponse> {
    const { method, path, id, body } = operation
    const named = kindOf(operation) === 'names' || kindOf(operation) === 'list'
    const target = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => objects[name] ?? `no-${name}`)
    const contract = `contractId=${objects['contractId']}&zone=${objects['zone']}&bypassSafetyChecks=true`
    const content = BODIES[id]?.(objects) ?? (body === null ? undefined : fixture(body))
    return client.call(method, `${target}?${named ? contract : ''}${query}`, {
      ...(method === 'GET' || method === 'DELETE' ? {} : { body: content ?? {} }),
      ...(body === null || !body.includes('.cps.') ? {} : { contentType: body }),
    })
  }

  /** What an answer says, but for what is new each time and for the names that the caller sent himself. */
  const said = ({ status, text }: TestResponse, objects: Objects): string => {
    const sent = Object.entries(objects).toSorted(([, one], [, other]) => other.length - one.length)
    const plain = sent.reduce((rest, [name, value]) => rest.replaceAll(value, `<${name}>`), text)
    return `${status} ${plain.replaceAll(EVER_NEW, '')}`
  }

  it('every operation is asked, and every one with a body has a body', () => {
    expect(operations.length).toBeGreaterThan(60)
    expect(new Set(operations.map(({ id }) => id)).size).toBe(operations.length)
    const rowless = operations.filter(
      (operation) => !operation.path.includes('{') && kindOf(operation) === undefined,
    )
    expect(rowless.map(({ id }) => id)).toEqual([])
    const bodiless = operations.filter(
      ({ id, body }) => body === 'application/json' && BODIES[id] === undefined,
    )
    expect(bodiless.map(({ id }) => id)).toEqual([])
    const parameters = ofObjects().flatMap(({ path }) =>
      [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
    )
    expect([...new Set(parameters)].filter((name) => !Object.hasOwn(theirs, name ?? ''))).toEqual([])
    const unknown = Object.keys({ ...WITHOUT_OBJECT, ...BODIES }).filter(
      (id) => !operations.some((one) => one.id === id),
    )
    expect(unknown).toEqual([])
  })

  it.each(ROLES)(
    'a client with the role %s hears of an object of others what he hears of none, and changes nothing',
    async (role) => {
      const client = tenant(stranger).clients[role]
      // The own audit log may have what was asked for.
      const ofOthers = async () =>
        withoutRowsOf(await wholeDatabase(database.pool), tenant(stranger).accountId)
      const before = await ofOthers()
      const wrong: string[] = []
      for (const operation of ofObjects()) {
        const answer = await ask(client, operation, theirs)
        const nobodys = await ask(client, operation, NOBODY)
        if (![403, 404].includes(answer.status)) wrong.push(`${operation.id}: ${answer.status}`)
        if (said(answer, theirs) !== said(nobodys, NOBODY))
          wrong.push(`${operation.id}: ${said(answer, theirs)} is not ${said(nobodys, NOBODY)}`)
        if (role !== 'read-only' && operation.path.includes('{enrollmentId}') && answer.status !== 404)
          wrong.push(`${operation.id}: ${answer.status} for an object of the account's kind`)
      }
      expect(wrong).toEqual([])
      expect(await ofOthers()).toEqual(before)
    },
  )

  it('lists are of the own account, and stay as they are when others have more', async () => {
    const lists = signed().filter((one) => kindOf(one) === 'list' && one.id !== 'streamEvents')
    expect(lists.length).toBeGreaterThan(7)
    const { clients } = tenant(stranger)
    // The bare number of an enrollment may be that of a slot of somebody else: each kind is counted for itself.
    const marks = Object.entries(theirs).flatMap(([name, value]) => {
      if (name === 'type') return []
      if (name === 'enrollmentId')
        return [`/enrollments/${value}`, `"id":${value},`, `"enrollmentId":${value},`]
      return name === 'changeId' ? [`/changes/${value}`, `"changeId":${value},`] : [value]
    })
    const answers = () =>
      Promise.all(
        lists.flatMap((one) => [
          clients.admin.call('GET', one.path).then((answer) => [one.id, answer] as const),
          ask(clients.admin, one, theirs).then((answer) => [`${one.id} of theirs`, answer] as const),
        ]),
      )
    const before = await answers()
    for (const [id, { status, text }] of before) {
      expect([id, [200, 403].includes(status)]).toEqual([id, true])
      // The audit log names what the caller himself has sent.
      for (const mark of id.startsWith('readAudit') ? [] : [...marks, 'VICTIM', 'victim'])
        expect([id, text.includes(mark)]).toEqual([id, false])
    }
    const more = tenant(victim)
    await createEnrollment(more.clients.operator, more.contract, dvEnrollment('more.victim.example'))
    await more.clients.operator.call('POST', `/config-dns/v2/zones?contractId=${more.contract}`, {
      body: { zone: 'more-victim.example', type: 'PRIMARY' },
    })
    await more.clients.admin.call('POST', `/certrail/v1/accounts/${more.accountId}/clients`, {
      body: { role: 'operator' },
    })
    const texts = (all: typeof before) =>
      all.map(([id, { status, text }]) => [
        id,
        status,
        text.replaceAll(/"lastUsedAt":"[^"]*"/g, '').replaceAll(EVER_NEW, ''),
      ])
    expect(texts(await answers())).toEqual(texts(before))
  })

  it.each(ROLES)(
    'a client with the role %s cannot name in a query or a body what is of others',
    async (role) => {
      const client = tenant(stranger).clients[role]
      // Of the own account it may be noted what was asked for, such as the deletion of zones that are not there.
      const ofOthers = async () =>
        withoutRowsOf(await wholeDatabase(database.pool), tenant(stranger).accountId)
      const before = await ofOthers()
      for (const operation of signed().filter(
        (one) => kindOf(one) === 'names' || kindOf(one) === 'operator',
      )) {
        const [answer, nobodys] = [await ask(client, operation, theirs), await ask(client, operation, NOBODY)]
        expect([operation.id, said(answer, theirs)]).toEqual([operation.id, said(nobodys, NOBODY)])
        if (role === 'read-only' || kindOf(operation) === 'operator') expect(answer.status).toBe(403)
      }
      expect(await ofOthers()).toEqual(before)
    },
  )

  it('without the right to switch no switch key is told from one that does not exist', async () => {
    const { clients } = tenant(stranger)
    for (const operation of signed()) {
      const by = (key: string) =>
        ask(clients.admin, operation, theirs, `&accountSwitchKey=${encodeURIComponent(key)}`)
      const [answer, unknown] = [await by(tenant(victim).switchKey), await by('1-NOBODY:1-8BYUX')]
      expect([operation.id, answer.status]).toEqual([operation.id, 403])
      expect(said(answer, theirs)).toBe(said(unknown, theirs))
    }
  })

  it('whoever has switched sees the account that he switched to, and no other', async () => {
    const key = `&accountSwitchKey=${encodeURIComponent(tenant(stranger).switchKey)}`
    const account = await instance.client.call('GET', `/certrail/v1/account?${key}`)
    expect(account.body).toMatchObject({ id: tenant(stranger).accountId, contracts: ['C-STRANGER'] })
    for (const operation of ofObjects().filter(({ method }) => method === 'GET')) {
      const answer = await ask(instance.client, operation, theirs, key)
      expect([operation.id, answer.status]).toEqual([operation.id, 404])
    }
    const listed = await instance.client.call('GET', `/cps/v2/enrollments?${key}`)
    expect(listed.body.enrollments).toHaveLength(3)
  })

  it('a client that may only read changes nothing of its own account', async () => {
    const reader = tenant(stranger).clients['read-only']
    const before = await wholeDatabase(database.pool)
    for (const operation of signed().filter(({ method }) => method !== 'GET')) {
      const answer = await ask(reader, operation, own)
      expect([operation.id, answer.status]).toEqual([operation.id, 403])
    }
    expect(await wholeDatabase(database.pool)).toEqual(before)
    // The same requests are good ones: whoever may write is not refused for want of a grant.
    const { operator } = tenant(stranger).clients
    expect((await ask(operator, operationOf('setDeploymentSchedule'), own)).status).toBe(200)
    expect((await ask(operator, operationOf('updateRecordSet'), own)).status).toBe(200)
    expect((await ask(operator, operationOf('cancelChange'), own)).status).toBe(200)
    expect(await wholeDatabase(database.pool)).not.toEqual(before)
  })

  it('events are those of the own account', async () => {
    const [watched, other] = [tenant(stranger), tenant(victim)]
    const first = await createEnrollment(
      other.clients.operator,
      other.contract,
      dvEnrollment('before.victim.example'),
    )
    const mine = await createEnrollment(
      watched.clients.operator,
      watched.contract,
      dvEnrollment('mine.stranger.example'),
    )
    const { rows } = await database.pool.query<{ account_id: string }>(
      'select account_id from change_events order by id',
    )
    expect(new Set(rows.map((row) => row.account_id)).size).toBeGreaterThan(1)
    const count = rows.filter((row) => row.account_id === watched.accountId).length
    const heard = await firstEvents(home, 'STRANGER-read-only', count)
    expect(heard.length).toBeGreaterThan(2)
    const enrollments = new Set(heard.map((event) => event.enrollmentId))
    expect(enrollments.has(Number(mine.enrollment.split('/').at(-1)))).toBe(true)
    expect(enrollments.has(Number(first.enrollment.split('/').at(-1)))).toBe(false)
    expect(enrollments.has(Number(theirs['enrollmentId']))).toBe(false)
  })

  function operationOf(id: string): Operation {
    const found = operations.find((operation) => operation.id === id)
    if (found === undefined) throw new Error(id)
    return found
  }
})

// oxlint-disable-next-line no-explicit-any -- the document is looked into by path
function operationsOf(document: any): readonly Operation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    // oxlint-disable-next-line no-explicit-any -- as above
    Object.entries(methods as Record<string, any>).map(([method, operation]) => ({
      id: operation.operationId,
      method: method.toUpperCase(),
      path,
      isOpen: operation.security?.length === 0,
      body: Object.keys(operation.requestBody?.content ?? {})[0] ?? null,
    })),
  )
}

function fixture(mediaType: string): unknown {
  const [, name = ''] = /cps\.([\w-]+\.v\d+)\+json$/.exec(mediaType) ?? []
  return JSON.parse(readFileSync(join(import.meta.dirname, '..', 'fixtures', 'cps', `${name}.json`), 'utf8'))
}
