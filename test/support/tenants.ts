import { randomUUID } from 'node:crypto'
import { appendFile, readFile } from 'node:fs/promises'
import { request } from 'node:https'
import { join } from 'node:path'
import { parse } from 'ini'
import type pg from 'pg'
import { instant } from '../../src/domain/time.ts'
import { edgegridTimestamp, signRequest } from '../../src/edgegrid/sign.ts'
import type { Instance } from './instance.ts'
import { createTestClient, type TestClient } from './test-client.ts'

export type Role = 'admin' | 'operator' | 'read-only'

export interface TestTenant {
  readonly accountId: string
  readonly contract: string
  readonly switchKey: string
  readonly clients: Readonly<Record<Role, TestClient>>
  /** Of the administrator. */
  readonly clientId: string
  readonly clientToken: string
  close(): void
}

/** An account with a contract and a client of each role, made as the operator of an installation makes them. */
export async function makeTenant({ client, home }: Instance, name: string): Promise<TestTenant> {
  const post = async (path: string, body: object) => {
    const answer = await client.call('POST', path, { body })
    if (answer.status !== 201) throw new Error(answer.text)
    return answer.body
  }
  const account = await post('/certrail/v1/accounts', { name, switchKey: `1-${name}:1-8BYUX` })
  const path = `/certrail/v1/accounts/${account.id}`
  const contract = await post(`${path}/contracts`, { id: `C-${name}` })
  const roles = ['admin', 'operator', 'read-only'] as const
  const made = await Promise.all(
    roles.map(async (role) => {
      const section = `${name}-${role}`
      return post(`${path}/clients`, { role, name: section, section })
    }),
  )
  await appendFile(join(home, 'edgerc'), `\n${made.map(({ edgerc }) => edgerc).join('\n')}`)
  const clients = await Promise.all(roles.map((role) => createTestClient(home, `${name}-${role}`)))
  const byRole = Object.fromEntries(roles.map((role, index) => [role, clients[index]]))
  return {
    accountId: account.id,
    contract: contract.id,
    switchKey: account.switchKey,
    clients: byRole as TestTenant['clients'],
    clientId: made[0].id,
    clientToken: made[0].clientToken,
    close: () => {
      for (const each of clients) each.close()
    },
  }
}

/** What changes without anybody asking: spent nonces, counted calls, heartbeats. */
const VOLATILE_TABLES = [
  'nonces',
  'nonce_epoch',
  'rate_counts',
  'edge_listeners',
  'id_counters',
  // What the watch saw of live deployments, whenever it came by.
  'served_looks',
  'name_standings',
  'staples',
]
const VOLATILE_COLUMNS = ['real_last_used_at', 'wakeups', 'names_look_at']

/** Every row of every table, as text, but for what is volatile. */
export async function wholeDatabase(pool: pg.Pool): Promise<ReadonlyMap<string, readonly string[]>> {
  const { rows: tables } = await pool.query<{ name: string }>(
    `select table_name as name from information_schema.tables
     where table_schema = 'public' and table_type = 'BASE TABLE' order by table_name`,
  )
  const kept = tables.map(({ name }) => name).filter((name) => !VOLATILE_TABLES.includes(name))
  const contents = new Map<string, readonly string[]>()
  for (const name of kept) {
    const { rows } = await pool.query<{ row: string }>(
      `select (to_jsonb(t) - $1::text[])::text as row from ${name} t order by 1`,
      [VOLATILE_COLUMNS],
    )
    contents.set(
      name,
      rows.map(({ row }) => row),
    )
  }
  return contents
}

/** What is left when the rows that name an account are taken away. */
export const withoutRowsOf = (
  contents: ReadonlyMap<string, readonly string[]>,
  accountId: string,
): ReadonlyMap<string, readonly string[]> =>
  new Map([...contents].map(([name, rows]) => [name, rows.filter((row) => !row.includes(accountId))]))

/** The first `count` events of an account since its beginning, as a client of it hears them. */
export async function firstEvents(
  home: string,
  section: string,
  count: number,
): Promise<readonly { readonly enrollmentId: number }[]> {
  const [edgerc, ca] = await Promise.all([
    readFile(join(home, 'edgerc'), 'utf8'),
    readFile(join(home, 'root.pem')),
  ])
  const entry = parse(edgerc)[section] as Record<string, string>
  const [host, path] = [entry['host'] ?? '', '/certrail/v1/events']
  const authorization = signRequest({
    method: 'GET',
    url: `https://${host}${path}`,
    host,
    body: null,
    credential: {
      clientToken: entry['client_token'] ?? '',
      clientSecret: entry['client_secret'] ?? '',
      accessToken: entry['access_token'] ?? '',
    },
    timestamp: edgegridTimestamp(instant(Date.now())),
    nonce: randomUUID(),
  })
  return new Promise((resolve, reject) => {
    let text = ''
    const headers = { host, authorization, 'last-event-id': '0' }
    const sent = request(`https://${host}${path}`, { ca, headers }, (response) => {
      response.on('error', () => {})
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString()
        const lines = text.split('\n').filter((line) => line.startsWith('data:') && line.endsWith('}'))
        if (lines.length < count) return
        sent.destroy()
        resolve(lines.map((line) => JSON.parse(line.slice(5)) as { enrollmentId: number }))
      })
    })
    sent.on('error', reject)
    sent.end()
  })
}
