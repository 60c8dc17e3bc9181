// A process that begins one renewal and stops dead where it holds the order for it, to be killed there. Arguments: address of the database, `within` or `after` the transaction, the engine as JSON.
// Speaks in one line, written synchronously.
import { writeSync } from 'node:fs'
import { prepare, runScript } from '../../scripts/lib/prepare.mjs'
import { renewalEngine } from '../support/renewal-engine.mjs'

const [connectionString, place, engine] = process.argv.slice(2)

const holding = async () => {
  writeSync(1, 'holding\n')
  await new Promise(() => {})
}

function stoppingIn(store) {
  const transaction = async (work) => {
    const outcome = await store.transaction((tx) =>
      work(place === 'within' ? { ...tx, orderBudgets: holdingBudgets(tx.orderBudgets) } : tx),
    )
    if (outcome === 'begun') await holding()
    return outcome
  }
  return { ...store, transaction }
}

const holdingBudgets = (budgets) => ({
  ...budgets,
  async save(...values) {
    await budgets.save(...values)
    await holding()
  },
})

await runScript(async ({ stop }) => {
  await prepare({ stop, say: () => {} })
  const [{ createDatabase, createPool }, { createStore }, { beginDueRenewals }, { createLog }] =
    await Promise.all(
      ['store/database.js', 'store/store.js', 'app/renewals.js', 'observe/log.js'].map(
        (file) => import(`../../dist/${file}`),
      ),
    )
  const pool = createPool({ connectionString, connections: 2, log: createLog('silent') })
  const store = stoppingIn(createStore(createDatabase(pool), { origin: 'doomed' }))
  await beginDueRenewals(renewalEngine(store, JSON.parse(engine)))
  return 0
})
