import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AuthorityAccount } from '../../src/authority/acme/account-choice.ts'
import { type AuthorityHealth, createAuthorityHealth } from '../../src/authority/acme/authority-health.ts'
import type { AccountReference, AcmeBooks } from '../../src/authority/acme/books.ts'
import { AcmeRefusal, readProblem } from '../../src/authority/acme/problem.ts'
import { standings } from '../../src/authority/acme/standings.ts'
import { HOUR, type Instant, MINUTE, plus, SECOND } from '../../src/domain/time.ts'
import { Problem } from '../../src/errors/problem.ts'
import { createAcmeBooks } from '../../src/store/acme-books.ts'
import { openStore, T0 } from '../support/store-under-test.ts'

const DIRECTORY = 'https://ca.example/dir'

describe('the health of CA accounts, over PostgreSQL', () => {
  let under: Awaited<ReturnType<typeof openStore>>
  let books: AcmeBooks
  let now: Instant = T0
  const clock = { now: () => now }
  /** As another process, or this one after a restart, has it. */
  const health = (): AuthorityHealth => createAuthorityHealth({ books, clock })

  beforeAll(async () => {
    under = await openStore()
    books = createAcmeBooks(under.db)
  })
  afterAll(() => under?.close())

  const account = async (name: string): Promise<AccountReference> => {
    const reference = { name, directoryUrl: DIRECTORY }
    await books.insertAccount(
      { ...reference, sealedKey: Buffer.from(name), sealedNextKey: null, accountUrl: null },
      now,
    )
    return reference
  }
  const shown = async ({ name, directoryUrl }: AccountReference) => {
    const accounts: AuthorityAccount[] = [
      {
        name,
        directoryUrl,
        validationTypes: ['dv'],
        orgId: null,
        profile: null,
        contacts: [],
        externalAccount: null,
        keyPem: null,
        orderLimit: null,
      },
    ]
    const [standing] = await standings({ accounts, books, clock })
    return standing
  }
  const refusal = (type: string, status: number, retryAfterSeconds: number | null = null): AcmeRefusal => {
    const problem = readProblem(
      { type: `urn:ietf:params:acme:error:${type}`, detail: 'its own words' },
      status,
    )
    if (problem === null) throw new Error('no problem')
    return new AcmeRefusal(problem, retryAfterSeconds)
  }
  const fails = (one: AuthorityHealth, reference: AccountReference, error: unknown): Promise<unknown> =>
    one.during(reference, () => Promise.reject(error)).catch((thrown: unknown) => thrown)

  it('offers a name that was refused four times within an hour no more before the hour is over; other names and accounts have budgets of their own', async () => {
    const [one, other] = [await account('budget'), await account('other-budget')]
    const begun = now
    for (let failure = 0; failure < 4; failure += 1) {
      await health().requireFailureBudget(one, 'bad.example')
      await books.noteFailure(one, 'bad.example', now)
      now = plus(now, MINUTE)
    }
    const refused = await health()
      .requireFailureBudget(one, 'bad.example')
      .catch((thrown: unknown) => thrown)
    expect(refused).toMatchObject({ code: 'authority-unavailable', retryAfterSeconds: 56 * 60 })
    expect(String(refused)).toContain('bad.example 4 times')
    await health().requireFailureBudget(one, 'good.example')
    await health().requireFailureBudget(other, 'bad.example')
    now = plus(begun, HOUR + SECOND)
    await health().requireFailureBudget(one, 'bad.example')
  })

  it('is down since the first request that was not answered, says why, and is healthy at the next answer, a refusal too', async () => {
    const reference = await account('down')
    const process = health()
    const since = now
    const unreachable = new Problem('authority-unavailable', { detail: 'ca.example could not be asked.' })
    expect(await fails(process, reference, unreachable)).toBe(unreachable)
    now = plus(now, MINUTE)
    await fails(process, reference, new Problem('authority-unavailable', { detail: 'Still not.' }))
    const down = { state: 'down', downSince: since, reason: 'ca.example could not be asked.' }
    expect(await shown(reference)).toMatchObject(down)
    const restarted = health()
    await fails(restarted, reference, refusal('badCSR', 400))
    expect(await shown(reference)).toMatchObject({ state: 'healthy', downSince: null, reason: null })
  })

  it('takes a fault of the CA itself for no refusal: it is down, and what was asked is asked again', async () => {
    const reference = await account('fault')
    const process = health()
    const thrown = await fails(process, reference, refusal('serverInternal', 500, 7))
    expect(thrown).toMatchObject({ code: 'authority-unavailable', retryAfterSeconds: 7 })
    expect(await shown(reference)).toMatchObject({
      state: 'down',
      reason: expect.stringContaining('its own words'),
    })
    expect(await process.during(reference, async () => 'answered')).toBe('answered')
    expect(await shown(reference)).toMatchObject({ state: 'healthy' })
  })

  it('orders nothing of a CA that wants a person to act, in no process, asks once an hour, and goes on when it is done', async () => {
    const reference = await account('action')
    const since = now
    const wanted = {
      instructionsUrl: 'https://ca.example/agree',
      termsUrl: 'https://ca.example/terms',
    }
    const problem = readProblem(
      { type: 'urn:ietf:params:acme:error:userActionRequired', detail: 'New terms.' },
      403,
    )
    const refused = new AcmeRefusal(problem as NonNullable<typeof problem>, null, wanted)
    const [one, other] = [health(), health()]
    await other.during(reference, async () => undefined)
    const thrown = await fails(one, reference, refused)
    expect(thrown).toMatchObject({ code: 'authority-action-required', retryAfterSeconds: 3_600 })
    expect(String(thrown)).toContain('certrail authorities --agreed action')
    const action = { since, ...wanted }
    expect(await shown(reference)).toMatchObject({ state: 'action-required', action })

    let asked = 0
    const work = async () => (asked += 1)
    const held = { code: 'authority-action-required' }
    now = plus(now, 59 * MINUTE)
    await expect(one.during(reference, work)).rejects.toMatchObject(held)
    await expect(health().during(reference, work)).rejects.toMatchObject(held)
    // Renewal information and revocation do not wait for it.
    await one.during(reference, work, { needsAccount: false })
    expect(asked).toBe(1)
    now = plus(now, MINUTE)
    await fails(one, reference, refused)
    expect(await shown(reference)).toMatchObject({ state: 'action-required', action })
    // By the process that the operator talks to.
    await other.noteAgreed(reference)
    await one.during(reference, work)
    expect(asked).toBe(2)
    expect(await shown(reference)).toMatchObject({ state: 'healthy', action: null, reason: null })
    // Nobody said so, but the CA does it again.
    await fails(one, reference, refused)
    now = plus(now, HOUR)
    await one.during(reference, work)
    expect(await shown(reference)).toMatchObject({ state: 'action-required' })
    await one.noteDone(reference)
    expect(await shown(reference)).toMatchObject({ state: 'healthy' })
  })

  it.each([
    ['rateLimited', 429, 90, 90 * SECOND],
    ['rateLimited', 429, null, 15 * MINUTE],
    ['serverInternal', 503, 30, 30 * SECOND],
  ])(
    'asks nothing more of a CA that answered %s, %i, Retry-After %s before the time has come, after a restart neither',
    async (type, status, seconds, waitMs) => {
      const reference = await account(`limited-${type}-${seconds}`)
      const until = plus(now, waitMs)
      await fails(health(), reference, refusal(type, status, seconds))
      expect(await shown(reference)).toMatchObject({ state: 'limited', limitedUntil: until })
      let asked = 0
      const work = async () => (asked += 1)
      const restarted = health()
      const waiting = await restarted.during(reference, work).catch((thrown: unknown) => thrown)
      expect(waiting).toMatchObject({ code: 'authority-unavailable', retryAfterSeconds: waitMs / SECOND })
      expect(asked).toBe(0)
      now = plus(until, SECOND)
      await restarted.during(reference, work)
      expect(asked).toBe(1)
      expect(await shown(reference)).toMatchObject({ state: 'healthy', limitedUntil: null })
    },
  )
})
