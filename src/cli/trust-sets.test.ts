import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommandLine } from '../../test/support/command-line.ts'
import { type FakeApi, startFakeApi } from '../../test/support/fake-api.ts'

const SETS = '/certrail/v1/trust-chain-sets'
const SET = {
  id: '10001',
  name: 'Partners',
  active: { staging: 2, production: 1 },
  createdAt: '2027-01-31T12:00:00Z',
  revisions: [
    {
      revision: 1,
      createdBy: 'somebody',
      createdAt: '2027-01-31T12:00:00Z',
      certificates: [
        {
          subject: 'CN=Root',
          fingerprint: 'ab'.repeat(32),
          notAfter: '2030-01-31T12:00:00Z',
          certificate: '',
        },
      ],
    },
  ],
  enrollments: [10_002],
}

let api: FakeApi
let pem: string
beforeAll(async () => {
  api = await startFakeApi()
  pem = join(api.home, 'authorities.pem')
  await writeFile(pem, 'PEM text')
  api.answerWith(async ({ method, target }) => {
    if (method === 'DELETE') return { status: 204, body: null }
    return { body: target === SETS && method === 'GET' ? { trustChainSets: [SET] } : SET }
  })
})
afterAll(() => api.close())

const certrail = (...argv: string[]) => runCommandLine(['trust-sets', ...argv], { home: api.home })
const last = () => api.requests.at(-1)

describe('trust-sets', () => {
  it('lists what there is and which revision each network enforces', async () => {
    const { stdout } = await certrail()
    expect(stdout).toMatch(/10001 +Partners +revision 2 +revision 1/)
    expect(JSON.parse((await certrail('list', '--json')).stdout).trustChainSets).toHaveLength(1)
  })

  it('shows the authorities of each revision', async () => {
    const { stdout } = await certrail('show', '10001')
    expect(stdout).toMatch(/named by +10002/)
    expect(stdout).toMatch(/1 +CN=Root +abababababababab/)
  })

  it.each([
    [['create', '--name', 'Partners'], SETS, { name: 'Partners', certificates: 'PEM text' }],
    [['create', 'own', '--name', 'P'], SETS, { id: 'own', name: 'P', certificates: 'PEM text' }],
    [['revise', '10001'], `${SETS}/10001/revisions`, { certificates: 'PEM text' }],
  ])('%j sends the file', async (argv, target, body) => {
    expect(await certrail(...argv, '--cert', pem)).toMatchObject({ exitCode: 0 })
    expect(last()).toMatchObject({ method: 'POST', target, body })
    expect(await certrail(...argv)).toMatchObject({ exitCode: 2 })
  })

  it('activates a revision on a network, and removes a set', async () => {
    const argv = ['activate', '10001', '--network', 'staging', '--revision', '2']
    expect(await certrail(...argv)).toMatchObject({ exitCode: 0 })
    expect(last()).toMatchObject({
      target: `${SETS}/10001/activations`,
      body: { network: 'staging', revision: 2 },
    })
    expect((await certrail('remove', '10001')).stdout).toContain('10001 is removed')
    expect(last()).toMatchObject({ method: 'DELETE', target: `${SETS}/10001` })
  })

  it.each([
    [['show']],
    [['activate', '10001', '--network', 'staging']],
    [['activate', '10001', '--network', 'staging', '--revision', 'two']],
    [['activate', '10001', '--network', 'elsewhere', '--revision', '2']],
    [['create', '--name', 'x', '--cert', '/nowhere.pem']],
    [['paint']],
  ])('%j is wrong usage', async (argv) => {
    expect(await certrail(...argv)).toMatchObject({ exitCode: 2, stdout: '' })
  })
})
