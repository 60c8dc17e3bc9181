import pg from 'pg'
import { createForwarder, type Forwarder } from './forwarder.ts'

export interface DatabaseWire extends Forwarder {
  /** Leads to the same database, through the forwarder. */
  readonly url: string
}

/** What lies between a process and its database, to be cut or to fall silent. */
export async function createDatabaseWire(databaseUrl: string): Promise<DatabaseWire> {
  const { host, port, user, password, database } = new pg.Client({ connectionString: databaseUrl })
  const wire = await createForwarder(
    host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port },
  )
  const credentials = [user ?? '', password ?? ''].map(encodeURIComponent).join(':')
  return { ...wire, url: `postgresql://${credentials}@${wire.address}/${database ?? ''}` }
}
