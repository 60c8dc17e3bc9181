import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommandLine } from '../support/command-line.ts'
import {
  acknowledgeChallenges,
  createEnrollment,
  dvEnrollment,
  followChange,
} from '../support/enrollments.ts'
import { type Instance, makeHome, removeHome, startInstance } from '../support/instance.ts'
import { freePort } from '../../scripts/lib/free-port.mjs'

const NAME = 'www.revocation.example'

describe('the revocation of what serves', () => {
  let home: string
  let instance: Instance
  let enrollment: string
  beforeAll(async () => {
    home = await makeHome()
    instance = await startInstance(home, { CERTRAIL_HTTP_PORT: String(await freePort()) })
    const { client, ready } = instance
    const created = await createEnrollment(client, ready.contract, dvEnrollment(NAME))
    enrollment = created.enrollment
    await acknowledgeChallenges(client, created.change)
    await followChange(client, created.change, ({ state }) => state === 'completed')
  })
  afterAll(async () => {
    await instance.stop()
    await removeHome(home)
  })

  const certrail = (...argv: string[]) => runCommandLine(argv, { home })
  const probe = async (...more: string[]) => {
    const run = await certrail('probe', NAME, '--json', ...more)
    return { exitCode: run.exitCode, report: run.json() as Report }
  }
  interface Report {
    readonly valid: boolean
    readonly problems: readonly string[]
    readonly revocation: readonly { readonly status: string; readonly detail: string }[]
  }
  const statuses = ({ revocation }: Report) => revocation.map(({ status }) => status)

  it('is looked for by probe in the list that the certificate names; the intermediate names none', async () => {
    const { exitCode, report } = await probe()
    expect([exitCode, report.valid, statuses(report)]).toEqual([0, true, ['good', 'unknown']])
    expect(report.revocation[0]?.detail).toMatch(/^not revoked, by a list that holds until /)
    expect((await certrail('probe', NAME)).stdout).toMatch(/^ {2}revocation +.*: not revoked/m)
    expect((await probe('--no-crl')).report.revocation).toEqual([])
  })

  it('that nothing is known of is told, and makes nothing invalid', async () => {
    // Whoever says that this is a live installation is not led to addresses of this machine by a certificate.
    const ready = join(home, 'ready.json')
    const text = JSON.stringify(instance.ready)
    await writeFile(ready, text.replace('"mode":"sandbox"', '"mode":"live"'))
    const { exitCode, report } = await probe()
    await writeFile(ready, text)
    expect([exitCode, report.valid, statuses(report)]).toEqual([0, true, ['unknown', 'unknown']])
    expect(report.revocation[0]?.detail).toContain('is not where Certrail may connect to')
  })

  it('is what probe judges by from then on', async () => {
    const revoked = await certrail('revoke', enrollment.split('/').at(-1) ?? '', '--reason', 'superseded')
    expect(revoked.exitCode, revoked.stderr).toBe(0)
    const { exitCode, report } = await probe()
    expect([exitCode, report.valid, statuses(report)]).toEqual([1, false, ['revoked', 'unknown']])
    expect(report.problems.join()).toMatch(/was revoked at .* \(superseded\)/)
    expect((await probe('--no-crl')).exitCode).toBe(0)
  })

  it('is what the watchdog judges by, which asks nobody but the list', async () => {
    const names = join(home, 'names')
    await writeFile(names, `${NAME}=${instance.ready.production}`)
    const environment = { CERTRAIL_ALLOW_PRIVATE_TARGETS: 'true' }
    const argv = ['check', '--names', names, '--cacert', join(home, 'root.pem')]
    const run = await runCommandLine(argv, { home: '/nonexistent', environment })
    expect([run.exitCode, run.stderr]).toEqual([2, ''])
    expect(run.stdout).toMatch(/^CRITICAL +.* was revoked at .* \(superseded\)/m)
  })
})
