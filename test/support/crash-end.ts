import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'vitest'
import { type CrashFlow, effectsOf, NAME } from './crash-flows.ts'
import { locationOfChange, type Situation } from './crash-rig.ts'
import type { Instance } from './instance.ts'
import { servedFingerprint } from './third-party.ts'

const cps = (entity: string) => `application/vnd.akamai.cps.${entity}+json`
const REACHES_PRODUCTION = ['deploy-cert-to-production', 'complete']

const isIssuing = ({ action, cancelledAt }: CrashFlow): boolean =>
  cancelledAt === undefined && action !== 'network-only' && action !== 'removal'

/** As the database has fingerprints. */
const plain = (fingerprint: string | null): string | null =>
  fingerprint?.replaceAll(':', '').toLowerCase() ?? null

interface ChangeRow {
  readonly id: string
  readonly enrollment_id: string
  readonly status: string
  readonly state: string
  readonly effects: readonly string[]
}

const rowsOf = async <Row>({ database }: Situation, text: string, values: unknown[] = []) =>
  (await database.pool.query(text, values)).rows as Row[]

async function changeOf(situation: Situation): Promise<ChangeRow | undefined> {
  const text = 'select id, enrollment_id, status, state, effects from changes where id > $1'
  return (await rowsOf<ChangeRow>(situation, text, [situation.lastChange]))[0]
}

/** While no process runs: unless the change has come to production, production is wished to serve what it served. */
export async function expectProductionUntouched(situation: Situation, flow: CrashFlow): Promise<void> {
  const change = await changeOf(situation)
  // A push that is being put back may still be wished for; that the edges serve the former one is looked at after the start.
  if (flow.action === 'removal' || flow.fails !== undefined || change === undefined) return
  if (REACHES_PRODUCTION.includes(change.status)) return
  const wished = await rowsOf<{ fingerprint: string }>(
    situation,
    `select distinct c.fingerprint from network_names n join deployments d on d.id = n.deployment_id
     join certificates c on c.id = any (d.certificate_ids) where n.network = 'production'`,
  )
  expect(wished.map(({ fingerprint }) => fingerprint)).toEqual(
    situation.served === null ? [] : [plain(situation.served)],
  )
}

/** The end that every flow has, however often it was interrupted (design section 5: invariants 1, 3, 5, 6, 7). */
export async function expectTheEnd(
  situation: Situation,
  flow: CrashFlow,
  instance: Instance,
  outputs: readonly string[],
): Promise<void> {
  if (flow.live === null && flow.cancelledAt !== undefined) await letTheEnrollmentGo(situation, instance)
  const change = await settledChange(situation)
  await expectOneEnd(situation, flow, change)
  await expectKeys(situation, flow, change)
  await expectServed(situation, flow, instance, change)
  await expectAnswers(situation, flow, instance)
  await expectNoSecrets(situation, outputs)
}

async function letTheEnrollmentGo(situation: Situation, { client }: Instance): Promise<void> {
  const advanced = await client.call('POST', '/certrail/v1/clock/advance', { body: { by: 'PT6M' } })
  expect([
    advanced.status,
    await countOf(situation, 'select from enrollments where removed_at is null'),
  ]).toEqual([200, 0])
}

/** The last effects follow after the answer that told of the end. */
async function settledChange(situation: Situation): Promise<ChangeRow> {
  for (let look = 0; look < 400; look += 1) {
    const change = await changeOf(situation)
    if (change !== undefined && change.effects.length === 0) return change
    await pause(25)
  }
  throw new Error(`the change does not settle: ${JSON.stringify(await changeOf(situation))}`)
}

const countOf = async ({ database }: Situation, text: string, values: unknown[] = []): Promise<number> =>
  (await database.pool.query(text, values)).rowCount ?? 0

async function expectOneEnd(situation: Situation, flow: CrashFlow, change: ChangeRow): Promise<void> {
  const isCancelled = flow.cancelledAt !== undefined
  expect(change).toMatchObject({
    state: isCancelled ? 'cancelled' : 'completed',
    status: isCancelled ? flow.cancelledAt : 'complete',
  })
  expect(await countOf(situation, 'select from changes where id > $1', [situation.lastChange])).toBe(1)
  const open = `select from changes where state not in ('cancelled', 'completed')`
  expect(await countOf(situation, open)).toBe(0)
  const ends = isCancelled
    ? `select from change_events where change_id = $1 and event = 'cancelled'`
    : `select from change_events where change_id = $1 and event in ('production-deployed', 'slots-abandoned')`
  expect(await countOf(situation, ends, [change.id])).toBe(1)
  const orders = await rowsOf<{ abandoned: boolean }>(
    situation,
    'select abandoned from sandbox_orders where change_id = $1',
    [change.id],
  )
  const ordered = effectsOf(flow).some(
    ({ effect }) => effect === 'place-order' || effect === 'request-certificate',
  )
  expect(orders).toEqual(ordered ? [{ abandoned: isCancelled }] : [])
  const pending = `select from deployments where state = 'pending'`
  expect(await countOf(situation, pending)).toBe(0)
}

interface PairRow {
  readonly change_id: string
  readonly key_algorithm: string
  readonly sealed_private_key: Buffer | null
  readonly public_key: Buffer
  readonly certificate_pem: string | null
}

async function expectKeys(situation: Situation, flow: CrashFlow, change: ChangeRow): Promise<void> {
  const rows = await rowsOf<PairRow>(
    situation,
    `select p.change_id, p.key_algorithm, p.sealed_private_key, p.public_key, c.certificate_pem
     from key_pairs p left join certificates c on c.key_pair_id = p.id order by p.key_algorithm`,
  )
  const made = rows.filter(({ change_id }) => change_id === change.id)
  if (isIssuing(flow)) {
    expect(made.map((row) => row.key_algorithm)).toEqual([...flow.keyAlgorithms])
    for (const { certificate_pem, public_key } of made) {
      const held = new X509Certificate(certificate_pem ?? '').publicKey.export({
        type: 'spki',
        format: 'der',
      })
      expect(held.equals(public_key)).toBe(true)
    }
  }
  const destroyed = flow.action === 'removal' ? rows : flow.cancelledAt === undefined ? [] : made
  expect(destroyed.filter((row) => row.sealed_private_key !== null)).toEqual([])
  for (const { sealed_private_key: sealed } of rows)
    if (sealed !== null) expect(isReadableKey(sealed)).toBe(false)
}

function isReadableKey(stored: Buffer): boolean {
  if (stored.includes('PRIVATE')) return true
  return (['pkcs8', 'sec1', 'pkcs1'] as const).some((type) => {
    try {
      createPrivateKey({ key: stored, format: 'der', type })
      return true
    } catch {
      return false
    }
  })
}

async function expectServed(
  situation: Situation,
  flow: CrashFlow,
  { ready }: Instance,
  change: ChangeRow,
): Promise<void> {
  const brought = await rowsOf<{ fingerprint: string; key_algorithm: string }>(
    situation,
    'select fingerprint, key_algorithm from certificates where change_id = $1',
    [change.id],
  )
  const before = plain(situation.served)
  const seenBy = async (address: string, rsaOnly: boolean) =>
    plain(await servedFingerprint(address, NAME, rsaOnly))
  for (const address of [ready.staging, ready.production]) {
    if (isIssuing(flow)) {
      for (const { fingerprint, key_algorithm } of brought)
        expect(await seenBy(address, key_algorithm === 'RSA')).toBe(fingerprint)
    } else expect(await seenBy(address, false)).toBe(flow.action === 'removal' ? null : before)
  }
  expect(await countOf(situation, SERVED_UNPROVEN, [change.id])).toBe(0)
  if (flow.changeManagement && flow.cancelledAt === undefined)
    expect(await countOf(situation, UNRELEASED, [change.id])).toBe(0)
}

/** Invariant 3: in production and never before on staging. */
const SERVED_UNPROVEN = `
  select from handshakes p join certificates c on c.change_id = p.change_id and c.fingerprint = p.fingerprint
  where p.change_id = $1 and p.network = 'production' and not exists (
    select from handshakes s where s.change_id = p.change_id and s.network = 'staging' and s.fingerprint = p.fingerprint and s.id < p.id)`

/** Invariant 3: in production without an acknowledgement before. */
const UNRELEASED = `
  select from change_events d where d.change_id = $1 and d.event = 'production-deployed' and not exists (
    select from change_events a where a.change_id = d.change_id and a.event = 'acknowledged' and a.id < d.id)`

async function expectAnswers(situation: Situation, flow: CrashFlow, { client }: Instance): Promise<void> {
  const location = (await locationOfChange(situation)) ?? ''
  const enrollment = location.replace(/\/changes\/\d+$/, '')
  const shown = await client.call('GET', enrollment, { accept: cps('enrollment.v11') })
  if (flow.action === 'removal' || (flow.live === null && flow.cancelledAt !== undefined)) {
    expect([shown.status, shown.body.title]).toEqual([404, 'Not Found'])
    return
  }
  expect([shown.status, shown.body.pendingChanges]).toEqual([200, []])
  const deployed = await client.call('GET', `${enrollment}/deployments`, { accept: cps('deployments.v8') })
  const { staging, production } = deployed.body
  expect(staging.primaryCertificate.certificate).toBe(production.primaryCertificate.certificate)
}

/** Invariant 7, as far as this run has shown anything to anybody. */
async function expectNoSecrets({ home }: Situation, outputs: readonly string[]): Promise<void> {
  const edgerc = await readFile(join(home, 'edgerc'), 'utf8')
  const secret = /client_secret\s*=\s*(\S+)/.exec(edgerc)?.[1]
  if (secret === undefined) throw new Error('no client secret in edgerc')
  for (const output of outputs) {
    expect(output.includes('PRIVATE KEY')).toBe(false)
    expect(output.includes(secret)).toBe(false)
  }
  for (const entry of await readdir(home, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (!entry.isFile() || relative(home, path).startsWith(`keys${sep}`)) continue
    expect([path, (await readFile(path, 'latin1')).includes('PRIVATE KEY')]).toEqual([path, false])
  }
}
