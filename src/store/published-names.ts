import { type Kysely, sql } from 'kysely'
import type { PublishedNames, PublishedTlsChallenges } from '../ports/published-names.ts'
import type { StoredChallenge } from '../ports/validations.ts'
import { baseOf, belowInReverse } from './name-claims.ts'
import type { Database } from './schema.ts'

const CHALLENGE_LABEL = '_acme-challenge.'

/**
 * Nobody asks for the tokens of authorizations that are lost any more, and their values would stand beside the new ones until the change has ended: a reply that
 * outgrows 512 octets is none for a resolver that knows neither EDNS nor TCP.
 */
const IS_NEWEST = sql<boolean>`not exists (
  select from name_validations newer where newer.change_id = name_validations.change_id
  and newer.domain = name_validations.domain and newer.generation > name_validations.generation)`

/**
 * What our own HTTP port and DNS responder answer: challenges that are published at this moment, and addresses of enrolled names. `dnsValue` is what a
 * key authorization looks like in a TXT record: the same function by which looks judge one.
 */
export function createPublishedNames(
  db: Kysely<Database>,
  dnsValue: (keyAuthorization: string) => string,
): PublishedNames & PublishedTlsChallenges {
  const challengesAt = async (name: string): Promise<readonly StoredChallenge[]> => {
    const rows = await db
      .selectFrom('name_validations')
      .select('challenges')
      .where('base_name', '=', name)
      .where(sql<boolean>`published`)
      .where(IS_NEWEST)
      .execute()
    return rows.flatMap((row) => row.challenges as StoredChallenge[])
  }
  const challengesWith = async (token: string): Promise<readonly StoredChallenge[]> => {
    const holds = JSON.stringify([{ type: 'http-01', token }])
    const rows = await db
      .selectFrom('name_validations')
      .select('challenges')
      .where(sql<boolean>`challenges @> ${holds}::jsonb`)
      .where(sql<boolean>`published`)
      .where(IS_NEWEST)
      .limit(1)
      .execute()
    return rows.flatMap((row) => row.challenges as StoredChallenge[])
  }
  return {
    async httpChallenge(host, token) {
      const challenges = await (host === null ? challengesWith(token) : challengesAt(host))
      return (
        challenges.find((each) => each.type === 'http-01' && each.token === token)?.keyAuthorization ?? null
      )
    },
    async tlsChallenge(name) {
      const row = await db
        .selectFrom('name_validations')
        .select('challenges')
        .where('domain', '=', name)
        .where('base_name', '=', name)
        .where(sql<boolean>`published`)
        .where(sql<boolean>`challenges @> '[{"type": "tls-alpn-01"}]'`)
        .orderBy('requested_at', 'desc')
        .orderBy('generation', 'desc')
        .limit(1)
        .executeTakeFirst()
      const challenges = (row?.challenges ?? []) as StoredChallenge[]
      return challenges.find(({ type }) => type === 'tls-alpn-01')?.keyAuthorization ?? null
    },
    async textRecords(ownerName) {
      if (!ownerName.startsWith(CHALLENGE_LABEL)) return []
      const challenges = await challengesAt(ownerName.slice(CHALLENGE_LABEL.length))
      return challenges
        .filter(({ type }) => type === 'dns-01')
        .map(({ keyAuthorization }) => dnsValue(keyAuthorization))
    },
    async isAboveEnrolled(name) {
      const below = belowInReverse(name)
      const { rows } = await sql<{ found: boolean }>`
        select exists (select from enrollment_names where reverse(name) like ${below}) as found`.execute(db)
      return rows[0]?.found === true
    },
    async enrolledAmong(names) {
      if (names.length === 0) return new Set()
      const forms = new Map(names.map((name) => [name, [name, `*.${baseOf(name)}`, `*.${name}`]]))
      const rows = await db
        .selectFrom('enrollment_names')
        .select('name')
        .where('name', '=', sql<string>`any(${[...forms.values()].flat()}::text[])`)
        .execute()
      const asked = new Set(rows.map((row) => row.name))
      return new Set(names.filter((name) => forms.get(name)?.some((form) => asked.has(form))))
    },
  }
}
