import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AuthorityRecord, AuthorityRecords } from '../../src/authority/local/records.ts'

export interface AuthorityRecordsUnderTest {
  readonly records: AuthorityRecords
  close(): Promise<void>
}

const record = (text: string): AuthorityRecord => ({
  certificatePem: text,
  sealedKey: new Uint8Array(Buffer.from(`key of ${text}`)),
})

const same = (found: AuthorityRecord | null, expected: AuthorityRecord): boolean =>
  found?.certificatePem === expected.certificatePem &&
  Buffer.compare(found.sealedKey, expected.sealedKey) === 0

/** What every implementation of `AuthorityRecords` keeps. `setUp` gives an empty one. */
export function authorityRecordsContract(
  name: string,
  setUp: () => Promise<AuthorityRecordsUnderTest>,
): void {
  describe(`authority records: ${name}`, () => {
    let subject: AuthorityRecordsUnderTest
    beforeEach(async () => {
      subject = await setUp()
    })
    afterEach(() => subject.close())

    it('knows nothing at first', async () => {
      expect(await subject.records.load('sandbox-root')).toBeNull()
    })

    it('gives back what was inserted, octet for octet', async () => {
      const first = record('one')
      expect(same(await subject.records.insertIfAbsent('sandbox-root', first), first)).toBe(true)
      expect(same(await subject.records.load('sandbox-root'), first)).toBe(true)
    })

    it('keeps an account key, which has no certificate', async () => {
      await subject.records.insertIfAbsent('account:acc_1', record(''))
      expect(same(await subject.records.load('account:acc_1'), record(''))).toBe(true)
    })

    it('never replaces a record: the second one gets the first', async () => {
      await subject.records.insertIfAbsent('sandbox-root', record('one'))
      expect(same(await subject.records.insertIfAbsent('sandbox-root', record('two')), record('one'))).toBe(
        true,
      )
      expect(await subject.records.load('sandbox-intermediate')).toBeNull()
    })

    it('lets one of many win who come at once, and tells all of them which', async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 8 }, (_, n) => subject.records.insertIfAbsent('sandbox-root', record(`${n}`))),
      )
      const standing = (await subject.records.load('sandbox-root')) as AuthorityRecord
      expect(outcomes.every((outcome) => same(outcome, standing))).toBe(true)
    })
  })
}
