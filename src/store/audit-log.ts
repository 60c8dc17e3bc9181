import { createHash } from 'node:crypto'
import { type Kysely, type Selectable, sql } from 'kysely'
import { type AuditContent, type AuditEntry, contentText, NO_HASH } from '../domain/audit/audit-entry.ts'
import { canonicalJson } from '../domain/audit/canonical-json.ts'
import { accountId } from '../domain/identifiers.ts'
import { type Instant, instant, SECOND } from '../domain/time.ts'
import type { AuditDraft, AuditLog } from '../ports/audit-log.ts'
import type { Database } from './schema.ts'

export function createAuditLog(db: Kysely<Database>): AuditLog {
  return {
    async append(draft) {
      const content = contentOf(draft)
      const text = contentText(content)
      // One statement: the head's row lock orders the appends, and an update that waited for it goes on from what the other wrote.
      const { rows } = await sql<{ id: number; previous_hash: string; hash: string }>`
        with head as (
          insert into audit_heads as h (account_id, id, previous_hash, hash)
          values (${content.accountId}, 1, ${NO_HASH}, ${sha256(NO_HASH + text)})
          on conflict (account_id) do update set id = h.id + 1, previous_hash = h.hash,
            hash = encode(sha256(convert_to(h.hash || ${text}, 'UTF8')), 'hex')
          returning id, previous_hash, hash)
        insert into audit_log (account_id, id, real_at, lifecycle_at, actor, source, action, object, digest_before, digest_after, detail,
          previous_hash, hash)
        select ${content.accountId}, id, ${content.realAt}::bigint, ${content.lifecycleAt}::bigint, ${content.actor}, ${content.source},
          ${content.action}, ${content.object}, ${content.digestBefore}, ${content.digestAfter}, ${JSON.stringify(content.detail)}::jsonb,
          previous_hash, hash from head
        returning id, previous_hash, hash`.execute(db)
      const [row] = rows
      if (row === undefined) throw new Error('the audit log took no entry')
      return { ...content, id: row.id, previousHash: row.previous_hash, hash: row.hash }
    },
    async after(account, id, limit) {
      const rows = await db
        .selectFrom('audit_log')
        .selectAll()
        .where('account_id', '=', account)
        .where('id', '>', id)
        .orderBy('id')
        .limit(limit)
        .execute()
      return rows.map(toEntry)
    },
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

const digestOf = (object: object | null): string | null =>
  object === null ? null : sha256(canonicalJson(object))

function contentOf(draft: AuditDraft): AuditContent {
  const digests = Object.entries(draft.digested).map(
    ([name, text]) => [`${name}Sha256`, sha256(text)] as const,
  )
  return {
    realAt: wholeSeconds(draft.realAt),
    lifecycleAt: wholeSeconds(draft.lifecycleAt),
    accountId: draft.accountId,
    actor: storable(draft.actor),
    source: draft.source,
    action: draft.action,
    object: storable(draft.object),
    digestBefore: digestOf(draft.before),
    digestAfter: digestOf(draft.after),
    detail: storable({ ...draft.detail, ...Object.fromEntries(digests) }),
  }
}

const wholeSeconds = (at: Instant): Instant => instant(Math.floor(at / SECOND) * SECOND)

/** Without what PostgreSQL cannot hold in a text (NUL, halves of surrogate pairs), so that hash and row speak of the same. */
const storable = <T>(value: T): T =>
  JSON.parse(JSON.stringify(value), (_name, member: unknown) =>
    typeof member === 'string' ? member.replaceAll(/[\0\p{Surrogate}]/gu, '') : member,
  ) as T

const toEntry = (row: Selectable<Database['audit_log']>): AuditEntry => ({
  id: row.id,
  realAt: row.real_at as Instant,
  lifecycleAt: row.lifecycle_at as Instant,
  accountId: accountId(row.account_id),
  actor: row.actor,
  source: row.source,
  action: row.action,
  object: row.object,
  digestBefore: row.digest_before,
  digestAfter: row.digest_after,
  detail: row.detail as Record<string, unknown>,
  previousHash: row.previous_hash,
  hash: row.hash,
})
