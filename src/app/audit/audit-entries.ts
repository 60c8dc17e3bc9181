import { Problem } from '../../errors/problem.ts'
import type { Dependencies } from '../dependencies.ts'
import type { AuditEntryView, Caller } from '../views.ts'

const LARGEST_PAGE = 1_000

/** Own API: the log of the caller's account, oldest first, for its administrators. */
export async function auditEntries(
  { store }: Dependencies,
  caller: Caller,
  afterId: number,
  limit: number,
): Promise<readonly AuditEntryView[]> {
  if (caller.role !== 'admin') {
    throw new Problem('forbidden', { detail: 'Only administrators of the account read its audit log.' })
  }
  return store.read.audit.after(caller.accountId, afterId, Math.max(0, Math.min(limit, LARGEST_PAGE)))
}
