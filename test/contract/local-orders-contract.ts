import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LocalOrder, LocalOrders } from '../../src/authority/local/orders.ts'
import type { AccountId, ChangeId, EnrollmentId } from '../../src/domain/identifiers.ts'
import { DAY, type Instant, instant, plus } from '../../src/domain/time.ts'
import type { Authorization } from '../../src/ports/certificate-authority.ts'

export interface LocalOrdersUnderTest {
  readonly orders: LocalOrders
  /** Rows that an implementation may need before it can keep an order. */
  newAccount(): Promise<AccountId>
  newChange(
    accountId: AccountId,
  ): Promise<{ readonly enrollmentId: EnrollmentId; readonly changeId: ChangeId }>
  close(): Promise<void>
}

const T0: Instant = instant(1_795_000_000_000)
const CERTIFICATE = { certificatePem: 'leaf', chainPem: 'chain' }

const pending = (identifier: string): Authorization => ({
  identifier,
  status: 'pending',
  expires: plus(T0, 7 * DAY),
  challenges: [
    {
      type: 'http-01',
      token: `h-${identifier}`,
      keyAuthorization: `h-${identifier}.t`,
      status: 'pending',
      error: null,
    },
    {
      type: 'dns-01',
      token: `d-${identifier}`,
      keyAuthorization: `d-${identifier}.t`,
      status: 'pending',
      error: null,
    },
  ],
})

const valid = (identifier: string, expires: Instant): Authorization => ({
  ...pending(identifier),
  status: 'valid',
  expires,
})

/** What every implementation of `LocalOrders` keeps. `setUp` gives an empty one. */
export function localOrdersContract(name: string, setUp: () => Promise<LocalOrdersUnderTest>): void {
  describe(`local orders: ${name}`, () => {
    let subject: LocalOrdersUnderTest
    let orders: LocalOrders
    let order: LocalOrder
    let nextId = 0

    const orderFor = async (accountId: AccountId, more: Partial<LocalOrder> = {}): Promise<LocalOrder> => ({
      id: `00000000-0000-4000-8000-${String(++nextId).padStart(12, '0')}`,
      ...(await subject.newChange(accountId)),
      generation: 1,
      accountId,
      validationType: 'dv',
      identifiers: ['a.example', '*.a.example'],
      subject: { cn: 'a.example', o: 'Ä GmbH', ou: null },
      createdAt: T0,
      authorizations: [pending('a.example'), pending('*.a.example')],
      abandoned: false,
      certificate: null,
      ...more,
    })

    beforeEach(async () => {
      subject = await setUp()
      orders = subject.orders
      order = await orderFor(await subject.newAccount())
    })
    afterEach(() => subject.close())

    it('finds nothing for a change without an order', async () => {
      expect(await orders.find(order.changeId)).toBeNull()
    })

    it('gives back an order as it was inserted', async () => {
      expect(await orders.insert(order)).toEqual(order)
      expect(await orders.find(order.changeId)).toEqual(order)
    })

    it('keeps one order per change and generation: the second one gets the first', async () => {
      await orders.insert(order)
      const second = { ...order, id: (await orderFor(order.accountId)).id }
      expect((await orders.insert(second)).id).toBe(order.id)
      expect((await orders.find(order.changeId))?.id).toBe(order.id)
    })

    it('lets one of many win who insert at once, and tells all of them which', async () => {
      const rivals = await Promise.all(
        Array.from({ length: 8 }, async () => ({ ...order, id: (await orderFor(order.accountId)).id })),
      )
      const outcomes = await Promise.all(rivals.map((rival) => orders.insert(rival)))
      expect(new Set(outcomes.map(({ id }) => id)).size).toBe(1)
      expect((await orders.find(order.changeId))?.id).toBe(outcomes[0]?.id)
    })

    it('replaces a pending authorization and leaves the others alone', async () => {
      await orders.insert(order)
      const proven = valid('a.example', plus(T0, 30 * DAY))
      expect(await orders.saveAuthorization(order.id, proven)).toEqual(proven)
      expect((await orders.find(order.changeId))?.authorizations).toEqual([proven, pending('*.a.example')])
    })

    it('keeps a verdict for good (RFC 8555 section 7.1.6)', async () => {
      await orders.insert(order)
      const failed: Authorization = { ...pending('a.example'), status: 'invalid' }
      await orders.saveAuthorization(order.id, failed)
      expect(await orders.saveAuthorization(order.id, valid('a.example', plus(T0, DAY)))).toEqual(failed)
      expect((await orders.find(order.changeId))?.authorizations[0]).toEqual(failed)
    })

    it('keeps verdicts on different names that come at once', async () => {
      await orders.insert(order)
      await Promise.all(
        order.identifiers.map((name) => orders.saveAuthorization(order.id, valid(name, plus(T0, DAY)))),
      )
      const statuses = (await orders.find(order.changeId))?.authorizations.map(({ status }) => status)
      expect(statuses).toEqual(['valid', 'valid'])
    })

    it('says null for a verdict or certificate of what it does not know', async () => {
      expect(await orders.saveCertificate(order.id, CERTIFICATE)).toBeNull()
      await orders.insert(order)
      expect(await orders.saveAuthorization(order.id, pending('b.example'))).toBeNull()
    })

    it('keeps the first certificate of an order and returns it to whoever comes later', async () => {
      await orders.insert(order)
      expect(await orders.saveCertificate(order.id, CERTIFICATE)).toEqual(CERTIFICATE)
      expect(await orders.saveCertificate(order.id, { certificatePem: 'other', chainPem: '' })).toEqual(
        CERTIFICATE,
      )
      expect((await orders.find(order.changeId))?.certificate).toEqual(CERTIFICATE)
    })

    it('lets one of many certificates win that come at once', async () => {
      await orders.insert(order)
      const outcomes = await Promise.all(
        Array.from({ length: 8 }, (_, n) =>
          orders.saveCertificate(order.id, { certificatePem: `${n}`, chainPem: '' }),
        ),
      )
      expect(new Set(outcomes.map((outcome) => outcome?.certificatePem)).size).toBe(1)
    })

    it('marks an order as given up, as often as asked, and knows no error for an unknown change', async () => {
      await orders.abandon(order.changeId)
      await orders.insert(order)
      await orders.abandon(order.changeId)
      await orders.abandon(order.changeId)
      expect((await orders.find(order.changeId))?.abandoned).toBe(true)
    })

    it('finds the next generation once there is one', async () => {
      await orders.insert(order)
      await orders.abandon(order.changeId)
      const next = { ...order, id: (await orderFor(order.accountId)).id, generation: 2 }
      await orders.insert(next)
      expect(await orders.find(order.changeId)).toEqual(next)
    })

    it('finds valid authorizations of the account, the longest-lived one per name', async () => {
      const short = valid('a.example', plus(T0, 10 * DAY))
      const long = valid('a.example', plus(T0, 20 * DAY))
      await orders.insert({ ...order, authorizations: [short, pending('*.a.example')] })
      await orders.insert(await orderFor(order.accountId, { authorizations: [long] }))
      const found = await orders.validAuthorizations(
        order.accountId,
        ['a.example', '*.a.example', 'b.example'],
        T0,
      )
      expect(found).toEqual([long])
    })

    it('finds no authorization that has ended, of another account, or that nobody looked at', async () => {
      const proven = valid('a.example', plus(T0, 10 * DAY))
      await orders.insert({ ...order, authorizations: [proven] })
      const vetted = await orderFor(order.accountId, {
        validationType: 'ov',
        authorizations: [{ ...valid('o.example', plus(T0, DAY)), challenges: [] }],
      })
      await orders.insert(vetted)
      const find = (account: AccountId, names: string[], at: Instant) =>
        orders.validAuthorizations(account, names, at)
      expect(await find(order.accountId, ['a.example'], plus(T0, 10 * DAY))).toEqual([])
      expect(await find(await subject.newAccount(), ['a.example'], T0)).toEqual([])
      expect(await find(order.accountId, ['o.example'], T0)).toEqual([])
      expect(await find(order.accountId, [], T0)).toEqual([])
    })
  })
}
