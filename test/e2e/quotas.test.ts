import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createEnrollment, dvEnrollment, followChange } from '../support/enrollments.ts'
import { type Instance, makeHome, removeHome, startInstance } from '../support/instance.ts'
import { makeOutsideAuthority, type OutsideAuthority } from '../support/outside-authority.ts'
import { readSigningRequests, thirdPartyEnrollment, uploadTo } from '../support/third-party.ts'

const hasOpenssl = spawnSync('openssl', ['version']).status === 0
const cps = (entity: string) => `application/vnd.akamai.cps.${entity}+json`

describe.skipIf(!hasOpenssl)(
  'quotas of an installation (skipped when the program openssl is missing)',
  () => {
    let home: string
    let instance: Instance
    let authority: OutsideAuthority
    beforeAll(async () => {
      home = await makeHome()
      const settings = {
        CERTRAIL_QUOTA_ENROLLMENTS: '3',
        CERTRAIL_QUOTA_OPEN_CHANGES: '2',
        CERTRAIL_QUOTA_UPLOADS: '1',
        CERTRAIL_QUOTA_ZONES: '1',
        CERTRAIL_QUOTA_RECORD_SETS: '3',
        CERTRAIL_QUOTA_TRUST_CHAIN_SETS: '1',
        CERTRAIL_QUOTA_TRUST_CHAIN_REVISIONS: '1',
        CERTRAIL_ENROLLMENT_INTERVAL: 'PT1H',
        CERTRAIL_SANDBOX_ADOPT: 'true',
        CERTRAIL_SANDBOX_VALIDATION: 'acknowledged',
      }
      ;[instance, authority] = await Promise.all([startInstance(home, settings), makeOutsideAuthority()])
    })
    afterAll(async () => {
      await authority.close()
      expect(await instance.stop()).toBe(0)
      await removeHome(home)
    })

    const post = (contract: string, name: string) =>
      instance.client.call('POST', `/cps/v2/enrollments?contractId=${contract}`, {
        accept: cps('enrollment-status.v1'),
        contentType: cps('enrollment.v11'),
        body: dvEnrollment(name),
      })
    const until = (change: string, wanted: string) =>
      followChange(instance.client, change, ({ status, state }) => status === wanted || state === 'error')

    const json = (method: string, path: string, body?: unknown) =>
      instance.client.call(method, path, {
        contentType: 'application/json',
        ...(body !== undefined && { body }),
      })
    const refusedFor = async (answering: ReturnType<typeof json>) => {
      const { status, body } = await answering
      expect([status, body.title]).toEqual([403, 'Quota exceeded'])
      return body.detail as string
    }

    it('hold for zones and their record sets, and give way when one is gone', async () => {
      const zones = '/config-dns/v2/zones'
      const make = (zone: string) =>
        json('POST', `${zones}?contractId=${instance.ready.contract}`, { zone, type: 'primary' })
      expect((await make('one.example')).status).toBe(201)
      expect(await refusedFor(make('two.example'))).toBe('There may be 1 zones, and there are 1.')
      const put = (method: string, name: string) =>
        json(method, `${zones}/one.example/names/${name}/types/TXT`, {
          ...{ name, type: 'TXT', ttl: 60 },
          rdata: ['"x"'],
        })
      expect((await put('POST', 'a.one.example')).status).toBe(201)
      expect(await refusedFor(put('POST', 'b.one.example'))).toBe(
        'A zone may have 3 record sets, and would have 4.',
      )
      expect((await put('PUT', 'a.one.example')).status).toBe(200)
      const all = (await json('GET', `${zones}/one.example/recordsets?showAll=true`)).body.recordsets
      const more = { name: 'b.one.example', type: 'TXT', ttl: 60, rdata: ['"x"'] }
      await refusedFor(json('PUT', `${zones}/one.example/recordsets`, { recordsets: [...all, more] }))
      expect((await json('GET', `${zones}/one.example/recordsets?showAll=true`)).body.recordsets).toEqual(all)
      expect((await json('DELETE', `${zones}/one.example/names/a.one.example/types/TXT`)).status).toBe(204)
      expect((await put('POST', 'b.one.example')).status).toBe(201)
      expect((await json('POST', `${zones}/delete-requests`, { zones: ['one.example'] })).status).toBe(201)
      expect((await make('two.example')).status).toBe(201)
    })

    it('hold for trust-chain sets and their revisions', async () => {
      const sets = '/certrail/v1/trust-chain-sets'
      const certificates = authority.rootPem
      const make = (id: string) => json('POST', sets, { id, name: id, certificates })
      expect((await make('first')).status).toBe(201)
      expect(await refusedFor(make('second'))).toBe('There may be 1 trust-chain sets, and there are 1.')
      expect(await refusedFor(json('POST', `${sets}/first/revisions`, { certificates }))).toBe(
        'There may be 1 revisions of a trust-chain set, and there are 1.',
      )
      expect((await json('GET', `${sets}/first`)).body.revisions).toHaveLength(1)
      expect([200, 204]).toContain((await json('DELETE', `${sets}/first`)).status)
      expect((await make('second')).status).toBe(201)
    })

    it('refuse what would be too much, change nothing then, and give way again', async () => {
      const { client } = instance
      const first = await createEnrollment(client, 'C-1', dvEnrollment('one.quota.example'))
      const again = await post('C-1', 'again.quota.example')
      expect([again.status, again.body.title]).toEqual([409, 'Too many certificate requests'])
      expect(Number(again.headers['retry-after'])).toBeGreaterThan(3_500)
      const second = await createEnrollment(client, 'C-2', dvEnrollment('two.quota.example'))

      const third = await post('C-3', 'three.quota.example')
      expect([third.status, third.body.title]).toEqual([403, 'Quota exceeded'])
      expect(third.body.detail).toBe('There may be 2 open changes, and there are 2.')
      expect(third.body.type).toMatch(/\/cps\/v2\/error-types\/quota-exceeded$/)
      const listed = await client.call('GET', '/cps/v2/enrollments')
      expect(listed.body.enrollments).toHaveLength(2)

      await client.call('POST', `${first.change}/input/update/lets-encrypt-challenges-completed`, {
        body: { acknowledgement: 'acknowledge' },
      })
      await until(first.change, 'complete')
      // Nothing was noted for the contract when the quota refused.
      const upload = await createEnrollment(client, 'C-3', thirdPartyEnrollment('three.quota.example'))
      expect((await client.call('DELETE', second.change)).status).toBe(200)
      const fourth = await post('C-4', 'four.quota.example')
      expect(fourth.body.detail).toBe('There may be 3 enrollments, and there are 3.')
      const gone = await client.call('DELETE', second.enrollment)
      expect(gone.status).toBe(200)
      expect((await post('C-4', 'four.quota.example')).status).toBe(202)

      await until(upload.change, 'wait-upload-third-party')
      const { body } = await readSigningRequests(client, upload.change)
      const signed = {
        keyAlgorithm: 'RSA' as const,
        certificate: await authority.sign(body.csrs[0].csr),
        trustChain: authority.intermediatePem,
      }
      expect((await uploadTo(client, upload.change, [signed])).status).toBe(200)
      const before = await until(upload.change, 'wait-ack-change-management')
      const another = await uploadTo(client, upload.change, [signed])
      expect([another.status, another.body.title]).toEqual([403, 'Quota exceeded'])
      expect((await until(upload.change, 'wait-ack-change-management')).body).toEqual(before.body)
      // What is under way when nobody asks for more is not counted: a removal begins.
      expect((await client.call('DELETE', first.enrollment)).status).toBe(202)
    })

    it('first uses that meet make one account and one contract; what nobody would write makes none (CERTRAIL_SANDBOX_ADOPT)', async () => {
      const { client } = instance
      const switched = (path: string, key = '1-NEW%3A1-8BYUX') => `${path}accountSwitchKey=${key}`
      const looks = await Promise.all(
        Array.from({ length: 6 }, () => client.call('GET', switched('/certrail/v1/account?'))),
      )
      expect(looks.map(({ status }) => status)).toEqual(looks.map(() => 200))
      expect(new Set(looks.map(({ body }) => body.id)).size).toBe(1)
      const create = (contract: string, name: string) =>
        client.call('POST', switched(`/cps/v2/enrollments?contractId=${contract}&`), {
          contentType: cps('enrollment.v11'),
          body: dvEnrollment(name),
        })
      const made = await Promise.all(['a', 'b'].map((name) => create('C-NEW', `${name}.new.quota.example`)))
      expect(made.map(({ status }) => status).toSorted()).toEqual([202, 409])
      for (const odd of ['%0A', 'C%20', 'C%E2%80%AE', 'C'.repeat(129)]) {
        const refused = await create(odd, 'c.new.quota.example')
        expect([refused.status, refused.body.title]).toEqual([403, 'invalid contract'])
        expect((await client.call('GET', switched('/certrail/v1/account?', odd))).status).toBe(403)
      }
      const account = await client.call('GET', switched('/certrail/v1/account?'))
      expect(account.body.contracts).toEqual(['C-NEW'])
    })
  },
)
