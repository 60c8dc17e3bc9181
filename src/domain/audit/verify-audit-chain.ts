import { type AuditLine, lineText, NO_HASH } from './audit-entry.ts'

/** SHA-256 of the text's UTF-8, lower-case hex. */
export type Sha256 = (text: string) => string

/** An entry that is known to be good; the next one has to follow it. */
export interface ChainPosition {
  readonly id: number
  readonly hash: string
}

export const CHAIN_START: ChainPosition = { id: 0, hash: NO_HASH }

export type ChainVerdict =
  | { readonly ok: true; readonly entries: number; readonly end: ChainPosition }
  | { readonly ok: false; readonly firstAltered: number; readonly reason: string }

/**
 * Whether `entries`, in the order of the log, are an unbroken continuation of `after`. A log is judged page by page: the `end` of one is the `after`
 * of the next. A log that was rewritten from some entry to its end, hashes and all, is a chain too; only a position kept elsewhere tells (docs/adr/0007-audit-log.md).
 */
export function verifyAuditChain(
  entries: readonly AuditLine[],
  sha256: Sha256,
  after: ChainPosition = CHAIN_START,
): ChainVerdict {
  let end = after
  for (const entry of entries) {
    const reason = fault(entry, end, sha256)
    if (reason !== null) return { ok: false, firstAltered: entry.id, reason }
    end = { id: entry.id, hash: entry.hash }
  }
  return { ok: true, entries: entries.length, end }
}

function fault(entry: AuditLine, before: ChainPosition, sha256: Sha256): string | null {
  const due = before.id + 1
  if (entry.id !== due) return `Entry ${due} should stand here: it is missing, or entries change places.`
  // Lines come from outside: a previous hash may be anything.
  const { previousHash }: { readonly previousHash: unknown } = entry
  if (typeof previousHash !== 'string' || entry.hash !== sha256(previousHash + lineText(entry))) {
    return 'Its content does not give its hash.'
  }
  if (previousHash !== before.hash) {
    return before.id === 0
      ? 'It is not the first entry of a log.'
      : `It does not follow entry ${before.id} as that stands: one of the two was replaced.`
  }
  return null
}
