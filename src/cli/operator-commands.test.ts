import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommandLine } from '../../test/support/command-line.ts'
import { type FakeApi, startFakeApi } from '../../test/support/fake-api.ts'
import { COMPLETE, type FakeStep, STAGING, createFakeCps } from '../../test/support/fake-cps.ts'

let api: FakeApi
beforeAll(async () => {
  api = await startFakeApi()
})
afterAll(() => api.close())

function answer(answers: Readonly<Record<string, unknown>>, steps: readonly FakeStep[] = [COMPLETE]): void {
  const fake = createFakeCps({
    steps,
    first: ({ method, target }) => {
      const body = answers[`${method} ${target}`]
      return body === undefined ? null : { body }
    },
  })
  api.answerWith(fake.handler)
}

const certrail = (...argv: string[]) => runCommandLine(argv, { home: api.home })
const lastPost = () => api.requests.findLast(({ method }) => method === 'POST')

describe('clock', () => {
  const reading = { now: '2027-01-31T12:00:00Z', offsetSeconds: 259_200 }

  it('shows the time and how far it is ahead', async () => {
    answer({ 'GET /certrail/v1/clock': reading })
    expect((await certrail('clock')).stdout).toBe('2027-01-31 12:00 UTC, 3 days ahead of the real clock\n')
  })

  it.each([
    [['30d'], { by: 'P30DT0S' }],
    [['P2W'], { by: 'P14DT0S' }],
    [['PT12H'], { by: 'P0DT43200S' }],
    [['--to', '2027-01-31T12:00:00Z'], { to: '2027-01-31T12:00:00Z' }],
  ])('advance %j sends %j', async (argv, body) => {
    answer({ 'POST /certrail/v1/clock/advance': reading })
    expect(await certrail('clock', 'advance', ...argv)).toMatchObject({ exitCode: 0 })
    expect(lastPost()?.body).toEqual(body)
  })

  it('rounds days, since turning it takes seconds, and says that it is being turned', async () => {
    const turned = { ...reading, offsetSeconds: 60 * 86_400 - 9, target: '2027-03-01T00:00:00Z' }
    answer({ 'GET /certrail/v1/clock': turned })
    expect((await certrail('clock')).stdout).toBe(
      '2027-01-31 12:00 UTC, 60 days ahead of the real clock; it is being turned to 2027-03-01 00:00 UTC\n',
    )
  })

  it('shows how far behind the clock of a seeded sandbox stands', async () => {
    answer({ 'GET /certrail/v1/clock': { now: '2026-01-01T00:00:00Z', offsetSeconds: -40 * 86_400 } })
    expect((await certrail('clock')).stdout).toBe('2026-01-01 00:00 UTC, 40 days behind the real clock\n')
  })

  it.each([
    [['check'], 'live'],
    [['confirm'], 'live'],
    [['advance', '1d'], 'sandbox'],
  ])('%j says that it is for %s mode alone where there is no such thing', async (argv, mode) => {
    answer({})
    const run = await certrail('clock', ...argv)
    expect(run).toMatchObject({ exitCode: 1, stdout: '' })
    expect(run.stderr).toContain(`only for ${mode} mode`)
  })

  it.each([
    [['advance']],
    [['advance', '3d', '--to', '2027-01-31']],
    [['advance', 'soon']],
    [['--to', '2027-01-31']],
  ])('%j is wrong usage', async (argv) => {
    answer({})
    expect(await certrail('clock', ...argv)).toMatchObject({ exitCode: 2, stdout: '' })
  })
})

describe('vetting', () => {
  const path = '/certrail/v1/enrollments/10001/changes/20001/vetting'

  it('sends the decision, a rejection with its reason', async () => {
    answer({ [`POST ${path}`]: {} }, [STAGING])
    expect((await certrail('vetting', 'reject', '10001', '--reason', 'Unknown')).exitCode).toBe(0)
    expect(lastPost()).toMatchObject({ target: path, body: { decision: 'reject', reason: 'Unknown' } })
    expect(await certrail('vetting', 'reject', '10001')).toMatchObject({ exitCode: 2 })
  })

  it('says where the change is when nothing is to be decided', async () => {
    answer({}, [STAGING])
    const run = await certrail('vetting', 'approve', '10001')
    expect(run).toMatchObject({ exitCode: 1 })
    expect(run.stderr).toContain('deploy-cert-to-staging (running), which waits for no vetting')
  })
})

describe('organizations', () => {
  const target = 'GET /certrail/v1/organizations'

  it('shows which ids orgId may name, and until when', async () => {
    const validations = [{ name: 'organization', status: 'active', validatedUntil: '2027-03-04T05:06:07Z' }]
    answer({ [target]: { organizations: [{ id: 42, name: 'Example', country: 'US', validations }] } })
    const { stdout } = await certrail('organizations')
    expect(stdout.split('\n').map((line) => line.trimEnd().split(/ {2,}/))).toEqual([
      ['ID', 'NAME', 'COUNTRY', 'CHECKED', 'UNTIL'],
      ['42', 'Example', 'US', 'active', '2027-03-04 05:06 UTC'],
      [''],
    ])
    const { organizations } = JSON.parse((await certrail('organizations', '--json')).stdout)
    expect(organizations).toEqual([{ id: 42, name: 'Example', country: 'US', validations }])
  })

  it('says how the first one becomes known', async () => {
    answer({ [target]: { organizations: [] } })
    expect((await certrail('organizations')).stdout).toMatch(/^No organizations yet\./)
  })
})

describe('authorities', () => {
  const target = 'GET /certrail/v1/authorities'

  it('shows how each CA stands, and since when or until when', async () => {
    const known = { directory: 'https://ca.example/', validationTypes: ['ov', 'ev'], reason: 'too many' }
    const limited = {
      ...known,
      name: 'a',
      state: 'limited',
      limitedUntil: '2027-03-04T05:06:07Z',
      downSince: null,
    }
    const down = { ...known, name: 'b', state: 'down', limitedUntil: null, downSince: '2027-03-04T05:06:07Z' }
    answer({ [target]: { authorities: [limited, down] } })
    const { stdout } = await certrail('authorities')
    expect(stdout).toContain('until 2027-03-04 05:06 UTC')
    expect(stdout).toContain('since 2027-03-04 05:06 UTC')
    expect(JSON.parse((await certrail('authorities', '--json')).stdout).authorities).toEqual([limited, down])
  })

  it('changes the key of one', async () => {
    const state = { state: 'healthy', limitedUntil: null, downSince: null, reason: null }
    const known = { name: 'le', directory: 'https://ca.example/', validationTypes: ['dv'], ...state }
    answer({ 'POST /certrail/v1/authorities/le/key-rollover': known })
    const { exitCode, stdout } = await certrail('authorities', '--roll-key', 'le', '--force')
    expect([exitCode, stdout]).toEqual([0, 'The account le has another key; the old one is destroyed.\n'])
    expect(lastPost()?.body).toEqual({ force: true })
    answer({ [target]: { authorities: [{ ...known, keyChanging: true }] } })
    expect((await certrail('authorities')).stdout).toContain('a change of its key was begun')
  })

  it('says that the sandbox has none', async () => {
    answer({ [target]: { authorities: [] } })
    expect((await certrail('authorities')).stdout).toContain('has its own CA')
  })
})

describe('revoke', () => {
  const target = 'POST /certrail/v1/enrollments/10001/revocations'

  it('sends the reason, which certificate, and whose key signs', async () => {
    answer({ [target]: { serialNumber: '0a', reason: 'key-compromise' } })
    const options = ['--reason', 'key-compromise', '--serial', '0a', '--by-certificate-key']
    const { exitCode, stdout } = await certrail('revoke', '10001', ...options)
    expect([exitCode, stdout]).toEqual([0, 'Revoked: 0a (key-compromise)\n'])
    expect(lastPost()?.body).toEqual({
      reason: 'key-compromise',
      serialNumber: '0a',
      signedBy: 'certificate',
    })
    expect(await certrail('revoke', '10001', '--reason', 'boredom')).toMatchObject({ exitCode: 2 })
  })
})

describe('reported-keys', () => {
  const target = 'POST /certrail/v1/reported-keys'
  const sha256 = 'ab'.repeat(32)
  const report = { sha256, everywhere: true, note: 'a leak', reportedBy: 'ops' }

  it('reports a key and says where it is in use', async () => {
    answer({ [target]: { ...report, reportedAt: '2027-03-04T05:06:07Z', usedBy: [10_001] } })
    const { exitCode, stdout } = await certrail('reported-keys', 'report', sha256, '--note', 'a leak')
    expect(exitCode).toBe(0)
    expect(stdout).toBe(`Reported: ${sha256}\nIt is in use by enrollment 10001: certrail renew 10001\n`)
    expect(lastPost()?.body).toEqual({ sha256, note: 'a leak' })
    expect(await certrail('reported-keys', 'report')).toMatchObject({ exitCode: 2 })
    expect(await certrail('reported-keys', 'withdraw')).toMatchObject({ exitCode: 2 })
  })

  it('lists them', async () => {
    const reportedKeys = [{ ...report, reportedAt: '2027-03-04T05:06:07Z' }]
    answer({ 'GET /certrail/v1/reported-keys': { reportedKeys } })
    const { stdout } = await certrail('reported-keys')
    for (const word of [sha256, 'all accounts', '2027-03-04 05:06 UTC', 'ops', 'a leak'])
      expect(stdout).toContain(word)
  })
})

describe('clients', () => {
  const edgerc = '[reports]\nhost = localhost\n'
  const credential = {
    clientToken: 'ct-1',
    status: 'active',
    lastUsedAt: '2027-01-31T12:00:00Z',
    expiresAt: null,
  }
  const client = {
    id: 'c-1',
    name: 'pipeline',
    role: 'operator',
    disabled: false,
    expiresAt: null,
    credentials: [credential],
  }
  const path = '/certrail/v1/accounts/A-1/clients'
  const answers = {
    'GET /certrail/v1/account': { id: 'A-1' },
    [`GET ${path}`]: { clients: [client] },
    [`POST ${path}`]: { role: 'operator', edgerc },
    [`POST ${path}/c-1/credentials`]: { role: 'operator', edgerc },
    [`PUT ${path}/c-1`]: { ...client, disabled: true },
    [`DELETE ${path}/c-1/credentials/ct-1`]: {
      ...client,
      credentials: [{ ...credential, status: 'retired' }],
    },
  }
  const last = (method: string) => api.requests.findLast((request) => request.method === method)
  const rowsOf = (stdout: string) =>
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ {2,}/))

  it('create prints the section and nothing else; the account is the one that the caller acts on', async () => {
    answer(answers)
    const run = await certrail('clients', 'create', '--role', 'operator', '--section', 'reports')
    expect(run).toMatchObject({ exitCode: 0, stdout: edgerc })
    expect(lastPost()?.body).toEqual({ role: 'operator', section: 'reports' })
    const ending = ['--expires', '2027-06-01T00:00:00Z', '--account', 'A-1', '--name', 'x']
    await certrail('clients', 'create', '--role', 'read-only', ...ending)
    expect(lastPost()?.body).toEqual({ role: 'read-only', name: 'x', expiresAt: '2027-06-01T00:00:00Z' })
  })

  it('list shows each credential, when it was used last and when it ends', async () => {
    answer(answers)
    expect(rowsOf((await certrail('clients', 'list')).stdout)).toEqual([
      ['ID', 'NAME', 'ROLE', 'STATUS', 'CLIENT TOKEN', 'LAST USED', 'EXPIRES'],
      ['c-1', 'pipeline', 'operator', 'active', 'ct-1', '2027-01-31 12:00 UTC', '-'],
    ])
    expect(JSON.parse((await certrail('clients', 'list', '--json')).stdout).clients).toEqual([client])
  })

  it('rotate prints the section of a second credential; retire ends the first', async () => {
    answer(answers)
    expect(await certrail('clients', 'rotate', 'pipeline', '--section', 'new')).toMatchObject({
      stdout: edgerc,
    })
    expect(lastPost()).toMatchObject({ target: `${path}/c-1/credentials`, body: { section: 'new' } })
    const retired = await certrail('clients', 'retire', 'c-1', '--token', 'ct-1')
    expect(rowsOf(retired.stdout)[1]).toContain('retired')
  })

  it('disable, enable and expire say just that', async () => {
    answer(answers)
    expect(rowsOf((await certrail('clients', 'disable', 'pipeline')).stdout)[1]).toContain('disabled')
    expect(last('PUT')?.body).toEqual({ disabled: true })
    await certrail('clients', 'enable', 'pipeline')
    expect(last('PUT')?.body).toEqual({ disabled: false })
    await certrail('clients', 'expire', 'pipeline', '--expires', 'never')
    expect(last('PUT')?.body).toEqual({ expiresAt: null })
  })

  it.each([
    [['create'], 'create wants --role'],
    [['rotate'], 'rotate wants the id or name'],
    [['list', 'pipeline'], 'list takes no client'],
    [['retire', 'pipeline'], 'retire wants --token'],
    [['disable', 'pipeline', '--role', 'admin'], '--role belongs to create'],
    [['expire', 'pipeline'], 'expire wants --expires'],
    [['expire', 'pipeline', '--expires', 'soon'], '--expires wants a time'],
  ])('%j is wrong usage', async (argv, words) => {
    answer(answers)
    const run = await certrail('clients', ...argv)
    expect([run.exitCode, run.stderr]).toEqual([2, expect.stringContaining(words)])
  })

  it('a name that nobody has, or that two have, is refused', async () => {
    answer({ ...answers, [`GET ${path}`]: { clients: [client, { ...client, id: 'c-2' }] } })
    expect((await certrail('clients', 'rotate', 'pipeline')).stderr).toContain('c-1, c-2')
    expect((await certrail('clients', 'rotate', 'nobody')).stderr).toContain('No such client')
  })
})

describe('history', () => {
  it('puts the validations of all names in one order, newest first', async () => {
    const at = (requestTimestamp: string) => ({ requestTimestamp, status: 'Valid', error: null })
    answer({
      'GET /cps/v2/enrollments/10001/dv-history': {
        results: [
          {
            domain: 'a.example.com',
            domainHistory: [at('2026-03-01T00:00:00Z'), at('2026-01-01T00:00:00Z')],
          },
          { domain: 'b.example.com', domainHistory: [at('2026-02-01T00:00:00Z')] },
        ],
      },
    })
    const { stdout } = await certrail('history', '10001', '--dv')
    expect(
      [...stdout.matchAll(/^2026-0(\d).* (a|b)\.example/gm)].map(([, month, name]) => `${month}${name}`),
    ).toEqual(['3a', '2b', '1a'])
  })

  it('is one history at a time', async () => {
    answer({})
    expect(await certrail('history', '10001', '--dv', '--changes')).toMatchObject({ exitCode: 2 })
  })
})
