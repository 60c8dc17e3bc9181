import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommandLine } from '../../test/support/command-line.ts'
import { type FakeApi, startFakeApi } from '../../test/support/fake-api.ts'
import {
  APPROVAL,
  CHALLENGES,
  COMPLETE,
  type FakeCps,
  type FakeCpsOptions,
  STAGING,
  createFakeCps,
  sampleEnrollment,
} from '../../test/support/fake-cps.ts'

let api: FakeApi
let directory: string
beforeAll(async () => {
  api = await startFakeApi()
  directory = mkdtempSync(join(tmpdir(), 'certrail-commands-'))
})
afterAll(async () => {
  rmSync(directory, { recursive: true })
  await api.close()
})

function cps(options: FakeCpsOptions): FakeCps {
  const fake = createFakeCps(options)
  api.answerWith(fake.handler)
  return fake
}

const certrail = (...argv: string[]) => runCommandLine(argv, { home: api.home })

describe('list', () => {
  it('shows a table of the enrollments', async () => {
    cps({ steps: [CHALLENGES] })
    const run = await certrail('list')
    expect(run).toMatchObject({ exitCode: 0, stderr: '' })
    expect(run.stdout.split('\n').slice(0, 2)).toEqual([
      'ID     COMMON NAME      NAMES  TYPE  LIVE ON      OPEN CHANGE            RENEWS FROM',
      '10001  www.example.com  2      dv    nowhere yet  20001 new-certificate  -',
    ])
  })

  it('with --json prints what the API said and no more', async () => {
    cps({ steps: [COMPLETE] })
    const run = await certrail('list', '--json')
    expect(run.json()).toMatchObject({ enrollments: [{ id: 10_001, assignedSlots: [7] }] })
  })

  it('asks for v11 and sends the account key inside of the signature', async () => {
    cps({
      steps: [COMPLETE],
      first: ({ target }) => (target.includes('?') ? { body: { enrollments: [] } } : null),
    })
    const run = await certrail('list', '--account-key', '1-5C0YLB:1-8BYUX')
    expect(run.stdout).toContain('No enrollments yet')
    expect(api.requests.at(-1)).toMatchObject({
      target: '/cps/v2/enrollments?accountSwitchKey=1-5C0YLB%3A1-8BYUX',
      headers: { accept: 'application/vnd.akamai.cps.enrollments.v11+json' },
    })
  })
})

describe('an enrollment', () => {
  it('may be given by its common name in any case', async () => {
    cps({ steps: [COMPLETE] })
    const run = await certrail('show', 'WWW.Example.com', '--json')
    expect(run.json()).toMatchObject({ id: 10_001 })
  })

  it('that several have is wrong usage, and the ids are named', async () => {
    cps({ steps: [COMPLETE], others: [sampleEnrollment({ id: 10_002 })] })
    const run = await certrail('show', 'www.example.com')
    expect(run).toMatchObject({ exitCode: 2, stdout: '' })
    expect(run.stderr).toContain('10001, 10002')
  })

  it('that nobody has is refused with the way to find one', async () => {
    cps({ steps: [COMPLETE] })
    const run = await certrail('show', 'nope.example.com')
    expect(run).toMatchObject({ exitCode: 1, stdout: '' })
    expect(run.stderr).toBe(
      'certrail: Not Found: No enrollment has the common name nope.example.com. See: certrail list\n',
    )
  })

  it('with an unknown id is the refusal of the API', async () => {
    cps({ steps: [COMPLETE] })
    expect(await certrail('show', '99')).toMatchObject({ exitCode: 1, stderr: 'certrail: Not Found (404)\n' })
  })
})

describe('status', () => {
  it('names state, status, what is allowed and the command for it', async () => {
    cps({ steps: [CHALLENGES] })
    const { stdout } = await certrail('status', '10001')
    expect(stdout).toMatch(/^ {2}status +coordinate-domain-validation \(awaiting-input\)$/m)
    expect(stdout).toMatch(/^ {2}waits for +the challenges to be placed$/m)
    expect(stdout).toMatch(/^ {2}allowed +lets-encrypt-challenges$/m)
    expect(stdout).toMatch(/^ {2}next +certrail acknowledge 10001$/m)
  })

  it('works where there is no explain, and offers the wait while nobody has to act', async () => {
    cps({ steps: [STAGING], explains: false })
    const { stdout } = await certrail('status', '10001')
    expect(stdout).toMatch(/^ {2}now +Doing deploy-cert-to-staging\.$/m)
    expect(stdout).toMatch(/^ {2}next +certrail wait 10001$/m)
  })

  it('says so when nothing is open', async () => {
    cps({ steps: [COMPLETE] })
    expect((await certrail('status', '10001')).stdout).toContain('none is open')
    expect((await certrail('status', '10001', '--json')).json()).toMatchObject({ change: null, next: [] })
  })
})

describe('explain', () => {
  it('tells what is waited for, who can move it, until when, and what otherwise', async () => {
    cps({ steps: [APPROVAL] })
    const { stdout, exitCode } = await certrail('explain', '10001')
    expect(exitCode).toBe(0)
    expect(stdout).toContain('somebody to acknowledge staging')
    expect(stdout).toContain('the operator: certrail acknowledge 10001')
    expect(stdout).toContain('2026-01-08 00:00 UTC')
    expect(stdout).toMatch(/^AT +EVENT +STATUS +STATE$/m)
  })
})

describe('acknowledge', () => {
  it('answers the input that the change waits for', async () => {
    const fake = cps({ steps: [APPROVAL, STAGING] })
    expect((await certrail('acknowledge', '10001', '--deny')).exitCode).toBe(0)
    expect(fake.acknowledgements).toEqual([
      {
        target: '/cps/v2/enrollments/10001/changes/20001/input/update/change-management-ack',
        body: { acknowledgement: 'deny' },
      },
    ])
  })

  it('refuses while nothing waits for one', async () => {
    const fake = cps({ steps: [STAGING] })
    const run = await certrail('acknowledge', '10001')
    expect(run.exitCode).toBe(1)
    expect(run.stderr).toContain('deploy-cert-to-staging')
    expect(fake.acknowledgements).toEqual([])
  })
})

describe('a refusal', () => {
  const refusal = {
    status: 400,
    body: {
      title: 'Validation Error',
      detail: 'Two members are wrong.',
      errors: [
        { field: '/csr/cn', detail: 'is no DNS name' },
        { field: '/ra', detail: 'does not fit' },
      ],
    },
  }

  it('is told in one line and one for each field, without a stack', async () => {
    cps({ steps: [COMPLETE], first: () => refusal })
    expect(await certrail('list')).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr:
        'certrail: Validation Error (400): Two members are wrong.\n  /csr/cn: is no DNS name\n  /ra: does not fit\n',
    })
  })

  it('is JSON on stderr with --json', async () => {
    cps({ steps: [COMPLETE], first: () => refusal })
    const run = await certrail('list', '--json')
    expect(run).toMatchObject({ exitCode: 1, stdout: '' })
    expect(JSON.parse(run.stderr)).toEqual({
      error: {
        title: 'Validation Error',
        detail: 'Two members are wrong.',
        status: 400,
        errors: refusal.body.errors,
      },
    })
  })

  it('that is no problem document keeps its status', async () => {
    cps({ steps: [COMPLETE], first: () => ({ status: 502, body: '<html>', type: 'text/html' }) })
    expect((await certrail('list')).stderr).toBe('certrail: The API answered 502 (502)\n')
  })

  it('of a wrong secret names the reason and not the secret', async () => {
    cps({ steps: [COMPLETE] })
    const edgerc = join(directory, 'elsewhere')
    writeFileSync(
      edgerc,
      `[x]\nhost=${api.host}\nclient_token=ct-1\naccess_token=at-1\nclient_secret=wrong-one\n`,
    )
    const run = await certrail('list', '--edgerc', edgerc, '--section', 'x')
    expect(run).toMatchObject({
      exitCode: 1,
      stderr: 'certrail: Not authorized (401): The signature does not match\n',
    })
  })
})

describe('an answer that is not understood', () => {
  it('ends in words, not in a stack', async () => {
    cps({ steps: [COMPLETE], first: () => ({ body: { enrollments: 7 } }) })
    const run = await certrail('list')
    expect(run.exitCode).toBe(1)
    expect(run.stderr).toMatch(/^certrail: The answer of the API was not understood: .+\n$/)
  })
})

describe('trust', () => {
  it('is in the roots of the home: an API with another certificate is refused', async () => {
    const other = await startFakeApi()
    try {
      const run = await runCommandLine(['list', '--cacert', join(other.home, 'root.pem')], { home: api.home })
      expect(run.exitCode).toBe(1)
      expect(run.stderr).toContain('The certificate of the API is not trusted')
    } finally {
      await other.close()
    }
  })
})

describe('nobody there', () => {
  it('without a home says how to start one', async () => {
    const run = await runCommandLine(['list'], { home: '/nonexistent/home' })
    expect(run.exitCode).toBe(1)
    expect(run.stderr).toContain('certrail start')
  })

  it('with a home but nothing listening says so', async () => {
    const gone = await startFakeApi()
    writeFileSync(
      join(directory, 'edgerc'),
      `[default]\nhost=${gone.host}\nclient_token=a\naccess_token=b\nclient_secret=c\n`,
    )
    await gone.close()
    const run = await runCommandLine(['list'], { home: directory })
    expect(run.exitCode).toBe(1)
    expect(run.stderr).toContain('certrail: Cannot reach the API')
  })
})
