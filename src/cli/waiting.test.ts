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
  FAILED,
  type FakeCps,
  type FakeCpsOptions,
  STAGING,
  createFakeCps,
  sampleEnrollment,
} from '../../test/support/fake-cps.ts'

let api: FakeApi
beforeAll(async () => {
  api = await startFakeApi()
})
afterAll(() => api.close())

function cps(options: FakeCpsOptions): FakeCps {
  const fake = createFakeCps(options)
  api.answerWith(fake.handler)
  return fake
}

const certrail = (...argv: string[]) => runCommandLine(argv, { home: api.home })

describe('enroll', () => {
  it('sends v11 under the only contract, the first name as the common name', async () => {
    const fake = cps({ steps: [CHALLENGES] })
    const run = await certrail(
      'enroll',
      'www.example.com',
      'example.com',
      '--san',
      'a.example.com',
      'b.example.com',
      '--json',
    )
    expect(run.exitCode).toBe(0)
    expect(run.json()).toEqual({
      enrollment: '/cps/v2/enrollments/10001',
      changes: ['/cps/v2/enrollments/10001/changes/20001'],
      enrollmentId: 10_001,
      changeId: 20_001,
    })
    expect(fake.created).toMatchObject([
      {
        target: '/cps/v2/enrollments?contractId=1-SANDBOX',
        body: { csr: { cn: 'www.example.com', sans: ['example.com', 'a.example.com', 'b.example.com'] } },
      },
    ])
    expect(api.requests.at(-1)?.headers).toMatchObject({
      'content-type': 'application/vnd.akamai.cps.enrollment.v11+json',
      accept: 'application/vnd.akamai.cps.enrollment-status.v1+json',
    })
    expect(fake.acknowledgements).toEqual([])
  })

  it('with several contracts wants one to be chosen, and sends the chosen one', async () => {
    const fake = cps({ steps: [CHALLENGES], contracts: ['A', 'B'] })
    const run = await certrail('enroll', 'www.example.com')
    expect(run.exitCode).toBe(2)
    expect(run.stderr).toContain('--contract: A, B')
    expect(fake.created).toEqual([])
    expect(
      (await certrail('enroll', 'www.example.com', '--contract', 'B', '--allow-duplicate-cn')).exitCode,
    ).toBe(0)
    expect(fake.created[0]?.target).toBe('/cps/v2/enrollments?contractId=B&allow-duplicate-cn=true')
  })

  it('takes an enrollment from a file', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'certrail-file-'))
    const path = join(directory, 'enrollment.json')
    writeFileSync(
      path,
      JSON.stringify({ changeManagement: true, csr: { cn: 'file.example.com', sans: [], o: 'Ours' } }),
    )
    const fake = cps({ steps: [CHALLENGES] })
    expect((await certrail('enroll', '--file', path)).exitCode).toBe(0)
    expect(fake.created[0]?.body).toMatchObject({
      changeManagement: true,
      csr: { cn: 'file.example.com', o: 'Ours' },
    })
    rmSync(directory, { recursive: true })
  })

  it('without a name and without a file is wrong usage', async () => {
    cps({ steps: [CHALLENGES] })
    expect((await certrail('enroll')).exitCode).toBe(2)
  })
})

describe('enroll --wait', () => {
  it('acknowledges the challenges once, names each step, and ends with 0 at complete', async () => {
    const fake = cps({ steps: [CHALLENGES, STAGING, COMPLETE] })
    const run = await certrail('enroll', 'www.example.com', '--wait')
    expect(run).toMatchObject({ exitCode: 0, stderr: '' })
    expect(fake.acknowledgements).toEqual([
      {
        target: '/cps/v2/enrollments/10001/changes/20001/input/update/lets-encrypt-challenges-completed',
        body: { acknowledgement: 'acknowledge' },
      },
    ])
    const progress = run.stdout.split('\n').filter((line) => /^ +\d+ s {2}/.test(line))
    expect(progress.map((line) => line.trim().replace(/^\d+ s +/, ''))).toEqual([
      'coordinate-domain-validation: The step coordinate-domain-validation is under way; waits for the challenges to be placed',
      'deploy-cert-to-staging: The step deploy-cert-to-staging is under way',
      'complete: The step complete is under way',
    ])
    expect(run.stdout).toContain('www.example.com (enrollment 10001) is complete.')
  })

  it('goes on when the challenges were gone before the acknowledgement came', async () => {
    const moved = createFakeCps({ steps: [CHALLENGES, COMPLETE] })
    let looks = 0
    api.answerWith(async (request) => {
      if (request.method === 'POST' && request.target.includes('/update/')) {
        await moved.handler(request)
        return { status: 404, body: { title: 'Not Found' } }
      }
      if (request.target.endsWith('/changes/20001')) looks += 1
      return moved.handler(request)
    })
    expect((await certrail('enroll', 'www.example.com', '--wait')).exitCode).toBe(0)
    expect(looks).toBe(2)
  })

  it('ends with 1 and the words of the error when the change fails', async () => {
    cps({ steps: [CHALLENGES, FAILED] })
    const run = await certrail('enroll', 'www.example.com', '--wait')
    expect(run.exitCode).toBe(1)
    expect(run.stdout).toContain('ended at check-for-cert-error (error): The order was refused.')
  })

  it('stops at change management with 3, and says that a person has to act and how', async () => {
    const fake = cps({ steps: [CHALLENGES, STAGING, APPROVAL] })
    const run = await certrail('enroll', 'www.example.com', '--change-management', '--wait')
    expect(run.exitCode).toBe(3)
    expect(fake.created[0]?.body).toMatchObject({ changeManagement: true })
    expect(fake.acknowledgements).toHaveLength(1)
    expect(run.stdout).toContain('waits for a person: change-management.')
    expect(run.stdout).toContain('next  certrail acknowledge 10001')
  })

  it('with --json has the progress on stderr and one document on stdout', async () => {
    cps({ steps: [CHALLENGES, COMPLETE] })
    const run = await certrail('enroll', 'www.example.com', '--wait', '--json')
    expect(run.json()).toMatchObject({
      enrollmentId: 10_001,
      ending: 'reached',
      change: { statusInfo: { state: 'completed' } },
    })
    expect(run.stderr).toContain('coordinate-domain-validation')
  })
})

describe('wait', () => {
  it('asks the server to hold the answer back, longer while nothing moves', async () => {
    const fake = createFakeCps({ steps: [APPROVAL, COMPLETE] })
    const asked: unknown[] = []
    api.answerWith(async (request) => {
      if (request.target.endsWith('/changes/20001')) {
        asked.push(request.headers['prefer'])
        if (asked.length === 5)
          await fake.handler({ ...request, method: 'POST', target: '/input/update/by-somebody' })
      }
      return fake.handler(request)
    })
    expect((await certrail('wait', '10001')).exitCode).toBe(0)
    expect(asked).toEqual([undefined, 'wait=1', 'wait=2', 'wait=4', 'wait=8'])
  })

  it('ends with 3 when the time is over', async () => {
    cps({ steps: [APPROVAL] })
    const run = await certrail('wait', '10001', '--timeout', '0s')
    expect(run.exitCode).toBe(3)
    expect(run.stdout).toContain('is still at wait-ack-change-management (awaiting-input)')
  })

  it.each(['coodinate-domain-validation', 'coordinate-domain-validation'])(
    '--until %s, either spelling, ends with 0 there',
    async (status) => {
      cps({ steps: [CHALLENGES] })
      expect((await certrail('wait', '10001', '--until', status)).exitCode).toBe(0)
    },
  )

  it('--until a status that was passed by ends with 1 at completion', async () => {
    cps({ steps: [STAGING, COMPLETE] })
    const run = await certrail('wait', '10001', '--until', 'wait-ack-change-management')
    expect(run.exitCode).toBe(1)
    expect(run.stdout).toContain('was not seen at wait-ack-change-management')
  })

  it.each([
    ['--until', 'someday'],
    ['--timeout', 'long'],
  ])('%s %s is wrong usage', async (...option) => {
    cps({ steps: [STAGING] })
    expect((await certrail('wait', '10001', ...option)).exitCode).toBe(2)
  })

  it('without an open change ends with 0 when production serves, else with 1', async () => {
    cps({ steps: [COMPLETE] })
    expect((await certrail('wait', '10001')).exitCode).toBe(1)
    cps({ steps: [COMPLETE], enrollment: sampleEnrollment({ productionSlots: [7] }) })
    expect((await certrail('wait', '10001')).exitCode).toBe(0)
  })

  it('outlives answers that say "not ready"', async () => {
    let failures = 1
    cps({
      steps: [COMPLETE],
      enrollment: {
        pendingChanges: [{ location: '/cps/v2/enrollments/10001/changes/20001', changeType: null }],
      },
      first: ({ target }) => {
        if (!target.endsWith('/changes/20001') || failures === 0) return null
        failures -= 1
        return { status: 503, body: { title: 'Not ready' } }
      },
    })
    expect((await certrail('wait', '10001')).exitCode).toBe(0)
    expect(failures).toBe(0)
  })

  it('on a terminal rewrites one line, within its width, and leaves it empty', async () => {
    cps({ steps: [STAGING, CHALLENGES] })
    const run = await runCommandLine(['wait', '10001', '--until', 'coordinate-domain-validation'], {
      home: api.home,
      isTTY: true,
    })
    const [progress = '', result] = halves(run.stdout)
    expect(progress).not.toContain('\n')
    expect(progress.split(ERASE_LINE).every((line) => line.length < 80)).toBe(true)
    expect(progress).toContain('deploy-cert-to-staging')
    expect(result).toMatch(/^www\.example\.com .+\n {2}next {2}certrail acknowledge 10001\n$/)
  })
})

const ERASE_LINE = '\r\u001b[2K'

/** Before and after the last erasing of the line. */
function halves(text: string): readonly string[] {
  const at = text.lastIndexOf(ERASE_LINE)
  return [text.slice(0, at), text.slice(at + ERASE_LINE.length)]
}
