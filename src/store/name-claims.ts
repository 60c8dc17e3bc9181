import { type Kysely, sql } from 'kysely'
import { nameAndAbove } from '../domain/zones/owner-name.ts'
import type { Database } from './schema.ts'

/** Keys of the advisory locks that serialise claims on one base name; any constant that no other lock of ours uses. */
const CLAIM_LOCK_CLASS = 0x6e616d65
/** Held by all who claim names of enrollments, and alone by who makes a zone. */
const ZONE_LOCK = 0x7a6f6e65

/**
 * A name and the wildcard that covers it are one claim: else an account could take the traffic of another's wildcard with an exact name.
 * `a.example.com` and `*.example.com` therefore share the base `example.com`.
 */
export const baseOf = (name: string): string => name.slice(name.indexOf('.') + 1)

/** Until the transaction ends nobody else claims names of these bases, or makes a zone. */
export async function lockNames(db: Kysely<Database>, names: readonly string[]): Promise<void> {
  await sql`select pg_advisory_xact_lock_shared(${ZONE_LOCK})`.execute(db)
  // In the order of the keys, so that two claims on several bases never wait for each other.
  await sql`
    select pg_advisory_xact_lock(${CLAIM_LOCK_CLASS}, key)
    from (select distinct hashtext(base) as key from unnest(${names.map(baseOf)}::text[]) as base order by key) as keys`.execute(
    db,
  )
}

/** Until the transaction ends nobody else makes a zone or claims names. */
export async function lockAllNames(db: Kysely<Database>): Promise<void> {
  await sql`select pg_advisory_xact_lock(${ZONE_LOCK})`.execute(db)
}

/** The first of these names that another account's enrollment or zone holds; null: none. */
export async function foreignClaim(
  db: Kysely<Database>,
  account: string,
  names: readonly string[],
): Promise<string | null> {
  const rivals = await db
    .selectFrom('enrollment_names')
    .select('name')
    .where('base_name', 'in', names.map(baseOf))
    .where('account_id', '!=', account)
    .execute()
  const taken = new Set(rivals.map((row) => row.name))
  const zones = await foreignZones(db, account, names)
  return names.find((name) => overlapsAny(name, taken) || zones.some((zone) => reaches(name, zone))) ?? null
}

export function overlapsAny(name: string, taken: ReadonlySet<string>): boolean {
  if (taken.has(name) || taken.has(`*.${baseOf(name)}`)) return true
  return name.startsWith('*.') && [...taken].some((other) => baseOf(other) === baseOf(name))
}

/** Those of other accounts that a name lies in, or that a wildcard reaches over. */
async function foreignZones(
  db: Kysely<Database>,
  account: string,
  names: readonly string[],
): Promise<readonly string[]> {
  const above = [...new Set(names.flatMap((name) => nameAndAbove(bare(name))))]
  const wildcards = names.filter((name) => name.startsWith('*.')).map(baseOf)
  const { rows } = await sql<{ name: string }>`
    select name from dns_zones where account_id <> ${account}
    and (name = any(${above}::text[]) or substr(name, strpos(name, '.') + 1) = any(${wildcards}::text[]))`.execute(
    db,
  )
  return rows.map((row) => row.name)
}

const reaches = (name: string, zone: string): boolean =>
  nameAndAbove(bare(name)).includes(zone) || (name.startsWith('*.') && baseOf(zone) === baseOf(name))

const bare = (name: string): string => name.replace(/^\*\./, '')

/** Whether another account has a zone above, below or at `zone`, or an enrollment for a name in it or a wildcard over it. */
export async function isForeignGround(db: Kysely<Database>, account: string, zone: string): Promise<boolean> {
  const below = belowInReverse(zone)
  const { rows } = await sql<{ found: boolean }>`
    select exists (
      select from dns_zones where account_id <> ${account}
      and (name = any(${[...nameAndAbove(zone)]}::text[]) or reverse(name) like ${below})
    ) or exists (
      select from enrollment_names where account_id <> ${account}
      and (name in (${zone}, ${`*.${baseOf(zone)}`}) or reverse(name) like ${below})
    ) as found`.execute(db)
  return rows[0]?.found === true
}

/** A pattern for the reverse of every name below this one: `moc.elpmaxe.%`. */
export const belowInReverse = (name: string): string =>
  `${[...`.${name}`]
    .toReversed()
    .join('')
    .replace(/[\\%_]/g, '\\$&')}%`
