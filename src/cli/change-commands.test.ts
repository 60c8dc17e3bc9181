import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommandLine } from '../../test/support/command-line.ts'
import { type FakeApi, type FakeHandler, startFakeApi } from '../../test/support/fake-api.ts'
import {
  APPROVAL,
  CHALLENGES,
  COMPLETE,
  type FakeStep,
  FAILED,
  STAGING,
  createFakeCps,
  sampleEnrollment,
} from '../../test/support/fake-cps.ts'

const CHANGE = '/cps/v2/enrollments/10001/changes/20001'
const UPLOAD: FakeStep = {
  status: 'wait-upload-third-party',
  state: 'awaiting-input',
  input: 'third-party-certificate',
}

let api: FakeApi
let directory: string
beforeAll(async () => {
  api = await startFakeApi()
  directory = mkdtempSync(join(tmpdir(), 'certrail-change-commands-'))
})
afterAll(async () => {
  rmSync(directory, { recursive: true })
  await api.close()
})

/** What `first` answers by method and path wins over the fake CPS. */
function cps(steps: readonly FakeStep[], answers: Readonly<Record<string, unknown>> = {}) {
  const first: FakeHandler = ({ method, target }) => {
    const body = answers[`${method} ${target}`]
    return body === undefined ? null : { body }
  }
  const fake = createFakeCps({ steps, first })
  api.answerWith(fake.handler)
  return fake
}

const certrail = (...argv: string[]) => runCommandLine(argv, { home: api.home, workingDirectory: directory })
const lastRequest = (method: string) => api.requests.findLast((request) => request.method === method)

describe('csr', () => {
  const csrs = [
    { csr: 'ECDSA-PEM\n', keyAlgorithm: 'ECDSA' },
    { csr: 'RSA-PEM', keyAlgorithm: 'RSA' },
  ]
  const there = { [`GET ${CHANGE}/input/info/third-party-csr`]: { csrs } }

  it('prints the PEM of all and nothing else, or of the one key type', async () => {
    cps([UPLOAD], there)
    expect(await certrail('csr', '10001')).toMatchObject({ exitCode: 0, stdout: 'ECDSA-PEM\nRSA-PEM\n' })
    expect((await certrail('csr', '10001', '--key-type', 'RSA')).stdout).toBe('RSA-PEM\n')
  })

  it('with --out writes the file and names the upload', async () => {
    cps([UPLOAD], there)
    const { stdout } = await certrail('csr', '10001', '--out', 'x.csr')
    expect(readFileSync(join(directory, 'x.csr'), 'utf8')).toBe('ECDSA-PEM\nRSA-PEM\n')
    expect(stdout).toContain('certrail upload 10001 --cert cert.pem --chain chain.pem')
  })

  it('says where the change is while there is none', async () => {
    cps([STAGING])
    const run = await certrail('csr', '10001')
    expect(run).toMatchObject({ exitCode: 1, stdout: '' })
    expect(run.stderr).toContain('No signing requests: The change is at deploy-cert-to-staging (running)')
  })
})

describe('upload', () => {
  it('takes the key type from the option, sends the texts as they are, and says what comes next', async () => {
    const fake = cps([UPLOAD, APPROVAL])
    writeFileSync(join(directory, 'a.pem'), 'A\r\n')
    writeFileSync(join(directory, 'b.pem'), 'B')
    writeFileSync(join(directory, 'chain.pem'), 'C')
    const run = await certrail(
      ...['upload', '10001', '--cert', 'a.pem', '--cert', 'b.pem', '--chain', 'chain.pem'],
      ...['--key-type', 'ECDSA', 'RSA'],
    )
    expect(run).toMatchObject({ exitCode: 0, stderr: '' })
    expect(run.stdout).toContain('Uploaded: ECDSA and RSA.')
    expect(run.stdout).toContain('certrail acknowledge 10001')
    expect(fake.acknowledgements).toEqual([
      {
        target: `${CHANGE}/input/update/third-party-cert-and-trust-chain`,
        body: {
          certificatesAndTrustChains: [
            { keyAlgorithm: 'ECDSA', certificate: 'A\r\n', trustChain: 'C' },
            { keyAlgorithm: 'RSA', certificate: 'B', trustChain: 'C' },
          ],
        },
      },
    ])
  })

  it('finds the key type in the certificate', async () => {
    const fake = cps([UPLOAD, STAGING])
    const pem = readFileSync(join(api.home, 'root.pem'), 'utf8')
    writeFileSync(join(directory, 'real.pem'), pem)
    expect((await certrail('upload', '10001', '--cert', 'real.pem')).exitCode).toBe(0)
    expect(fake.acknowledgements[0]?.body).toEqual({
      certificatesAndTrustChains: [{ keyAlgorithm: 'ECDSA', certificate: pem }],
    })
  })

  it('is wrong usage without a readable certificate, and with options that do not fit together', async () => {
    const fake = cps([UPLOAD])
    writeFileSync(join(directory, 'none.pem'), 'nothing')
    for (const options of [
      ['--cert', 'none.pem'],
      ['--cert', 'absent.pem'],
      ['--cert', 'real.pem', '--key-type', 'RSA', 'ECDSA'],
      ['--cert', 'real.pem', '--chain', 'a.pem', 'b.pem'],
    ])
      expect([options, await certrail('upload', '10001', ...options)]).toMatchObject([
        options,
        { exitCode: 2 },
      ])
    expect(fake.acknowledgements).toEqual([])
  })
})

describe('renew and update', () => {
  const started = { enrollment: '/cps/v2/enrollments/10001', changes: [CHANGE] }
  const nothing = { enrollment: '/cps/v2/enrollments/10001', changes: [] }
  const PUT = 'PUT /cps/v2/enrollments/10001'

  it.each([
    [
      ['update', '10001', '--allow-missing-certificate-addition', '--renewal-date-check-override'],
      'renewal-date-check-override=true&allow-missing-certificate-addition=true',
    ],
    [
      [
        'update',
        '10001',
        '--change-management',
        'on',
        '--allow-staging-bypass',
        '--deploy-not-before',
        '2030-01-02',
      ],
      'deploy-not-before=2030-01-02&allow-staging-bypass=true',
    ],
    [
      ['renew', '10001', '--cancel-pending', '--deploy-not-after', '2030-01-02T03:04:05Z'],
      'allow-cancel-pending-changes=true&deploy-not-after=2030-01-02T03%3A04%3A05Z&force-renewal=true',
    ],
  ])('%s says so in the query', async (argv, query) => {
    cps([CHALLENGES], { [`${PUT}?${query}`]: started })
    expect(await certrail(...argv)).toMatchObject({ exitCode: 0, stderr: '' })
    expect(api.requests.some(({ target }) => target.endsWith(`?${query}`))).toBe(true)
  })

  it('renew sends the enrollment as it is, with force-renewal', async () => {
    cps([CHALLENGES], { [`${PUT}?force-renewal=true`]: started })
    const run = await certrail('renew', '10001')
    expect(run).toMatchObject({ exitCode: 0 })
    expect(run.stdout).toContain('certrail wait 10001')
    expect(lastRequest('PUT')?.body).toEqual({ ...sampleEnrollment(), pendingChanges: expect.any(Array) })
    expect(lastRequest('PUT')?.headers['content-type']).toBe('application/vnd.akamai.cps.enrollment.v11+json')
  })

  it('with --wait acknowledges the challenges and ends when it is complete', async () => {
    const fake = cps([CHALLENGES, STAGING, COMPLETE], { [`${PUT}?force-renewal=true`]: started })
    const run = await certrail('renew', '10001', '--wait')
    expect(run.exitCode).toBe(0)
    expect(run.stdout).toContain('is complete.')
    expect(fake.acknowledgements).toHaveLength(1)
  })

  it('update adds and takes away names and switches change management', async () => {
    cps([CHALLENGES], { [`${PUT}?allow-cancel-pending-changes=true`]: started })
    const argv = ['--san', 'new.example.com', 'EXAMPLE.com', '--remove-san', 'Example.com.']
    await certrail('update', '10001', ...argv, '--change-management', 'on', '--cancel-pending')
    expect(lastRequest('PUT')?.body).toMatchObject({
      changeManagement: true,
      csr: { cn: 'www.example.com', sans: ['www.example.com', 'new.example.com'] },
      assignedSlots: [7],
    })
  })

  it('update takes members from a file and says when nothing has to be done', async () => {
    cps([COMPLETE], { [PUT]: nothing })
    writeFileSync(
      join(directory, 'part.json'),
      JSON.stringify({
        id: 7,
        org: { name: 'New' },
        csr: { ou: 'X' },
        networkConfiguration: { quicEnabled: true },
      }),
    )
    const run = await certrail('update', '10001', '--file', 'part.json')
    expect(run).toMatchObject({
      exitCode: 0,
      stdout: 'www.example.com (enrollment 10001) is stored: nothing to issue or deploy.\n',
    })
    expect(lastRequest('PUT')?.body).toMatchObject({
      id: 10_001,
      org: { name: 'New' },
      networkConfiguration: { quicEnabled: true, sniOnly: true },
      csr: { cn: 'www.example.com', ou: 'X', sans: ['www.example.com', 'example.com'] },
    })
  })

  it.each([
    [[], 'Say what to change'],
    [['--remove-san', 'www.example.com'], 'is the common name'],
    [['--remove-san', 'x.example.com'], 'is none of its names'],
  ])('update with %j is wrong usage', async (options, words) => {
    cps([COMPLETE])
    const run = await certrail('update', '10001', ...options)
    expect(run.exitCode).toBe(2)
    expect(run.stderr).toContain(words)
  })
})

describe('cancel', () => {
  it('deletes the open change, and refuses when none is open', async () => {
    cps([CHALLENGES], { [`DELETE ${CHANGE}`]: { change: CHANGE } })
    expect((await certrail('cancel', '10001')).stdout).toContain('Change 20001')
    expect(lastRequest('DELETE')?.target).toBe(CHANGE)
    cps([COMPLETE])
    expect(await certrail('cancel', '10001')).toMatchObject({ exitCode: 1 })
  })
})

describe('remove', () => {
  const DELETE = 'DELETE /cps/v2/enrollments/10001'

  it('without anything live is done at once', async () => {
    cps([COMPLETE], { [DELETE]: { enrollment: '/cps/v2/enrollments/10001', changes: [] } })
    expect(await certrail('remove', '10001')).toMatchObject({
      exitCode: 0,
      stdout: 'www.example.com (enrollment 10001) is removed.\n',
    })
  })

  it('with --wait ends when the enrollment is not found, and with 1 when the removal failed', async () => {
    const removal: FakeStep = { status: 'deprovision', state: 'running' }
    for (const [end, exitCode] of [
      [COMPLETE, 0],
      [FAILED, 1],
    ] as const) {
      const fake = createFakeCps({ steps: [removal, end] })
      let looks = 0
      api.answerWith(async (request) => {
        if (request.method === 'DELETE')
          return { status: 202, body: { enrollment: '/cps/v2/enrollments/10001', changes: [CHANGE] } }
        const isEnrollment = request.target === '/cps/v2/enrollments/10001'
        if (isEnrollment) looks += 1
        return isEnrollment && looks > 2 ? null : fake.handler(request)
      })
      const run = await certrail('remove', '10001', '--wait')
      expect([run.stdout, run.exitCode]).toEqual([expect.any(String), exitCode])
      expect(run.stdout).toContain(exitCode === 0 ? 'is removed.' : 'failed: The order was refused.')
    }
  })
})

describe('acknowledge', () => {
  const info = { [`GET ${CHANGE}/input/info/change-management`]: { validationResultHash: 'f00d' } }

  it('of change management sends and prints the hash that is shown now', async () => {
    const fake = cps([APPROVAL, STAGING], info)
    expect((await certrail('acknowledge', '10001')).stdout).toContain('Hash of what is released: f00d')
    expect(fake.acknowledgements[0]?.body).toEqual({ acknowledgement: 'acknowledge', hash: 'f00d' })
    expect(lastRequest('POST')?.headers['content-type']).toBe(
      'application/vnd.akamai.cps.acknowledgement-with-hash.v1+json',
    )
  })

  it('sends the hash of --hash instead, and knows none elsewhere', async () => {
    const fake = cps([APPROVAL, CHALLENGES], info)
    await certrail('acknowledge', '10001', '--hash', 'beef')
    expect(fake.acknowledgements[0]?.body).toMatchObject({ hash: 'beef' })
    expect(await certrail('acknowledge', '10001', '--hash', 'beef')).toMatchObject({ exitCode: 2 })
  })

  it('of warnings prints them one a line', async () => {
    const type = 'post-verification-warnings-acknowledgement'
    const change = {
      statusInfo: { status: 'wait-review-third-party-cert', state: 'awaiting-input' },
      allowedInput: [{ type, requiredToProceed: true, info: '/warnings', update: '/input/update/x' }],
    }
    const fake = cps([UPLOAD, STAGING], {
      [`GET ${CHANGE}`]: change,
      'GET /warnings': { warnings: 'One\nTwo' },
    })
    const run = await certrail('acknowledge', '10001', '--deny')
    expect(run.stdout).toMatch(/^Warnings:\n {2}One\n {2}Two\n/)
    expect(fake.acknowledgements).toEqual([{ target: '/input/update/x', body: { acknowledgement: 'deny' } }])
  })
})
