import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createEnrollment, dvEnrollment } from '../support/enrollments.ts'
import { type Instance, makeHome, removeHome, startInstance } from '../support/instance.ts'

const cps = (entity: string) => `application/vnd.akamai.cps.${entity}+json`
const POST_TYPES = { accept: cps('enrollment-status.v1'), contentType: cps('enrollment.v11') }

/** Members and limits are looked at where the bodies are read (test/conformance/bad-input.test.ts); this is what only the whole can show. */
describe('bad input to the whole service is refused by name and leaves nothing behind', () => {
  let home: string
  let instance: Instance
  let made: { enrollment: string; change: string }
  beforeAll(async () => {
    home = await makeHome()
    instance = await startInstance(home)
    const body = dvEnrollment('rest.bad.example', [], { changeManagement: true })
    made = await createEnrollment(instance.client, instance.ready.contract, body)
  })
  afterAll(async () => {
    expect(await instance.stop()).toBe(0)
    await removeHome(home)
  })

  const count = async (): Promise<number> =>
    (await instance.client.call('GET', '/cps/v2/enrollments', { accept: cps('enrollments.v11') })).body
      .enrollments.length
  const post = (body: unknown, query = `contractId=${instance.ready.contract}`) =>
    instance.client.call('POST', `/cps/v2/enrollments?${query}`, { ...POST_TYPES, body })

  it('in every text of the address', async () => {
    const before = await count()
    const texts = ['a%00b', '%ed%a0%80', 'x'.repeat(4_000), '%E2%80%AE', "';--"]
    const { enrollment, change } = made
    for (const text of texts) {
      const calls = [
        ['GET', `/cps/v2/enrollments?contractId=${text}`],
        ['GET', `/cps/v2/active-certificates?contractId=${text}`],
        ['GET', `/cps/v2/enrollments?accountSwitchKey=${text}`],
        ['GET', `/cps/v2/enrollments/${text}`],
        ['GET', `${enrollment}/changes/${text}`],
        ['GET', `${change}/input/info/${text}`],
        ['GET', `/cps/v2/error-types/${text}`],
        ['GET', `/certrail/v1/audit?after=${text}&limit=${text}`],
        ['GET', `/certrail/v1/enrollments/${text}/changes/${text}/explain`],
        ['PUT', `${enrollment}?deploy-not-before=${text}`],
        ['DELETE', `${enrollment}?allow-cancel-pending-changes=${text}`],
        ['POST', `/certrail/v1/accounts/${text}/contracts`],
        ['POST', `/certrail/v1/accounts/${text}/clients`],
      ] as const
      for (const [method, path] of calls) {
        const answer = await instance.client.call(method, path, {
          ...(method === 'GET' || method === 'DELETE' ? {} : { contentType: 'application/json', body: {} }),
        })
        expect.soft(answer.status, `${method} ${path}: ${answer.text}`).toBeLessThan(500)
      }
      const created = await post(dvEnrollment('query.bad.example'), `contractId=${text}`)
      expect.soft([400, 403], `contractId=${text}: ${created.text}`).toContain(created.status)
    }
    expect(await count()).toBe(before)
  })
  it('in a body: nested without end, keys twice, numbers without end, members of every object', async () => {
    const before = await count()
    const sound = JSON.stringify(dvEnrollment('deep.bad.example'))
    const nested = `${'['.repeat(90_000)}${']'.repeat(90_000)}`
    expect((await post(nested)).body.title).toBe('Validation Error')
    expect((await post('{"csr":'.repeat(50_000))).body.title).toBe('Malformed JSON')
    const deep = await post(sound.replace('"sans":[]', `"sans":${nested}`))
    expect(deep.body.errors.map(({ field }: { field: string }) => field)).toEqual(['/csr/sans/0'])
    const endless = await post(sound.replace('{', '{"orgId":1e999,'))
    expect(endless.body.errors.map(({ field }: { field: string }) => field)).toEqual(['/orgId'])
    const control = await post(sound.replace('"Example"', '"Exam\\u0000ple"'))
    expect(control.body.errors.map(({ field }: { field: string }) => field)).toEqual(['/csr/o'])
    expect(await count()).toBe(before)
  })

  it('what is odd and allowed comes back as it was sent', async () => {
    const names = ['bücher.bad.example', 'xn--strae-oqa.bad.example']
    const subject = { o: 'ﷺ \u200f💥', l: 'e\u0301'.repeat(20), st: '__proto__' }
    const sent = dvEnrollment('odd.bad.example', names)
    const text = JSON.stringify({ ...sent, csr: { ...sent.csr, ...subject } })
    const created = await post(text.replace('{', '{"ra":"third-party","__proto__":{"ra":"x"},'))
    expect(created.status, created.text).toBe(202)
    const { body } = await instance.client.call('GET', created.body.enrollment, {
      accept: cps('enrollment.v11'),
    })
    expect(body.csr).toMatchObject(subject)
    expect(body.csr.sans).toEqual(['odd.bad.example', ...names])
    expect(body.ra).toBe('lets-encrypt')
    const same = await post(
      dvEnrollment('xn--bcher-kva.bad.example', ['Bücher.bad.example', 'BÜCHER.BAD.EXAMPLE.']),
    )
    expect(same.status, same.text).toBe(202)
  })
})
