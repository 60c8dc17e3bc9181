import type { AccountId } from '../identifiers.ts'
import { type Instant, toWireTime } from '../time.ts'
import { canonicalJson } from './canonical-json.ts'

/** What an entry of the audit log says. Times are whole seconds: what is hashed is what is shown. */
export interface AuditContent {
  readonly realAt: Instant
  readonly lifecycleAt: Instant
  readonly accountId: AccountId
  readonly actor: string
  readonly source: string
  readonly action: string
  readonly object: string
  readonly digestBefore: string | null
  readonly digestAfter: string | null
  readonly detail: Readonly<Record<string, unknown>>
}

export interface AuditEntry extends AuditContent {
  /** 1, 2, 3 … within the account. Not hashed: its place is proven by the chain, and a gap shows. */
  readonly id: number
  readonly previousHash: string
  /** SHA-256, lower-case hex, over `previousHash` followed by `contentText`. */
  readonly hash: string
}

/** An entry as JSON, as the API gives it and an export keeps it. Members that nobody knows count too. */
export interface AuditLine {
  readonly id: number
  readonly previousHash: string
  readonly hash: string
  readonly [member: string]: unknown
}

/** `previousHash` of an account's first entry. */
export const NO_HASH = '0'.repeat(64)

export const auditLine = ({ id, previousHash, hash, ...content }: AuditEntry): AuditLine => ({
  id,
  ...contentJson(content),
  previousHash,
  hash,
})

/** What the hash of an entry covers besides the hash before it. */
export const contentText = (content: AuditContent): string => canonicalJson(contentJson(content))

export function lineText({
  id: _id,
  previousHash: _previousHash,
  hash: _hash,
  ...content
}: AuditLine): string {
  return canonicalJson(content)
}

const contentJson = (content: AuditContent) => ({
  realAt: toWireTime(content.realAt),
  lifecycleAt: toWireTime(content.lifecycleAt),
  accountId: content.accountId,
  actor: content.actor,
  source: content.source,
  action: content.action,
  object: content.object,
  digestBefore: content.digestBefore,
  digestAfter: content.digestAfter,
  detail: content.detail,
})
