import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dvEnrollment } from '../support/enrollments.ts'
import { type Instance, makeHome, removeHome, startInstance } from '../support/instance.ts'
import { servedFingerprint } from '../support/third-party.ts'

/** Debian's own: its packages are of no use to another Python. */
const PYTHON = '/usr/bin/python3'
const hasEdgegrid = spawnSync(PYTHON, ['-c', 'import akamai.edgegrid, requests']).status === 0
const cps = (entity: string) => `application/vnd.akamai.cps.${entity}+json`

interface Asked {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly params?: Readonly<Record<string, string>>
}

interface Answer {
  readonly status: number
  // oxlint-disable-next-line no-explicit-any -- looked into by path
  readonly body: any
}

describe.skipIf(!hasEdgegrid)(
  'a signer of another make (skipped when the package python3-edgegrid is missing)',
  () => {
    let home: string
    let instance: Instance
    let python: ChildProcessWithoutNullStreams
    let answers: AsyncIterator<string>
    beforeAll(async () => {
      home = await makeHome()
      instance = await startInstance(home)
      const program = join(import.meta.dirname, 'python_edgegrid.py')
      python = spawn(PYTHON, [program, join(home, 'edgerc'), 'cps', join(home, 'root.pem')])
      python.stderr.pipe(process.stderr)
      answers = createInterface({ input: python.stdout })[Symbol.asyncIterator]()
    })
    afterAll(async () => {
      python.stdin.end()
      const [code] = await once(python, 'exit')
      expect(code).toBe(0)
      expect(await instance.stop()).toBe(0)
      await removeHome(home)
    })

    async function call(method: string, path: string, asked: Asked = {}): Promise<Answer> {
      python.stdin.write(`${JSON.stringify({ method, path, ...asked })}\n`)
      const { value } = await answers.next()
      return JSON.parse(value) as Answer
    }

    it('carries an enrollment from the request to production', async () => {
      const name = 'www.python.example'
      const created = await call('POST', '/cps/v2/enrollments', {
        params: { contractId: instance.ready.contract, 'allow-duplicate-cn': 'true' },
        headers: { Accept: cps('enrollment-status.v1'), 'Content-Type': cps('enrollment.v11') },
        body: dvEnrollment(name),
      })
      expect(created.status, JSON.stringify(created.body)).toBe(202)
      const [change] = created.body.changes
      const acknowledged = await call('POST', `${change}/input/update/lets-encrypt-challenges-completed`, {
        headers: { Accept: cps('change-id.v1'), 'Content-Type': cps('acknowledgement.v1') },
        body: { acknowledgement: 'acknowledge' },
      })
      expect([acknowledged.status, acknowledged.body.change]).toEqual([200, change])
      const status = await call('GET', change, { headers: { Accept: cps('change.v1'), Prefer: 'wait=50' } })
      expect(status.body.statusInfo).toMatchObject({ state: 'completed', status: 'complete' })
      expect(await servedFingerprint(instance.ready.production, name)).not.toBeNull()
    })

    it('signs what a proxy could have altered: encoded queries, bodies of more than 128 KiB, PUT', async () => {
      const { contract } = instance.ready
      const large = { ...dvEnrollment('large.python.example'), padding: 'x'.repeat(200_000) }
      const created = await call('POST', `/cps/v2/enrollments?contractId=ctr_${contract}`, {
        headers: { Accept: cps('enrollment-status.v1'), 'Content-Type': cps('enrollment.v11') },
        body: large,
      })
      expect(created.status, JSON.stringify(created.body)).toBe(202)
      const { enrollment, changes } = created.body
      const schedule = await call('PUT', `${changes[0]}/deployment-schedule`, {
        headers: { 'Content-Type': cps('deployment-schedule.v1') },
        body: { notBefore: '2099-01-01T00:00:00Z', notAfter: null },
      })
      expect([schedule.status, schedule.body.change]).toEqual([200, changes[0]])
      // The CLI glues the key to the address by itself; requests encodes the colon of the other form.
      const key = '1-SANDBOX:1-CERTRAIL'
      const glued = await call('GET', `/cps/v2/enrollments?accountSwitchKey=${key}`)
      const encoded = await call('GET', '/cps/v2/enrollments', { params: { accountSwitchKey: key } })
      expect([glued.status, encoded.status]).toEqual([200, 200])
      expect(glued.body).toEqual(encoded.body)
      expect((await call('DELETE', changes[0])).status).toBe(200)
      expect((await call('DELETE', enrollment)).status).toBe(200)
    })

    it('is told the title that clients compare when there is no such enrollment', async () => {
      const missing = await call('GET', '/cps/v2/enrollments/1', {
        headers: { Accept: cps('enrollment.v11') },
      })
      expect([missing.status, missing.body.title]).toEqual([404, 'Not Found'])
    })
  },
)
