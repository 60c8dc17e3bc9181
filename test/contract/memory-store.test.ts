import { expect, it } from 'vitest'
import { contractId } from '../../src/domain/identifiers.ts'
import { sideBySide } from '../support/simulation/side-by-side.ts'
import { simulate } from '../support/simulation/simulation.ts'
import { ACCOUNT, BEGINS } from '../support/simulation/world.ts'
import { openStore } from '../support/store-under-test.ts'

const LIVES = process.env['CERTRAIL_TEST_LONG'] === '1' ? 100 : 2
const FIRST = 1

/** The store in memory is worth as much as it answers what PostgreSQL's answers: both live the same lives, and every call is compared. */
it(
  'the store in memory answers every call of a seeded life as the one over PostgreSQL does',
  async () => {
    for (let life = 0; life < LIVES; life += 1) {
      const under = await openStore()
      const faults: (string | null)[] = []
      try {
        await under.store.read.accounts.insert({ id: ACCOUNT, name: ACCOUNT, switchKey: null }, BEGINS)
        await under.store.read.accounts.insertContract(contractId('1-SANDBOX'), ACCOUNT, BEGINS)
        await simulate({
          seed: FIRST + life,
          enrollments: 2,
          days: 60,
          storeOver: (memory) => sideBySide(memory, under.store, (fault) => faults.push(fault)),
        })
      } finally {
        await under.close()
      }
      expect(faults.filter((fault) => fault !== null)).toEqual([])
      expect(faults.length).toBeGreaterThan(200)
    }
  },
  LIVES * 300_000,
)
