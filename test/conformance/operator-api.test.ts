import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bodyOf, createdBy, expectRefusal, fieldsOf } from '../support/api-calls.ts'
import { type ApiUnderTest, startApi } from '../support/api-under-test.ts'
import { auditEntry } from '../support/sample-lifecycle.ts'

let api: ApiUnderTest
beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api.close())

const post = (path: string, body: unknown, client = 'ct-admin') =>
  api.call('POST', path, { client, body: typeof body === 'string' ? body : JSON.stringify(body) })

describe('advancing the clock', () => {
  const ADVANCE = '/certrail/v1/clock/advance'

  it('goes forwards by a duration or to a moment, and says what time it is', async () => {
    const by = await post(ADVANCE, { by: 'P30D' })
    expect([by.status, bodyOf(by)]).toEqual([200, { now: '2026-02-01T03:04:05Z', offsetSeconds: 60 }])
    expect(api.fake.records.at(-1)?.input).toEqual({ by: 30 * 86_400_000 })
    const to = await post(ADVANCE, { to: '2026-03-01T00:00:00Z' })
    expect(bodyOf(to).now).toBe('2026-03-01T00:00:00Z')
    expect(bodyOf(await api.call('GET', '/certrail/v1/clock')).now).toBe('2026-03-01T00:00:00Z')
  })

  it('to a second means the whole of it, since what is due in it is shown as that second; a fraction means itself', async () => {
    await post(ADVANCE, { to: '2026-03-02T00:00:00Z' })
    expect(api.fake.records.at(-1)?.input).toEqual({ to: Date.UTC(2026, 2, 2, 0, 0, 0, 999) })
    await post(ADVANCE, { to: '2026-03-02T00:00:01.250Z' })
    expect(api.fake.records.at(-1)?.input).toEqual({ to: Date.UTC(2026, 2, 2, 0, 0, 1, 250) })
  })

  it.each([
    [{}, ['']],
    ['', ['']],
    [{ by: 'P1D', to: '2027-01-01T00:00:00Z' }, ['']],
    [{ by: '-P1D' }, ['/by']],
    [{ by: 'P1Y' }, ['/by']],
    [{ by: '30 days' }, ['/by']],
    [{ by: 30 }, ['/by']],
    [{ by: null }, ['/by']],
    [{ to: '2027-02-31' }, ['/to']],
    [{ to: 'tomorrow' }, ['/to']],
    [{ to: 1_800_000_000 }, ['/to']],
    [{ to: '2020-01-01T00:00:00Z' }, ['/to']],
    [{ by: 'P1D', speed: 2 }, ['/speed']],
    [[], ['']],
  ])('refuses %j', async (body, fields) => {
    const before = api.fake.records.length
    const answer = await post(ADVANCE, body)
    expectRefusal(answer, 400, 'Validation Error')
    expect(fieldsOf(answer)).toEqual(fields)
    expect(api.fake.records.length).toBe(before)
  })

  it('is for administrators, since the clock is that of all accounts', async () => {
    for (const client of ['ct-one', 'ct-reader'])
      expectRefusal(await post(ADVANCE, { by: 'P1D' }, client), 403, 'Forbidden')
  })

  it('does not exist in live mode', async () => {
    const live = await startApi({ sandbox: false })
    try {
      const sent = { client: 'ct-admin', body: '{"by":"P1D"}' }
      expectRefusal(await live.call('POST', ADVANCE, sent), 404, 'Not Found')
      expectRefusal(await live.call('GET', ADVANCE, { client: 'ct-admin' }), 404, 'Not Found')
      const { paths } = bodyOf(await live.call('GET', '/certrail/v1/openapi.json'))
      expect(paths).not.toHaveProperty([ADVANCE])
      expect(paths).toHaveProperty(['/certrail/v1/clock'])
    } finally {
      await live.close()
    }
  })
})

describe('vetting', () => {
  it('is approved or rejected with a reason, and answers with the change', async () => {
    const { c, e } = await createdBy(api, 'vetted.example.com')
    const path = `/certrail/v1/enrollments/${e}/changes/${c}/vetting`
    const approved = await post(path, { decision: 'approve' }, 'ct-one')
    expect([approved.status, bodyOf(approved).id]).toEqual([200, c])
    expect(api.fake.records.at(-1)?.input).toEqual({ approve: true })
    await post(path, { decision: 'reject', reason: ' unknown organisation ' }, 'ct-one')
    expect(api.fake.records.at(-1)?.input).toEqual({ approve: false, reason: 'unknown organisation' })
    const before = api.fake.records.length
    for (const [body, fields] of [
      [{}, ['/decision']],
      [{ decision: 'maybe' }, ['/decision']],
      [{ decision: 'reject' }, ['/reason']],
      [{ decision: 'reject', reason: ' ' }, ['/reason']],
      [{ decision: 'reject', reason: 'a\u0000b' }, ['/reason']],
      [{ decision: 'approve', reason: 'why not' }, ['/reason']],
    ] as const) {
      const answer = await post(path, body, 'ct-one')
      expectRefusal(answer, 400, 'Validation Error')
      expect(fieldsOf(answer)).toEqual(fields)
    }
    expectRefusal(await post(path, '{', 'ct-two'), 404, 'Not Found')
    expectRefusal(await post(path, '{', 'ct-reader'), 403, 'Forbidden')
    expect(api.fake.records.length).toBe(before)
  })
})

describe('the organizations', () => {
  const get = async (client: string) =>
    bodyOf(await api.call('GET', '/certrail/v1/organizations', { client })).organizations

  it('are listed with what was checked and until when, to whoever may read', async () => {
    const { e } = await createdBy(api, 'organization.example.com')
    expect((await get('ct-one')).find(({ id }: { id: number }) => id === e)).toEqual({
      id: e,
      name: 'Example',
      address: null,
      address2: null,
      city: 'Cambridge',
      region: null,
      postalCode: null,
      country: null,
      phone: null,
      validations: [
        { name: 'organization', status: 'active', validatedUntil: expect.stringMatching(/^2026-.*Z$/) },
      ],
    })
    expect(await get('ct-reader')).toEqual(await get('ct-one'))
    expect(await get('ct-two')).toEqual([])
  })
})

describe('the certificate authorities', () => {
  it('are listed with how they stand, to whoever may read', async () => {
    const { authorities } = bodyOf(await api.call('GET', '/certrail/v1/authorities', { client: 'ct-reader' }))
    expect(authorities).toEqual([
      {
        name: 'lets-encrypt',
        directory: 'https://ca.example/directory',
        validationTypes: ['dv'],
        orgId: null,
        account: 'https://ca.example/account/1',
        keyChanging: false,
        state: 'limited',
        limitedUntil: expect.stringMatching(/Z$/),
        downSince: null,
        reason: 'too many orders',
        action: null,
      },
    ])
  })
})

describe('the key of a CA account', () => {
  it('is changed by an administrator, forced only where that is said', async () => {
    const path = '/certrail/v1/authorities/lets-encrypt/key-rollover'
    const answer = await post(path, { force: true }, 'ct-admin')
    expect([answer.status, bodyOf(answer)]).toMatchObject([200, { name: 'lets-encrypt', keyChanging: false }])
    expect(api.fake.records.at(-1)).toEqual({
      name: 'rollOverAuthorityKey',
      input: { name: 'lets-encrypt', force: true },
    })
    await post(path, {}, 'ct-admin')
    expect(api.fake.records.at(-1)?.input).toEqual({ name: 'lets-encrypt', force: false })
    expectRefusal(await post(path, { force: 'yes' }, 'ct-admin'), 400, 'Validation Error')
    expectRefusal(await post(path, {}, 'ct-one'), 403, 'Forbidden')
    expectRefusal(await post(path.replace('lets-encrypt', 'nobody'), {}, 'ct-admin'), 404, 'Not Found')
  })
})

describe('what a CA wants of a person', () => {
  it('is said to be done by an administrator', async () => {
    const path = '/certrail/v1/authorities/lets-encrypt/agreement'
    const answer = await post(path, {}, 'ct-admin')
    expect([answer.status, bodyOf(answer)]).toMatchObject([200, { name: 'lets-encrypt', action: null }])
    expect(api.fake.records.at(-1)).toEqual({ name: 'agreeAtAuthority', input: { name: 'lets-encrypt' } })
    expectRefusal(await post(path, {}, 'ct-one'), 403, 'Forbidden')
    expectRefusal(await post(path.replace('lets-encrypt', 'nobody'), {}, 'ct-admin'), 404, 'Not Found')
  })
})

describe('revocations', () => {
  it('have a reason, and of whose key they are signed', async () => {
    const { e } = await createdBy(api, 'revoked.example.com')
    const path = `/certrail/v1/enrollments/${e}/revocations`
    const answer = await post(path, { reason: 'superseded', serialNumber: '0A:bc' }, 'ct-one')
    expect([answer.status, bodyOf(answer)]).toEqual([200, { serialNumber: '0A:bc', reason: 'superseded' }])
    expect(api.fake.records.at(-1)?.input).toEqual({
      reason: 'superseded',
      serialNumber: '0A:bc',
      signedBy: 'account',
    })
    const before = api.fake.records.length
    for (const [body, field] of [
      [{}, '/reason'],
      [{ reason: 'ca-compromise' }, '/reason'],
      [{ reason: 'superseded', serialNumber: 'x' }, '/serialNumber'],
      [{ reason: 'superseded', signedBy: 'nobody' }, '/signedBy'],
      [{ reason: 'superseded', force: true }, '/force'],
    ] as const) {
      const refused = await post(path, body, 'ct-one')
      expectRefusal(refused, 400, 'Validation Error')
      expect(fieldsOf(refused)).toEqual([field])
    }
    expectRefusal(await post(path, { reason: 'superseded' }, 'ct-two'), 404, 'Not Found')
    expectRefusal(await post(path, { reason: 'superseded' }, 'ct-reader'), 403, 'Forbidden')
    expect(api.fake.records.length).toBe(before)
  })
})

describe('reported keys', () => {
  const PATH = '/certrail/v1/reported-keys'
  const sha256 = 'ab'.repeat(32)

  it('are named by their SHA-256, colons or not, or by PEM; listed, and withdrawn by an administrator', async () => {
    const colons = sha256.toUpperCase().replaceAll(/..(?!$)/g, '$&:')
    const answer = await post(PATH, { sha256: colons, note: 'a leak' }, 'ct-one')
    expect([answer.status, bodyOf(answer)]).toMatchObject([200, { sha256, note: 'a leak', usedBy: [] }])
    expect((await post(PATH, { pem: 'PEM' }, 'ct-one')).status).toBe(200)
    expect(api.fake.records.at(-1)?.input).toEqual({ key: { pem: 'PEM' }, note: null })
    const listed = await api.call('GET', PATH, { client: 'ct-reader' })
    expect(bodyOf(listed).reportedKeys).toHaveLength(1)
    const remove = (client: string) => api.call('DELETE', `${PATH}/${sha256.toUpperCase()}`, { client })
    expectRefusal(await remove('ct-one'), 403, 'Forbidden')
    expect(bodyOf(await remove('ct-admin'))).toEqual({ sha256 })
    expectRefusal(await remove('ct-admin'), 404, 'Not Found')
  })

  it.each([
    [{}, ''],
    [{ sha256, pem: 'PEM' }, ''],
    [{ sha256: 'ab' }, '/sha256'],
    [{ pem: '' }, '/pem'],
    [{ sha256, note: 'a\u0000b' }, '/note'],
    [{ sha256, everywhere: true }, '/everywhere'],
  ])('are refused as %j', async (body, field) => {
    const refused = await post(PATH, body, 'ct-one')
    expectRefusal(refused, 400, 'Validation Error')
    expect(fieldsOf(refused)).toEqual([field])
    expectRefusal(await post(PATH, { sha256 }, 'ct-reader'), 403, 'Forbidden')
  })
})

describe('the audit log', () => {
  const AUDIT = '/certrail/v1/audit'
  const get = (query: string, accept?: string, client = 'ct-admin') =>
    api.call('GET', AUDIT + query, { client, headers: accept === undefined ? {} : { accept } })
  const linesOf = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: number })

  beforeAll(() => {
    for (let id = 1; id <= 1_203; id += 1) api.fake.audit.push(auditEntry(id))
  })

  it('is read page by page, oldest first', async () => {
    const answer = await get('?after=5&limit=2')
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(bodyOf(answer).entries).toEqual([
      {
        id: 6,
        realAt: '2026-01-02T03:04:05Z',
        lifecycleAt: '2026-01-03T03:04:05Z',
        accountId: 'A-1',
        actor: 'pipeline',
        source: '127.0.0.1',
        action: 'acknowledge-change-management',
        object: 'change 10002',
        digestBefore: null,
        digestAfter: 'ab',
        detail: { hash: 'cd' },
        previousHash: '00',
        hash: '11',
      },
      expect.objectContaining({ id: 7 }),
    ])
    expect(bodyOf(await get('')).entries).toHaveLength(100)
    expect(bodyOf(await get('?after=1203')).entries).toEqual([])
  })

  it('is exported as JSON lines, all of it or as much as was asked for', async () => {
    const all = await get('', 'application/x-ndjson')
    expect(all.headers['content-type']).toBe('application/x-ndjson')
    expect(linesOf(all.text).map(({ id }) => id)).toEqual(api.fake.audit.map(({ id }) => id))
    expect(linesOf((await get('?after=1200', 'application/x-ndjson')).text).map(({ id }) => id)).toEqual([
      1201, 1202, 1203,
    ])
    expect(linesOf((await get('?limit=501', 'application/x-ndjson')).text)).toHaveLength(501)
    expect((await get('?after=2000', 'application/x-ndjson')).text).toBe('')
  })

  it('is for administrators alone, and names bad parameters', async () => {
    for (const client of ['ct-one', 'ct-reader'])
      expectRefusal(await get('', undefined, client), 403, 'Forbidden')
    expect(fieldsOf(await get('?after=-1&limit=0'))).toEqual(['after', 'limit'])
    expect(fieldsOf(await get('?limit=1001', 'application/x-ndjson'))).toEqual(['limit'])
    expect(fieldsOf(await get('?after=1e3&limit=ten'))).toEqual(['after', 'limit'])
    expectRefusal(await get('', 'text/csv'), 406, 'Not Acceptable')
  })
})

describe('windows and freezes', () => {
  const PATH = '/certrail/v1/maintenance'
  const put = (body: unknown, client = 'ct-admin') =>
    api.call('PUT', PATH, { client, body: JSON.stringify(body) })
  const WINDOW = { cron: '0 22 * * 6', timeZone: 'Europe/Berlin', durationMinutes: 120 }
  const FREEZE = { from: '2026-12-18T00:00:00Z', until: '2027-01-04T00:00:00Z', reason: 'holidays' }

  it('are replaced and read back', async () => {
    const answer = await put({ windows: [WINDOW], freezes: [FREEZE] })
    expect([answer.status, bodyOf(answer)]).toEqual([
      200,
      { windows: [WINDOW], freezes: [FREEZE], conflicts: [] },
    ])
    expect(bodyOf(await api.call('GET', PATH))).toEqual({ windows: [WINDOW], freezes: [FREEZE] })
  })

  it.each([
    [{ windows: [] }, ['/freezes']],
    [{ windows: [{ ...WINDOW, cron: '0 22 * *' }], freezes: [] }, ['/windows/0/cron']],
    [{ windows: [{ ...WINDOW, cron: 'x y z a b' }], freezes: [] }, ['/windows/0/cron']],
    [{ windows: [{ ...WINDOW, timeZone: 'Mars/Base' }], freezes: [] }, ['/windows/0/timeZone']],
    [{ windows: [{ ...WINDOW, durationMinutes: 0 }], freezes: [] }, ['/windows/0/durationMinutes']],
    [{ windows: [], freezes: [{ ...FREEZE, until: FREEZE.from }] }, ['/freezes/0/until']],
    [{ windows: [], freezes: [{ ...FREEZE, from: 'now' }] }, ['/freezes/0/from']],
    [{ windows: [], freezes: [], more: 1 }, ['/more']],
  ])('refuses %j and changes nothing', async (body, fields) => {
    const before = api.fake.records.length
    const answer = await put(body)
    expectRefusal(answer, 400, 'Validation Error')
    expect(fieldsOf(answer)).toEqual(fields)
    expect(api.fake.records.length).toBe(before)
  })

  it('are for administrators', async () => {
    expectRefusal(await put({ windows: [], freezes: [] }, 'ct-one'), 403, 'Forbidden')
  })
})

describe('rollback and pin', () => {
  it('take a number from 1 and a short text, name what is none, and ask who is asking first', async () => {
    const { e } = await createdBy(api, 'back.example.com')
    const wishes = [
      ['POST', `/certrail/v1/enrollments/${e}/rollback`],
      ['PUT', `/certrail/v1/enrollments/${e}/pin`],
    ] as const
    for (const [method, path] of wishes) {
      const call = (body: unknown, client = 'ct-one') =>
        api.call(method, path, { client, body: typeof body === 'string' ? body : JSON.stringify(body) })
      for (const [body, fields] of [
        [{ generation: '1' }, ['/generation']],
        [{ generation: 0 }, ['/generation']],
        [{ generation: -1 }, ['/generation']],
        [{ generation: 1.5 }, ['/generation']],
        [{ generation: 1_000_001 }, ['/generation']],
        [{ generation: [1] }, ['/generation']],
        [{ generation: true }, ['/generation']],
        [{ reason: 7 }, ['/reason']],
        [{ reason: 'x'.repeat(201) }, ['/reason']],
        [{ reason: 'a\u0000b' }, ['/reason']],
        [{ generation: 1, force: true }, ['/force']],
        [[], ['']],
      ] as const) {
        const answer = await call(body)
        expectRefusal(answer, 400, 'Validation Error')
        expect(fieldsOf(answer), JSON.stringify(body)).toEqual(fields)
      }
      for (const body of [{}, { generation: null }, { generation: 3, reason: ' a client broke ' }])
        expect((await call(body)).status).toBe(200)
      expectRefusal(await call('{', 'ct-two'), 404, 'Not Found')
      expectRefusal(await call('{', 'ct-reader'), 403, 'Forbidden')
    }
  })
})

describe('the plan', () => {
  it('says what will happen when and why, and whether the key is kept', async () => {
    const { e } = await createdBy(api, 'planned.example.com')
    const path = `/certrail/v1/enrollments/${e}`
    const plan = await api.call('GET', `${path}/plan`, { client: 'ct-one' })
    expect([plan.status, bodyOf(plan).steps[0].what]).toEqual([200, 'begin-renewal'])
    const kept = await api.call('PUT', `${path}/renewal`, { client: 'ct-one', body: '{"keepKey":true}' })
    expect([kept.status, bodyOf(kept).keepKey]).toEqual([200, true])
    const answer = await api.call('PUT', `${path}/renewal`, { client: 'ct-one', body: '{"keepKey":1}' })
    expect([answer.status, fieldsOf(answer)]).toEqual([400, ['/keepKey']])
  })

  it('is not there for another account', async () => {
    const { e } = await createdBy(api, 'hidden.example.com')
    expectRefusal(
      await api.call('GET', `/certrail/v1/enrollments/${e}/plan`, { client: 'ct-two' }),
      404,
      'Not Found',
    )
  })
})
