import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { instant } from '../../src/domain/time.ts'
import type { AccountId } from '../../src/domain/identifiers.ts'
import { createPublishedNames } from '../../src/store/published-names.ts'
import { dnsChallengeValue } from '../../src/validation/dns-look.ts'
import { openStore, type StoreUnderTest, T0 } from '../support/store-under-test.ts'

let under: StoreUnderTest
let owner: AccountId
let stranger: AccountId
let number = 0
beforeAll(async () => {
  under = await openStore()
  owner = await under.newAccount()
  stranger = await under.newAccount()
})
afterAll(() => under.close())

/** A domain that no other test uses. */
const domain = () => `d${(number += 1)}.example`
const claim = (account: AccountId, names: readonly string[]) =>
  under.store.transaction((tx) => tx.enrollments.claimNames(account, names))

describe('a name that an enrollment asks for', () => {
  it.each([
    ['www', 'www', true],
    ['www', '*', true],
    ['*', 'www', true],
    ['*', '*', true],
    ['www', 'api', false],
  ])('%s is taken for another account that asks for %s: %s', async (held, asked, isTaken) => {
    const base = domain()
    await under.newEnrollment(owner, [`${held}.${base}`])
    const free = `free.${domain()}`
    expect(await claim(stranger, [free, `${asked}.${base}`])).toBe(isTaken ? `${asked}.${base}` : null)
  })

  it('is no obstacle for its own account, and shows as an overlap there', async () => {
    const base = domain()
    const first = await under.newEnrollment(owner, [`*.${base}`])
    const names = [`a.${base}`, `a.b.${base}`, base]
    expect(await claim(owner, names)).toBeNull()
    const second = await under.newEnrollment(owner, names)
    const overlaps = await under.store.read.enrollments.overlappingNames(owner, second.id, names)
    expect(overlaps).toEqual([{ name: `a.${base}`, secureNetwork: 'enhanced-tls' }])
    expect(await under.store.read.enrollments.overlappingNames(owner, first.id, [`*.${base}`])).toEqual([
      { name: `*.${base}`, secureNetwork: 'enhanced-tls' },
    ])
  })

  it('shows as an overlap once for each network that other enrollments of the account serve it on', async () => {
    const name = `a.${domain()}`
    const standard = await under.newEnrollment(owner, [name])
    const networkConfiguration = {
      ...standard.settings.networkConfiguration,
      secureNetwork: 'standard-tls' as const,
    }
    const settings = { ...standard.settings, networkConfiguration }
    expect(await under.store.read.enrollments.save({ ...standard, settings })).toBe(true)
    await under.newEnrollment(owner, [name])
    await under.newEnrollment(owner, [name])
    const asking = await under.newEnrollment(owner, [name])
    const overlaps = await under.store.read.enrollments.overlappingNames(owner, asking.id, [name])
    expect(overlaps.map(({ secureNetwork }) => secureNetwork).toSorted()).toEqual([
      'enhanced-tls',
      'standard-tls',
    ])
    expect(await under.store.read.enrollments.overlappingNames(stranger, asking.id, [name])).toEqual([])
  })

  it('does not cover the domain itself, nor what is deeper', async () => {
    const base = domain()
    await under.newEnrollment(owner, [`*.${base}`])
    expect(await claim(stranger, [base, `a.b.${base}`])).toBeNull()
  })

  it('stays when the enrollment asks for others besides', async () => {
    const base = domain()
    const { id } = await under.newEnrollment(owner, [`a.${base}`])
    await under.store.read.enrollments.recordNames(owner, id, [`a.${base}`, `b.${base}`])
    expect(await claim(stranger, [`a.${base}`])).toBe(`a.${base}`)
    expect(await claim(stranger, [`b.${base}`])).toBe(`b.${base}`)
  })

  it('is free again when its enrollment is removed, which nobody finds any more', async () => {
    const base = domain()
    const enrollment = await under.newEnrollment(owner, [`a.${base}`])
    const common = () => under.store.read.enrollments.hasCommonName(owner, enrollment.contractId, `a.${base}`)
    expect(await common()).toBe(true)
    await under.store.transaction((tx) => tx.lifecycle.remove(enrollment.id, enrollment.createdAt))
    expect(await claim(stranger, [`a.${base}`])).toBeNull()
    expect(await common()).toBe(false)
    expect(await under.store.read.enrollments.find(owner, enrollment.id)).toBeNull()
  })
})

describe('claims at once', () => {
  it.each([
    ['of the same name', (base: string) => [`a.${base}`], (base: string) => [`a.${base}`]],
    ['of a wildcard and a name below it', (base: string) => [`*.${base}`], (base: string) => [`a.${base}`]],
  ])('%s: the second waits for the first and is refused', async (_, first, second) => {
    const base = domain()
    const other = under.anotherProcess('names').store
    const rival = await under.store.transaction(async (tx) => {
      expect(await tx.enrollments.claimNames(owner, first(base))).toBeNull()
      let isAnswered = false
      const answer = other
        .transaction((later) => later.enrollments.claimNames(stranger, second(base)))
        .finally(() => {
          isAnswered = true
        })
      // A later statement of this transaction: had the rival not waited, it would have been answered before.
      await awaitWaiting()
      expect(isAnswered).toBe(false)
      const { id } = await under.newEnrollment(owner, [domain()])
      await tx.enrollments.recordNames(owner, id, first(base))
      return { answer }
    })
    expect(await rival.answer).toBe(second(base)[0])
  })

  it('of many names in any order all come to an end', async () => {
    const bases = Array.from({ length: 6 }, domain)
    const names = bases.map((base) => `a.${base}`)
    const rotated = names.map((_, index) => [...names.slice(index), ...names.slice(0, index)])
    const verdicts = await Promise.all(
      rotated.flatMap((order) => [claim(owner, order), claim(stranger, order.toReversed())]),
    )
    expect(verdicts).toEqual(verdicts.map(() => null))
  })

  async function awaitWaiting(): Promise<void> {
    for (;;) {
      const { rowCount } = await under.pool.query(
        `select from pg_locks where locktype = 'advisory' and not granted
           and database = (select oid from pg_database where datname = current_database())`,
      )
      if (rowCount === 1) return
    }
  }
})

it('an enrollment is saved by compare-and-swap', async () => {
  const enrollment = await under.newEnrollment(owner, [domain()])
  const saves = await Promise.all(
    Array.from({ length: 8 }, () => under.store.read.enrollments.save(enrollment)),
  )
  expect(saves.filter(Boolean)).toHaveLength(1)
})

it('an enrollment does not exist for another account', async () => {
  const enrollment = await under.newEnrollment(owner, [domain()])
  const { enrollments } = under.store.read
  expect(await enrollments.find(owner, enrollment.id)).toEqual(enrollment)
  expect(await enrollments.find(stranger, enrollment.id)).toBeNull()
  expect((await enrollments.list(stranger, null)).map(({ id }) => id)).not.toContain(enrollment.id)
})

describe('published names', () => {
  const published = () => createPublishedNames(under.db, dnsChallengeValue)

  it('are enrolled exactly, by their wildcard, or as what a wildcard stands above', async () => {
    const base = domain()
    await under.newEnrollment(owner, [`exact.${base}`, `*.wild.${base}`])
    const asked = [
      ...[`exact.${base}`, `a.wild.${base}`, `wild.${base}`, `*.wild.${base}`],
      ...[base, `other.${base}`, `a.b.wild.${base}`],
    ]
    expect([...(await published().enrolledAmong(asked))]).toEqual(asked.slice(0, 4))
    expect(await published().enrolledAmong([])).toEqual(new Set())
  })

  it('know what lies above an enrolled name, label by label and letter by letter', async () => {
    const base = domain()
    await under.newEnrollment(owner, [`www.deep.${base}`, `*.wild.${base}`])
    const above = async (name: string) => published().isAboveEnrolled(name)
    expect(await Promise.all([`deep.${base}`, base].map(above))).toEqual([true, true])
    const others = [`www.deep.${base}`, `eep.${base}`, `%.${base}`, `dee_.${base}`]
    expect(await Promise.all(others.map(above))).toEqual(others.map(() => false))
  })

  it('answer with challenges while they are published, under the name without its star', async () => {
    const base = domain()
    const change = await under.newChange()
    const challenge = { status: 'pending', error: null, records: [] } as const
    const { validations } = under.store.read
    const save = (generation: number, http: string, dns: string) =>
      validations.save([
        {
          changeId: change.id,
          enrollmentId: change.enrollmentId,
          accountId: change.accountId,
          domain: `*.${base}`,
          generation,
          status: 'awaiting',
          error: null,
          challenges: [
            { ...challenge, type: 'http-01', token: http, keyAuthorization: `${http}.k` },
            { ...challenge, type: 'dns-01', token: dns, keyAuthorization: `${dns}.k` },
          ],
          published: false,
          requestedAt: change.createdAt,
          validatedAt: null,
          expiresAt: null,
        },
      ])
    await save(1, 'lost', 'gone')
    await save(2, 'h', 'd')
    expect(await published().httpChallenge(base, 'h')).toBeNull()
    await validations.setPublished(change.id, true)
    expect(await published().httpChallenge(base, 'h')).toBe('h.k')
    expect(await published().httpChallenge(base, 'd')).toBeNull()
    expect(await published().httpChallenge(null, 'h')).toBe('h.k')
    expect(await published().httpChallenge(null, 'd')).toBeNull()
    expect(await published().httpChallenge(null, 'another')).toBeNull()
    // What a new generation has taken the place of is answered no more.
    expect(await published().httpChallenge(base, 'lost')).toBeNull()
    expect(await published().httpChallenge(null, 'lost')).toBeNull()
    // SHA-256 of `d.k`, base64url (RFC 8555 section 8.4).
    expect(await published().textRecords(`_acme-challenge.${base}`)).toEqual([DIGEST])
    expect(await published().textRecords(base)).toEqual([])
    await validations.setPublished(change.id, false)
    expect(await published().textRecords(`_acme-challenge.${base}`)).toEqual([])
  })

  it('answer tls-alpn-01 for the very name alone, with its newest token', async () => {
    const base = domain()
    const { validations } = under.store.read
    const prove = async (name: string, keyAuthorization: string, requestedAt: number) => {
      const change = await under.newChange()
      const record = {
        changeId: change.id,
        enrollmentId: change.enrollmentId,
        accountId: change.accountId,
        domain: name,
        generation: 1,
        status: 'awaiting',
        error: null,
        challenges: [
          { type: 'tls-alpn-01', token: 't', keyAuthorization, status: 'pending', error: null, records: [] },
        ],
        published: true,
        requestedAt: instant(requestedAt),
        validatedAt: null,
        expiresAt: null,
      } as const
      await validations.save([record])
      return change
    }
    await prove(base, 'newer.k', T0 + 1_000)
    await prove(base, 'older.k', T0)
    const wild = await prove(`*.w.${base}`, 'wild.k', T0)
    expect(await published().tlsChallenge(base)).toBe('newer.k')
    expect(await published().tlsChallenge(`w.${base}`)).toBeNull()
    await validations.setPublished(wild.id, false)
    expect(await published().tlsChallenge(`other.${base}`)).toBeNull()
  })
})

const DIGEST = 'NkTf5VF4KLxYfy4ZS1SZ8WEypzzSUTrAv5xBkFW4tZY'
