import { describe, expect, it } from 'vitest'
import { SEED_EXAMPLE } from './config-document.ts'
import { readSeed } from './seed.ts'

const client = {
  account: 'A-1',
  role: 'operator',
  clientToken: 'ct-1',
  clientSecret: 'secret-1',
  accessToken: 'at-1',
}
const accounts = [{ id: 'A-1', name: 'One' }]
const findingsOf = (given: unknown) => readSeed(given).findings.map(({ name }) => name)

describe('seed of certrail.config.json', () => {
  it('is nothing when it is left out', () => {
    expect([readSeed(undefined), readSeed(null)]).toEqual([
      { seed: null, findings: [] },
      { seed: null, findings: [] },
    ])
  })

  it('accepts the example of docs/config.md and puts the switch key at its account', () => {
    const { seed, findings } = readSeed(SEED_EXAMPLE.seed)
    expect(findings).toEqual([])
    expect(seed?.accounts).toEqual([{ id: 'A-EXAMPLE', name: 'Example', switchKey: '1-ABC:1-8BYUX' }])
    expect(seed?.clients[0]).toEqual({ ...SEED_EXAMPLE.seed.clients[0], switchKeys: [] })
  })

  it('fills in what is left out: no lists, the first account, no name', () => {
    const ofFirst = { ...client, account: undefined }
    expect(readSeed({ contracts: [{ id: 'C-1' }], clients: [ofFirst] }).seed).toEqual({
      accounts: [],
      contracts: [{ id: 'C-1', account: null }],
      clients: [{ ...client, account: null, name: null, switchKeys: [] }],
    })
  })

  it.each([
    ['a member that is none', { accounts, users: [] }, 'seed'],
    ['an unknown member of a client', { accounts, clients: [{ ...client, secret: 'x' }] }, 'seed.clients[0]'],
    ['an unknown role', { accounts, clients: [{ ...client, role: 'root' }] }, 'seed.clients[0].role'],
    [
      'a client without secret',
      { accounts, clients: [{ ...client, clientSecret: undefined }] },
      'seed.clients[0].clientSecret',
    ],
    ['an id with spaces', { contracts: [{ id: 'C 1' }] }, 'seed.contracts[0].id'],
    [
      'a line break that would add to an edgerc',
      { accounts, clients: [{ ...client, accessToken: 'a\nb' }] },
      'seed.clients[0].accessToken',
    ],
    [
      'an account that is not of the seed',
      { contracts: [{ id: 'C-1', account: 'A-2' }] },
      'seed.contracts[0].account',
    ],
    ['the same account twice', { accounts: [...accounts, ...accounts] }, 'seed.accounts'],
    ['the same contract twice', { contracts: [{ id: 'C-1' }, { id: 'C-1' }] }, 'seed.contracts'],
    ['the same client token twice', { accounts, clients: [client, client] }, 'seed.clients'],
    [
      'two switch keys of one account',
      {
        accounts: [{ id: 'A-1', name: 'One', switchKey: 'k' }],
        switchKeys: [{ switchKey: 'l', account: 'A-1' }],
      },
      'seed.switchKeys',
    ],
    [
      'one switch key of two accounts',
      {
        accounts: [
          { id: 'A-1', name: 'One', switchKey: 'k' },
          { id: 'A-2', name: 'Two', switchKey: 'k' },
        ],
      },
      'seed.switchKeys',
    ],
    ['no object', [], 'seed'],
  ])('refuses %s and names the place', (_, given, place) => {
    expect(findingsOf(given)).toEqual([place])
  })
})
