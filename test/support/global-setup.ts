import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { migrate } from '../../src/store/migrate.ts'
import { startEmbeddedPostgres } from '../../src/store/postgres/launcher.ts'
import { administer, withDatabase } from './database.ts'

interface Server {
  readonly url: string
  close(): Promise<void>
}

/**
 * One server for the whole run: that of CERTRAIL_TEST_DATABASE_URL (whose role may create databases), or an embedded
 * one in a temporary home. On it a migrated template, which test files clone (database.ts).
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['CERTRAIL_TEST_DATABASE_URL']
  const server = given ? { url: given, close: async () => undefined } : await startOwn()
  try {
    const template = await makeTemplate(server.url)
    project.provide('database', { serverUrl: server.url, template })
    return async () => {
      await administer(server.url, `drop database if exists ${template}`)
      await server.close()
    }
  } catch (cause) {
    await server.close()
    throw cause
  }
}

async function startOwn(): Promise<Server> {
  const homeDirectory = await mkdtemp(join(tmpdir(), 'certrail-test-'))
  const lines: string[] = []
  const server = await startEmbeddedPostgres({
    homeDirectory,
    log: (line) => lines.push(line),
    onUnexpectedExit: (problem) => console.error(problem.message, lines.slice(-20).join('\n')),
  })
  return {
    url: server.connectionString(),
    async close() {
      await server.stop()
      await rm(homeDirectory, { recursive: true, force: true })
    },
  }
}

async function makeTemplate(serverUrl: string): Promise<string> {
  const name = `certrail_template_${randomBytes(8).toString('hex')}`
  await administer(
    serverUrl,
    `create database ${name} template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C'`,
  )
  const pool = new pg.Pool({ connectionString: withDatabase(serverUrl, name), max: 1 })
  try {
    await migrate(pool, join(import.meta.dirname, '../../migrations'))
  } finally {
    await pool.end()
  }
  // Nobody, autovacuum aside, can come in and block a clone.
  await administer(serverUrl, `alter database ${name} with allow_connections false`)
  return name
}
