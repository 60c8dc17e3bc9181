import { runMigrations } from 'graphile-worker'
import type pg from 'pg'
import { migrate } from './migrate.ts'

/** Brings a database to what this version needs: our tables, then the queue's. Safe when several processes start at once. */
export async function prepareDatabase(pool: pg.Pool, migrationsDirectory: string): Promise<void> {
  await migrate(pool, migrationsDirectory)
  await runMigrations({ pgPool: pool })
}
