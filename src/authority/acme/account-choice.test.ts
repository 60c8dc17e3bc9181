import { describe, expect, it } from 'vitest'
import { accountFor, type AuthorityAccount } from './account-choice.ts'

const account = (name: string, more: Partial<AuthorityAccount> = {}): AuthorityAccount => ({
  name,
  directoryUrl: 'https://ca.example/dir',
  validationTypes: ['ov', 'ev'],
  orgId: null,
  profile: null,
  contacts: [],
  externalAccount: null,
  keyPem: null,
  orderLimit: null,
  ...more,
})
const accounts = [
  account('all'),
  account('second'),
  account('of-7', { orgId: 7 }),
  account('dv', { validationTypes: ['dv'] }),
]

describe('the CA account of an order', () => {
  it.each([
    ['ov', null, 'all'],
    ['ov', 7, 'of-7'],
    ['ev', 8, 'all'],
    ['dv', 7, 'dv'],
  ] as const)('for %s and organisation %s is the account "%s"', (validationType, orgId, name) =>
    expect(accountFor(accounts, { validationType, orgId })?.name).toBe(name),
  )

  it('is none where none is for that validation', () =>
    expect(accountFor([account('all')], { validationType: 'dv', orgId: null })).toBeNull())
})
