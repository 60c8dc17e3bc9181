import { expect, it } from 'vitest'
import { METHOD_KINDS } from '../../src/app/audit/repository-methods.ts'
import { contractId } from '../../src/domain/identifiers.ts'
import type { Repositories } from '../../src/ports/store.ts'
import { askTheRest } from '../support/simulation/ask-the-rest.ts'
import { APART, sideBySide } from '../support/simulation/side-by-side.ts'
import { simulate } from '../support/simulation/simulation.ts'
import { ACCOUNT, BEGINS } from '../support/simulation/world.ts'
import { openStore } from '../support/store-under-test.ts'

const LIVES = process.env['CERTRAIL_TEST_LONG'] === '1' ? 100 : 2
const FIRST = 1

/** As `pins.put`: what the store in memory has of the port, whose methods METHOD_KINDS names one by one, or does not compile. */
function methodsIn(read: Repositories): readonly string[] {
  return Object.entries(METHOD_KINDS).flatMap(([name, kinds]) => {
    if (typeof kinds === 'string' || APART.includes(name)) return []
    const repository: object = Reflect.get(read, name)
    return Object.keys(kinds)
      .filter((method) => Object.hasOwn(repository, method))
      .map((method) => `${name}.${method}`)
  })
}

/** The store in memory is worth as much as it answers what PostgreSQL's answers: both live the same lives, and every call is compared. */
it(
  'the store in memory answers every call of a seeded life as the one over PostgreSQL does, and has no method that was never compared',
  async () => {
    const compared = new Set<string>()
    let methods: readonly string[] = []
    for (let life = 0; life < LIVES; life += 1) {
      const under = await openStore()
      const faults: (string | null)[] = []
      let atTheEnd = async () => {}
      try {
        await under.store.read.accounts.insert({ id: ACCOUNT, name: ACCOUNT, switchKey: null }, BEGINS)
        await under.store.read.accounts.insertContract(contractId('1-SANDBOX'), ACCOUNT, BEGINS)
        await simulate({
          seed: FIRST + life,
          enrollments: 2,
          days: 60,
          pins: true,
          storeOver: (memory) => {
            methods = methodsIn(memory.read)
            const both = sideBySide(memory, under.store, (fault, method) => {
              faults.push(fault)
              compared.add(method)
            })
            atTheEnd = () => askTheRest(both.read, memory)
            return both
          },
        })
        await atTheEnd()
      } finally {
        await under.close()
      }
      expect(faults.filter((fault) => fault !== null)).toEqual([])
      expect(faults.length).toBeGreaterThan(200)
    }
    expect(methods.length).toBeGreaterThan(80)
    expect(methods.filter((method) => !compared.has(method))).toEqual([])
  },
  LIVES * 300_000,
)
