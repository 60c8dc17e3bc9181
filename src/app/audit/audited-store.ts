import type { Repositories, Store } from '../../ports/store.ts'
import { METHOD_KINDS } from './repository-methods.ts'
import { clientDocument, emptyNotes, type Notes, type Trail } from './trail.ts'

/**
 * A store for one call of one use case: each of its transactions ends with its entry in the audit log, and a write outside of one becomes a
 * transaction with an entry. So what is stored and what the log says of it are committed together or not at all.
 */
export function auditedStore(store: Store, trail: Trail, onWritten: () => void): Store {
  async function transaction<T>(work: (tx: Repositories) => Promise<T>): Promise<T> {
    const value = await store.transaction(async (tx) => {
      const close = await trail.open(tx)
      const notes = emptyNotes()
      const result = await work(noting(tx, notes))
      await close(notes)
      return result
    })
    onWritten()
    return value
  }
  return { ...store, transaction, read: committing(store.read, transaction) }
}

type Method = (...args: unknown[]) => Promise<unknown>
type Methods = Readonly<Record<string, Method>>

/** Leaves a transaction in which a compare-and-swap wrote nothing. */
class NothingWritten extends Error {}

function committing(
  read: Repositories,
  transaction: <T>(work: (tx: Repositories) => Promise<T>) => Promise<T>,
): Repositories {
  const inTransaction =
    (repository: string, method: string): Method =>
    async (...args) => {
      try {
        return await transaction(async (tx) => {
          const written = await (tx as unknown as Readonly<Record<string, Methods>>)[repository]?.[method]?.(
            ...args,
          )
          if (written === false) throw new NothingWritten()
          return written
        })
      } catch (error) {
        if (error instanceof NothingWritten) return false
        throw error
      }
    }
  const replaced = Object.entries(read).map(([repository, own]) => {
    const kinds: unknown = METHOD_KINDS[repository as keyof Repositories]
    if (typeof kinds === 'string') return [repository, own]
    const writers = Object.entries(kinds as Readonly<Record<string, string>>)
      .filter(([, kind]) => kind === 'writes')
      .map(([method]) => [method, inTransaction(repository, method)])
    return [repository, { ...(own as object), ...Object.fromEntries(writers) }]
  })
  return Object.fromEntries(replaced) as Repositories
}

/** Looks over the shoulder of a transaction: what it makes has no name before. */
function noting(tx: Repositories, notes: Notes): Repositories {
  return {
    ...tx,
    enrollments: {
      ...tx.enrollments,
      async insert(enrollment, ...rest) {
        await tx.enrollments.insert(enrollment, ...rest)
        notes.subject = { kind: 'enrollment', id: enrollment.id }
      },
    },
    changes: {
      ...tx.changes,
      async insert(change, ...rest) {
        await tx.changes.insert(change, ...rest)
        notes.detail = { ...notes.detail, startedChange: change.id, changeAction: change.action }
      },
    },
    trustChainSets: {
      ...tx.trustChainSets,
      async insert(set, ...rest) {
        const isNew = await tx.trustChainSets.insert(set, ...rest)
        notes.subject = { kind: 'trust-chain-set', id: set.id }
        return isNew
      },
    },
    accounts: {
      ...tx.accounts,
      async insert(account, ...rest) {
        if (!(await tx.accounts.insert(account, ...rest))) return false
        const document = { id: account.id, name: account.name }
        notes.made = { action: 'create-account', object: `accounts/${account.id}`, document }
        return true
      },
      async insertContract(id, accountId, ...rest) {
        if (!(await tx.accounts.insertContract(id, accountId, ...rest))) return false
        notes.made = { action: 'create-contract', object: `contracts/${id}`, document: { id, accountId } }
        return true
      },
    },
    clients: {
      ...tx.clients,
      async insert(client) {
        await tx.clients.insert(client)
        const { id, accountId } = client
        notes.made = {
          action: 'create-client',
          object: `accounts/${accountId}/clients/${id}`,
          document: clientDocument({ client, credentials: [] }),
        }
      },
    },
  }
}
