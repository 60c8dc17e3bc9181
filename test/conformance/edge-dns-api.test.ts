import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bodyOf, expectRefusal, fieldsOf } from '../support/api-calls.ts'
import { type ApiUnderTest, startApi } from '../support/api-under-test.ts'

let api: ApiUnderTest
beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api.close())

const ZONES = '/config-dns/v2/zones'
const of = (zone: string, rest = '') => `${ZONES}/${zone}${rest}`
const setPath = (zone: string, name: string, type: string) => of(zone, `/names/${name}/types/${type}`)

const send = (method: string, path: string, body?: unknown, client = 'ct-one') =>
  api.call(method, path, { client, ...(body !== undefined && { body: JSON.stringify(body) }) })

/** As the Go SDK sends it. */
const primary = (zone: string) => ({
  comment: '',
  contractId: '',
  endCustomerId: '',
  signAndServe: false,
  signAndServeAlgorithm: '',
  type: 'primary',
  zone,
})

async function keep(zone: string, client = 'ct-one', contract = 'C-1') {
  const made = await send('POST', `${ZONES}?contractId=${contract}&gid=15225`, primary(zone), client)
  expect(made.status, made.text).toBe(201)
  return bodyOf(made)
}

const record = (name: string, type: string, ...rdata: string[]) => ({ name, type, ttl: 300, rdata })

describe('zones, as the Go SDK and the Terraform provider call them', () => {
  it('are made active, with what the provider looks for: SOA and NS, of the name servers that authorities tells', async () => {
    const zone = 'made.example'
    const made = await keep(zone)
    expect(made).toEqual({
      contractId: 'C-1',
      zone,
      type: 'PRIMARY',
      signAndServe: false,
      aliasCount: 0,
      activationState: 'ACTIVE',
      lastActivationDate: expect.any(String),
      lastModifiedBy: expect.any(String),
      lastModifiedDate: expect.any(String),
      versionId: expect.any(String),
    })
    const list = await send('POST', `/config-dns/v2/changelists?zone=${zone}`, '')
    expect([list.status, bodyOf(list).zone]).toEqual([201, zone])
    expect((await send('GET', `/config-dns/v2/changelists/${zone}`)).status).toBe(200)
    const submitted = await send('POST', `/config-dns/v2/changelists/${zone}/submit`, '')
    expect([submitted.status, submitted.text]).toEqual([204, ''])
    expect(bodyOf(await send('GET', of(zone)))).toEqual(made)
    const sets = bodyOf(await send('GET', of(zone, '/recordsets?showAll=false&types=SOA%2CNS')))
    expect(sets.recordsets).toEqual([
      { name: zone, type: 'NS', ttl: 86_400, rdata: ['ns1.zones.example.', 'ns2.zones.example.'] },
      {
        name: zone,
        type: 'SOA',
        ttl: 86_400,
        rdata: [`ns1.zones.example. hostmaster.${zone}. 1 14400 7200 604800 1200`],
      },
    ])
    const authorities = await send('GET', '/config-dns/v2/data/authorities?contractIds=C-1')
    expect(bodyOf(authorities)).toEqual({
      contracts: [{ contractId: 'C-1', authorities: ['ns1.zones.example.', 'ns2.zones.example.'] }],
    })
  })

  it('are listed by search, contract, type, order and page', async () => {
    for (const zone of ['list-a.example', 'list-b.example', 'list-c.example']) await keep(zone)
    await keep('list-d.example', 'ct-one', 'C-2')
    const listed = async (query: string) =>
      bodyOf(await send('GET', `${ZONES}?search=list-&${query}`)) as {
        metadata: object
        zones: { zone: string }[]
      }
    const names = async (query: string) => (await listed(query)).zones.map(({ zone }) => zone.slice(5, 6))
    expect(await names('')).toEqual(['a', 'b', 'c', 'd'])
    expect(await names('sortBy=-zone')).toEqual(['d', 'c', 'b', 'a'])
    expect(await names('sortBy=-contractId,zone&pageSize=3&page=1')).toEqual(['d', 'a', 'b'])
    expect(await names('pageSize=3&page=2')).toEqual(['d'])
    expect(await names('contractIds=ctr_C-2')).toEqual(['d'])
    expect(await names('types=secondary,alias')).toEqual([])
    expect((await listed('pageSize=3&page=2')).metadata).toEqual({
      contractIds: ['C-1', 'C-2'],
      page: 2,
      pageSize: 3,
      showAll: false,
      totalElements: 4,
    })
    const bad = await send('GET', `${ZONES}?page=0&pageSize=x&showAll=yes&sortBy=colour`)
    expectRefusal(bad, 400, 'Validation Error')
    expect(fieldsOf(bad)).toEqual(['page', 'pageSize', 'showAll', 'sortBy'])
  })

  it('have settings that are changed, and a version that changes with them', async () => {
    const made = await keep('set.example')
    const body = {
      ...primary('set.example'),
      comment: 'mine',
      signAndServe: true,
      signAndServeAlgorithm: 'X',
    }
    const put = await send('PUT', of('SET.example'), body)
    expect([put.status, bodyOf(put)]).toMatchObject([
      200,
      { comment: 'mine', signAndServe: true, signAndServeAlgorithm: 'X' },
    ])
    expect(bodyOf(put).versionId).not.toBe(made.versionId)
  })

  it('are deleted by a request whose outcome can be asked for', async () => {
    await keep('gone.example')
    const asked = await send('POST', `${ZONES}/delete-requests?bypassSafetyChecks=true`, {
      zones: ['gone.example', 'never.example'],
    })
    expect(asked.status).toBe(201)
    const { requestId } = bodyOf(asked)
    const status = bodyOf(await send('GET', `${ZONES}/delete-requests/${requestId}`))
    expect(status).toMatchObject({ zonesSubmitted: 2, successCount: 1, failureCount: 1, isComplete: true })
    const result = bodyOf(await send('GET', `${ZONES}/delete-requests/${requestId}/result`))
    expect(result).toEqual({
      requestId,
      successfullyDeletedZones: ['gone.example'],
      failedZones: [{ zone: 'never.example', failureReason: 'ZONE_NOT_FOUND' }],
    })
    expectRefusal(await send('GET', of('gone.example')), 404, 'Not Found')
    const other = `${ZONES}/delete-requests/${requestId}`
    expectRefusal(await send('GET', other, undefined, 'ct-two'), 404, 'Not Found')
  })

  it.each<[object, string[]]>([
    [{ zone: '' }, ['/zone']],
    [{ zone: '*.example.com' }, ['/zone']],
    [{ zone: 'com' }, ['/zone']],
    [{ zone: 'co.uk' }, ['/zone']],
    [{ zone: '192.0.2.1' }, ['/zone']],
    [{ zone: 'certrail.example' }, ['/zone']],
    [{ zone: 'below.api.certrail.example' }, ['/zone']],
    [{ zone: 'x.delegated.example' }, ['/zone']],
    [{ zone: 7 }, ['/zone']],
    [{ type: 'SECONDARY' }, ['/type']],
    [{ type: null }, ['/type']],
    [{ comment: '\u0000' }, ['/comment']],
    [{ signAndServe: 'no' }, ['/signAndServe']],
  ])('are refused with %j', async (wrong, fields) => {
    const made = await send('POST', `${ZONES}?contractId=C-1`, { ...primary('right.example'), ...wrong })
    expectRefusal(made, 400, 'Validation Error')
    expect(fieldsOf(made)).toEqual(fields)
  })

  it('are refused without a contract, in another one, and twice', async () => {
    expectRefusal(await send('POST', ZONES, primary('right.example')), 400, 'Validation Error')
    const nothing = await send('POST', ZONES, { ...primary('right.example'), type: null })
    expect(fieldsOf(nothing)).toEqual(['/type', 'contractId'])
    const foreign = await send('POST', `${ZONES}?contractId=C-9`, primary('right.example'))
    expectRefusal(foreign, 403, 'invalid contract')
    await keep('twice.example')
    const twice = await send('POST', `${ZONES}?contractId=C-1`, primary('twice.example'))
    expectRefusal(twice, 409, 'Zone exists')
  })

  it('are those of the own account alone; a reader changes nothing', async () => {
    const zone = 'own.example'
    await keep(zone)
    const set = setPath(zone, `www.${zone}`, 'A')
    const calls: [string, string, unknown?][] = [
      ['GET', of(zone)],
      ['PUT', of(zone), primary(zone)],
      ['GET', of(zone, '/names')],
      ['GET', of(zone, `/names/${zone}/types`)],
      ['GET', of(zone, '/recordsets')],
      ['POST', of(zone, '/recordsets'), { recordsets: [record(`www.${zone}`, 'A', '192.0.2.1')] }],
      ['PUT', of(zone, '/recordsets'), { recordsets: [record(`www.${zone}`, 'A', '192.0.2.1')] }],
      ['GET', setPath(zone, zone, 'SOA')],
      ['POST', set, record(`www.${zone}`, 'A', '192.0.2.1')],
      ['PUT', set, record(`www.${zone}`, 'A', '192.0.2.1')],
      ['DELETE', set],
      ['POST', `/config-dns/v2/changelists?zone=${zone}`],
      ['GET', `/config-dns/v2/changelists/${zone}`],
      ['POST', `/config-dns/v2/changelists/${zone}/submit`],
    ]
    for (const [method, path, body] of calls) {
      expectRefusal(await send(method, path, body, 'ct-two'), 404, 'Not Found')
      if (method !== 'GET') expectRefusal(await send(method, path, body, 'ct-reader'), 403, 'Forbidden')
    }
    // Bad input is not told to somebody for whom there is no such zone.
    expectRefusal(await send('POST', set, { ttl: 'x' }, 'ct-two'), 404, 'Not Found')
    expect(bodyOf(await send('GET', ZONES, undefined, 'ct-two')).zones).toEqual([])
    for (const name of [zone, `low.${zone}`]) {
      const made = await send('POST', `${ZONES}?contractId=C-9`, primary(name), 'ct-two')
      expectRefusal(made, 409, 'Name in use by another account')
    }
    const removed = await send('POST', `${ZONES}/delete-requests`, { zones: [zone] }, 'ct-two')
    const { requestId } = bodyOf(removed)
    const result = await send('GET', `${ZONES}/delete-requests/${requestId}/result`, undefined, 'ct-two')
    expect(bodyOf(result).successfullyDeletedZones).toEqual([])
    expect((await send('GET', of(zone))).status).toBe(200)
  })
})

describe('record sets', () => {
  const zone = 'records.example'
  beforeAll(() => keep(zone))
  const at = (label: string, type: string) => setPath(zone, `${label}.${zone}`, type)
  const serial = async () =>
    Number(bodyOf(await send('GET', setPath(zone, zone, 'SOA'))).rdata[0].split(' ')[2])

  it('are made, read, changed and deleted at their name and type, as they were written', async () => {
    const before = await serial()
    const path = at('_acme-challenge.www', 'TXT')
    const body = record(`_acme-challenge.www.${zone}`, 'TXT', '"value"')
    const made = await send('POST', path, { ...body, active: true })
    expect([made.status, bodyOf(made)]).toEqual([201, body])
    expect(bodyOf(await send('GET', path))).toEqual(body)
    expectRefusal(await send('POST', path, body), 409, 'Record set conflict')
    const changed = { ...body, ttl: 60, rdata: ['"one"', '"two"'] }
    expect(bodyOf(await send('PUT', path, changed))).toEqual(changed)
    const gone = await send('DELETE', path)
    expect([gone.status, gone.text]).toEqual([204, ''])
    for (const method of ['GET', 'DELETE']) expectRefusal(await send(method, path), 404, 'Not Found')
    expectRefusal(await send('PUT', path, body), 404, 'Not Found')
    expect(await serial()).toBe(before + 3)
  })

  it('may be said by name and type in the path alone, in any spelling', async () => {
    const made = await send('POST', setPath(zone, `UPPER.${zone}.`, 'a'), { ttl: 1, rdata: ['192.0.2.1'] })
    expect([made.status, bodyOf(made)]).toMatchObject([201, { name: `upper.${zone}`, type: 'A' }])
    const wild = setPath(zone, encodeURIComponent(`*.${zone}`), 'CNAME')
    expect((await send('POST', wild, { ttl: 1, rdata: ['edge.example.net.'] })).status).toBe(201)
    expect((await send('DELETE', wild)).status).toBe(204)
  })

  it('are made several at once, all or none', async () => {
    const path = of(zone, '/recordsets')
    const right = record(`one.${zone}`, 'A', '192.0.2.1')
    const conflict = { recordsets: [right, record(zone, 'NS', 'ns.example.net.')] }
    expectRefusal(await send('POST', path, conflict), 409, 'Record set conflict')
    expectRefusal(await send('GET', at('one', 'A')), 404, 'Not Found')
    const made = await send('POST', path, { recordsets: [right, record(`one.${zone}`, 'MX', '0 .')] })
    expect([made.status, made.text]).toEqual([204, ''])
    expect(bodyOf(await send('GET', of(zone, `/names/one.${zone}/types`)))).toEqual({ types: ['A', 'MX'] })
    expect(bodyOf(await send('GET', of(zone, '/names'))).names).toContain(`one.${zone}`)
  })

  it('are replaced as a whole, with SOA and NS among them', async () => {
    const other = 'replaced.example'
    await keep(other)
    const path = of(other, '/recordsets')
    const soa = record(other, 'SOA', `ns.example.net. root.${other}. 2026010100 1 2 3 4`)
    const ns = record(other, 'NS', 'ns.example.net.')
    expectRefusal(await send('PUT', path, { recordsets: [ns] }), 409, 'Record set conflict')
    expect((await send('PUT', path, { recordsets: [soa, ns] })).status).toBe(204)
    const { recordsets, metadata } = bodyOf(await send('GET', `${path}?sortBy=-type,name`))
    expect(recordsets).toEqual([soa, ns])
    expect(metadata).toEqual({ page: 1, pageSize: 25, lastPage: 1, showAll: false, totalElements: 2 })
  })

  it('of the apex stay: a zone without SOA or NS is none', async () => {
    for (const type of ['SOA', 'NS'])
      expectRefusal(await send('DELETE', setPath(zone, zone, type)), 409, 'Record set conflict')
  })

  it('stand alone where they are an alias', async () => {
    const alias = record(`alias.${zone}`, 'CNAME', 'edge.example.net.')
    expect((await send('POST', at('alias', 'CNAME'), alias)).status).toBe(201)
    const beside = await send('POST', at('alias', 'TXT'), record(`alias.${zone}`, 'TXT', 'x'))
    expectRefusal(beside, 409, 'Record set conflict')
    const path = of(zone, '/recordsets')
    const both = {
      recordsets: [record(`b.${zone}`, 'A', '192.0.2.1'), record(`b.${zone}`, 'CNAME', 'c.example.')],
    }
    expectRefusal(await send('POST', path, both), 409, 'Record set conflict')
  })

  it.each<[string, object, string[]]>([
    ['A', { rdata: ['192.0.2.1', 'here', '192.0.2.1'] }, ['/rdata/1', '/rdata/2']],
    ['A', { rdata: [] }, ['/rdata']],
    ['A', { rdata: 'here' }, ['/rdata']],
    ['A', { rdata: [7] }, ['/rdata/0']],
    ['A', { ttl: -1 }, ['/ttl']],
    ['A', { ttl: '300' }, ['/ttl']],
    ['A', { ttl: 2 ** 31 }, ['/ttl']],
    ['A', { name: 'other.records.example', type: 'TXT' }, ['/name', '/type']],
    ['AKAMAITLC', {}, ['/type']],
    ['TXT', { rdata: ['"open'] }, ['/rdata/0']],
    ['TXT', { rdata: Array.from({ length: 101 }, (_, index) => `v${index}`) }, ['/rdata']],
    ['TXT', { rdata: ['x'.repeat(32_001)] }, ['/rdata']],
  ])('of type %s are refused with %j', async (type, wrong, fields) => {
    const body = { ttl: 60, rdata: ['192.0.2.1'], ...wrong }
    for (const method of ['POST', 'PUT']) {
      const answer = await send(method, at('wrong', type), body)
      expectRefusal(answer, 400, 'Validation Error')
      expect(fieldsOf(answer)).toEqual(fields)
    }
  })

  it('are refused outside of their zone, and with every fault of a list at once', async () => {
    const outside = await send('POST', setPath(zone, 'www.elsewhere.example', 'A'), {
      ttl: 1,
      rdata: ['192.0.2.1'],
    })
    expectRefusal(outside, 400, 'Validation Error')
    expect(fieldsOf(outside)).toEqual(['/name'])
    const list = await send('POST', of(zone, '/recordsets'), {
      recordsets: [
        record(`ok.${zone}`, 'A', '192.0.2.1'),
        record(`OK.${zone}.`, 'a', '192.0.2.2'),
        record('elsewhere.example', 'A', 'x'),
        record(`ok.${zone}`, 'LOC', 'x'),
      ],
    })
    expectRefusal(list, 400, 'Validation Error')
    expect(fieldsOf(list)).toEqual([
      '/recordsets/1',
      '/recordsets/2/name',
      '/recordsets/2/rdata/0',
      '/recordsets/3/type',
    ])
  })
})
