import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AccountId } from '../../src/domain/identifiers.ts'
import type { TrustChainSetRecord } from '../../src/ports/trust-chain-sets.ts'
import { createEdgeWishes } from '../../src/store/edge-wishes.ts'
import { dvSettings } from '../support/settings.ts'
import { openStore, type StoreUnderTest, T0 } from '../support/store-under-test.ts'

let under: StoreUnderTest
let owner: AccountId
let stranger: AccountId
beforeAll(async () => {
  under = await openStore()
  owner = await under.newAccount()
  stranger = await under.newAccount()
})
afterAll(() => under.close())

const sets = () => under.store.read.trustChainSets
const revision = (accountId: AccountId, setId: string, number: number, ...certificates: string[]) => ({
  accountId,
  setId,
  revision: number,
  certificates,
  createdBy: 'somebody',
  realCreatedAt: T0,
})

async function make(id: string, account = owner): Promise<TrustChainSetRecord> {
  const active = { staging: 1, production: 1 }
  const set = { accountId: account, id, name: `Set ${id}`, active, realCreatedAt: T0 }
  expect(await sets().insert(set, revision(account, id, 1, `first of ${id}`))).toBe(true)
  return set
}

const mutual = (setId: string) => {
  const settings = dvSettings('www.mutual.example')
  const clientMutualAuthentication = { setId, authenticationOptions: null }
  return {
    ...settings,
    networkConfiguration: { ...settings.networkConfiguration, clientMutualAuthentication },
  }
}

describe('a trust-chain set', () => {
  it('is known by its id within its account, where it is made once', async () => {
    const set = await make('same')
    await make('same', stranger)
    expect(await sets().insert(set, revision(owner, 'same', 1, 'again'))).toBe(false)
    expect(await sets().find(owner, 'same')).toEqual(set)
    expect(await under.store.transaction((tx) => tx.trustChainSets.take(owner, 'same'))).toEqual(set)
    expect((await sets().list(owner)).map(({ accountId }) => accountId)).toEqual([owner])
    expect((await sets().revisions(owner, 'same')).map(({ certificates }) => certificates)).toEqual([
      ['first of same'],
    ])
  })

  it('is enforced by each network in the revision that is active there', async () => {
    await make('revised')
    await sets().addRevision(revision(owner, 'revised', 2, 'second', 'third'))
    const wishes = createEdgeWishes(under.db)
    const enforced = async (network: 'staging' | 'production') =>
      (await wishes.trustSet(network, owner, 'revised'))?.certificates
    expect([await enforced('staging'), await enforced('production')]).toEqual([
      ['first of revised'],
      ['first of revised'],
    ])
    await sets().activate(owner, 'revised', 'staging', 2)
    expect([await enforced('staging'), await enforced('production')]).toEqual([
      ['second', 'third'],
      ['first of revised'],
    ])
    expect((await sets().find(owner, 'revised'))?.active).toEqual({ staging: 2, production: 1 })
    expect(await wishes.trustSet('staging', stranger, 'revised')).toBeNull()
  })

  it('is referred to by settings, by those of an open change and by what is served', async () => {
    await make('wanted')
    const enrollment = await under.newEnrollment(owner)
    expect(await sets().referencesTo(owner, 'wanted')).toEqual([])
    await under.newChange(enrollment, { settings: mutual('wanted') })
    expect(await sets().referencesTo(owner, 'wanted')).toEqual([enrollment.id])
    const settled = await under.newEnrollment(owner)
    await under.store.read.enrollments.save({ ...settled, settings: mutual('wanted') })
    expect(await sets().referencesTo(owner, 'wanted')).toEqual(
      [enrollment.id, settled.id].toSorted((one, other) => one - other),
    )
    expect(await sets().referencesTo(stranger, 'wanted')).toEqual([])
  })

  it('is gone with its revisions', async () => {
    await make('gone')
    await sets().remove(stranger, 'gone')
    expect(await sets().find(owner, 'gone')).not.toBeNull()
    await sets().remove(owner, 'gone')
    expect([await sets().find(owner, 'gone'), await sets().revisions(owner, 'gone')]).toEqual([null, []])
  })
})
