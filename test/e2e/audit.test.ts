import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
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

const cps = (entity: string): string => `application/vnd.akamai.cps.${entity}+json`

interface Entry {
  readonly id: number
  readonly action: string
  readonly object: string
  readonly actor: string
  readonly source: string
  readonly digestBefore: string | null
  readonly digestAfter: string | null
  readonly detail: Readonly<Record<string, unknown>>
}

describe('the audit log over the API', () => {
  let home: string
  let directory: string
  let instance: Instance
  let enrollment: string
  let change: string
  let hash: string
  let newClient: { clientSecret: string; accessToken: string; clientToken: string }

  const entries = async (after = 0): Promise<readonly Entry[]> =>
    (await instance.client.call('GET', `/certrail/v1/audit?after=${after}&limit=1000`)).body.entries

  beforeAll(async () => {
    home = await makeHome()
    directory = await mkdtemp(join(tmpdir(), 'certrail-audit-'))
    instance = await startInstance(home)
    const { client, ready } = instance
    const body = dvEnrollment('www.audit.example', [], { changeManagement: true })
    const created = await createEnrollment(client, ready.contract, body)
    ;({ enrollment, change } = created)
    await acknowledgeChallenges(client, change)
    await followChange(client, change, ({ status }) => status === 'wait-ack-change-management')
    const info = await client.call('GET', `${change}/input/info/change-management-info`, {
      accept: cps('change-management-info.v5'),
    })
    hash = info.body.validationResultHash
    const acknowledge = (given: string) =>
      client.call('POST', `${change}/input/update/change-management-ack`, {
        accept: cps('change-id.v1'),
        contentType: cps('acknowledgement-with-hash.v1'),
        body: { acknowledgement: 'acknowledge', hash: given },
      })
    expect((await acknowledge('0'.repeat(40))).status).toBe(409)
    expect((await acknowledge(hash)).status).toBe(200)
    await followChange(client, change, ({ state }) => state === 'completed')
    const account = await client.call('POST', '/certrail/v1/accounts', { body: { name: 'Another' } })
    const made = await client.call('POST', `/certrail/v1/accounts/${account.body.id}/clients`, {
      body: { role: 'operator' },
    })
    expect(made.status, made.text).toBe(201)
    newClient = made.body
    const advanced = await client.call('POST', '/certrail/v1/clock/advance', { body: { by: 'PT1H' } })
    expect(advanced.status, advanced.text).toBe(200)
  }, 180_000)
  afterAll(async () => {
    await instance?.stop()
    await removeHome(home)
    await rm(directory, { recursive: true, force: true })
  })

  it('tells who did what to which object from where', async () => {
    const all = await entries()
    expect(all.map(({ id }) => id)).toEqual(all.map((_, index) => index + 1))
    const acts = all
      .filter(({ action }) => action !== 'create-contract')
      .map(({ action, object }) => [action, object])
    const path = (cpsPath: string): string => cpsPath.replace('/cps/v2/', '')
    expect(acts).toEqual([
      ['create-enrollment', path(enrollment)],
      ['acknowledge-challenges', path(change)],
      ['acknowledge-change-management', path(change)],
      ['create-account', expect.stringMatching(/^accounts\//)],
      ['create-client', expect.stringMatching(/^accounts\/.+\/clients\//)],
      ['advance-clock', 'clock'],
      ['advance-clock', 'clock'],
    ])
    for (const entry of all) {
      expect(entry.actor).not.toBe('')
      expect(entry.source).toMatch(/127\.0\.0\.1|::1/)
      expect(entry.detail).toMatchObject({ client: expect.any(String), request: expect.any(String) })
    }
  })

  it('keeps digests of the object before and after, and what was acknowledged by its hash', async () => {
    const all = await entries()
    const of = (action: string): Entry => all.find((entry) => entry.action === action) as Entry
    expect(of('create-enrollment')).toMatchObject({
      digestBefore: null,
      digestAfter: expect.stringMatching(/^[0-9a-f]{64}$/),
      detail: { startedChange: Number(change.split('/').at(-1)), changeAction: 'new-certificate' },
    })
    const acknowledged = of('acknowledge-change-management')
    expect(acknowledged.detail).toMatchObject({ word: 'acknowledge', hash, hashGiven: true })
    expect(acknowledged.digestBefore).not.toBe(acknowledged.digestAfter)
    expect(
      all.filter(({ action }) => action === 'advance-clock').map(({ detail }) => detail['phase']),
    ).toEqual(['intent', 'outcome'])
  })

  it('holds no secret and no key', async () => {
    const text = (await instance.client.call('GET', '/certrail/v1/audit', { accept: 'application/x-ndjson' }))
      .text
    const own = (await readFile(join(home, 'edgerc'), 'utf8')).matchAll(
      /^(?:client_secret|access_token)\s*=\s*(\S+)/gm,
    )
    const secrets = [...own].map((match) => match[1] as string)
    expect(secrets.length).toBeGreaterThan(0)
    for (const secret of [...secrets, newClient.clientSecret, newClient.accessToken])
      expect(text).not.toContain(secret)
    expect(text).not.toMatch(/PRIVATE KEY|sealed/i)
  })

  it('is read by administrators of its account alone', async () => {
    const { body } = await instance.client.call('POST', '/certrail/v1/accounts', { body: { name: 'Third' } })
    const reader = await instance.client.call('POST', `/certrail/v1/accounts/${body.id}/clients`, {
      body: { role: 'admin' },
    })
    await writeFile(join(directory, 'edgerc'), reader.body.edgerc)
    const run = await runCommandLine(['audit', 'export', '--edgerc', join(directory, 'edgerc')], { home })
    expect(run).toMatchObject({ exitCode: 0, stdout: '' })
    const operator = await instance.client.call('POST', `/certrail/v1/accounts/${body.id}/clients`, {
      body: { role: 'operator' },
    })
    await writeFile(join(directory, 'edgerc'), operator.body.edgerc)
    expect(
      await runCommandLine(['audit', 'verify', '--edgerc', join(directory, 'edgerc')], { home }),
    ).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('403'),
    })
  })

  it('is whole by certrail audit verify; an altered export is not, and the first altered entry is named', async () => {
    const verified = await runCommandLine(['audit', 'verify', '--json'], { home })
    expect(verified.stderr).toBe('')
    const { entries: count, end } = verified.json() as { entries: number; end: { id: number; hash: string } }
    expect(verified).toMatchObject({ exitCode: 0 })
    expect(count).toBe((await entries()).length)
    const exported = await runCommandLine(['audit', 'export'], { home })
    const lines = exported.stdout.trimEnd().split('\n')
    expect(lines).toHaveLength(count)

    const file = join(directory, 'audit.jsonl')
    const judge = async (kept: readonly string[], ...more: readonly string[]) => {
      await writeFile(file, `${kept.join('\n')}\n`)
      return runCommandLine(['audit', 'verify', file, ...more], { workingDirectory: directory })
    }
    expect(await judge(lines)).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining(`${end.id}:${end.hash}`),
    })
    const altered = await judge(lines.with(2, (lines[2] as string).replace('acknowledge', 'deny')))
    expect(altered).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('First altered entry: 3.') })
    expect(await judge(lines.toSpliced(1, 1))).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining('First altered entry: 3.'),
    })
    // The end cut off is a chain as well: only who noted it knows.
    expect(await judge(lines.slice(0, -1))).toMatchObject({ exitCode: 0 })
    const cut = await judge(lines.slice(0, -1), '--anchor', `${end.id}:${end.hash}`)
    expect(cut).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining(`First altered entry: ${end.id}.`),
    })
    expect(await judge(lines, '--anchor', `${end.id}:${'0'.repeat(64)}`)).toMatchObject({ exitCode: 1 })
    expect(await judge(['{"id":1}'])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('line 1'),
    })
  })
})
